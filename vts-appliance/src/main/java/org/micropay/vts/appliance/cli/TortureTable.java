package org.micropay.vts.appliance.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.micropay.vts.simulation.SimulationReport;
import org.micropay.vts.simulation.TortureReport;

/** What {@code vts torture} did and found, as lines for people. */
final class TortureTable {
  private final List<String> lines = new ArrayList<>();

  private TortureTable() {}

  static List<String> lines(TortureReport report) {
    TortureTable table = new TortureTable();
    table.number("seed", report.seed());
    table.text("time (h:mm:ss)", time(report.seconds()));
    table.head("real processes and files");
    table.number("processes killed (SIGKILL)", report.kills());
    table.number("journals after a power loss", report.powerLossImages());
    table.bitFlips(report.bitFlips());
    table.systemCalls(report.systemCalls());
    table.head("simulated");
    table.simulated(report.simulated());
    table.head("result");
    table.number("claims acknowledged", report.acknowledged());
    table.number("lost", report.lost());
    table.number("escrows granted", report.grants());
    table.number("double grants", report.doubleGrants());
    table.number("damage detected", report.detections());
    table.number("findings", report.findings().size());
    return table.lines;
  }

  /** One history. */
  static List<String> history(long seed, SimulationReport report) {
    TortureTable table = new TortureTable();
    table.number("seed", seed);
    table.simulated(report);
    table.number("claims acknowledged", report.acknowledged());
    table.number("escrows granted", report.grants());
    table.number("settled on the chain", report.settled());
    table.text("trace", "%016x".formatted(report.traceHash()));
    return table.lines;
  }

  private static String time(double seconds) {
    long whole = Math.round(seconds);
    return "%d:%02d:%02d".formatted(whole / 3_600, whole / 60 % 60, whole % 60);
  }

  private void head(String name) {
    lines.add("");
    lines.add(name);
  }

  private void text(String name, String value) {
    lines.add("  %-32s %15s".formatted(name, value));
  }

  private void number(String name, long value) {
    text(name, "%,d".formatted(value));
  }

  private void bitFlips(TortureReport.BitFlips flips) {
    number("bits turned", flips.turned());
    if (flips.turned() > 0) {
      number("  refused by name", flips.named());
      number("  reported as a torn end", flips.atUnacknowledgedTail());
      long silent = flips.withoutEffect().values().stream().mapToLong(Long::longValue).sum();
      number("  where nothing is read", silent);
    }
  }

  private void systemCalls(TortureReport.SystemCalls calls) {
    number("system calls that failed", calls.faults());
    if (calls.points() > 0) {
      number("  of a whole sweep's", calls.points());
    }
    calls.outcomes().forEach((outcome, count) -> number("  " + outcome, count));
  }

  private void simulated(SimulationReport report) {
    number("histories, one seed each", report.seeds());
    if (report.seeds() == 0) {
      return;
    }
    number("claims made", report.claims());
    number("requests delivered", report.requests());
    for (Map.Entry<String, Long> fault : report.faults().entrySet()) {
      number("  " + fault.getKey().toLowerCase(Locale.ROOT), fault.getValue());
    }
    number("  bit flip refused by name", report.flipsDetected());
  }
}
