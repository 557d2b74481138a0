package org.micropay.vts.appliance.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.micropay.vts.settlement.Scenario;

/** The scenarios for people: 80 columns, two lines for each, or more where much happened. */
public final class ScenarioTable {
  private static final int WIDTH = 80;
  private static final String RULE = "-".repeat(WIDTH);
  private static final String ROW = "%-23s%6s%6s%9s%13s%12s%11s";

  private final ScenarioReport report;
  private final StringBuilder text = new StringBuilder();

  private ScenarioTable(ScenarioReport report) {
    this.report = report;
  }

  /** The whole table, without a trailing line end. */
  public static String of(ScenarioReport report) {
    ScenarioTable table = new ScenarioTable(report);
    table.head();
    report.scenarios().forEach(table::scenario);
    table.sums();
    table.verdict();
    return table.text.toString().stripTrailing();
  }

  /** Names and stories. */
  public static String list(List<Scenario> scenarios) {
    StringBuilder text = new StringBuilder();
    for (Scenario scenario : scenarios) {
      text.append(scenario.name()).append("\n    ").append(scenario.story()).append('\n');
    }
    return text.toString().stripTrailing();
  }

  private void head() {
    String left = "vts demo, settlement scenarios, " + report.chain();
    String right = String.format(Locale.ROOT, "%.1f s", report.durationSeconds());
    line(left + " ".repeat(Math.max(1, WIDTH - left.length() - right.length())) + right);
    line(RULE);
    line(ROW.formatted("", "grants", "paid", "reported", "satoshi in =", "out", "+ fees"));
  }

  private void scenario(ScenarioReport.Played played) {
    row(played.name(), played.grants(), played.satoshi());
    if (played.holds()) {
      wrapped("  ok: ", happened(played));
    } else {
      wrapped("  FAILED: ", played.failure());
    }
  }

  private void row(String name, ScenarioReport.Grants grants, ScenarioReport.Satoshi satoshi) {
    line(
        ROW.formatted(
            name,
            number(grants.granted()),
            number(grants.paid()),
            number(grants.reported()),
            number(satoshi.in()),
            number(satoshi.out()),
            number(satoshi.fees())));
  }

  /** One line: what it took, and why claims are reported. */
  static String happened(ScenarioReport.Played played) {
    Scenario.Events events = played.events();
    List<String> parts = new ArrayList<>();
    parts.add(count(events.batches(), "batch", "batches"));
    add(parts, events.raised(), "raised");
    add(parts, events.dropped(), "dropped");
    add(parts, events.burns(), "burned");
    if (events.reorgDepth() > 0) {
      parts.add("reorg " + events.reorgDepth() + " deep");
    }
    add(parts, events.vtsKills(), events.vtsKills() == 1 ? "VTS kill" : "VTS kills");
    add(parts, events.nodeKills(), events.nodeKills() == 1 ? "node kill" : "node kills");
    List<String> reasons = new ArrayList<>();
    add(reasons, played.grants().paidElsewhere(), "paid by the merchant's own transaction");
    add(reasons, played.grants().lost(), "lost to the buyer's refund");
    add(reasons, played.grants().fundingLost(), "with double-spent funding");
    String what = String.join(", ", parts);
    return reasons.isEmpty() ? what : what + "; " + String.join(", ", reasons);
  }

  private static void add(List<String> parts, long count, String what) {
    if (count > 0) {
      parts.add(number(count) + " " + what);
    }
  }

  private static String count(long count, String one, String many) {
    return number(count) + " " + (count == 1 ? one : many);
  }

  private void sums() {
    line(RULE);
    row(
        count(report.scenarios().size(), "scenario", "scenarios"),
        report.scenarios().stream()
            .map(ScenarioReport.Played::grants)
            .reduce(new ScenarioReport.Grants(0, 0, 0, 0, 0), ScenarioReport.Grants::plus),
        report.scenarios().stream()
            .map(ScenarioReport.Played::satoshi)
            .reduce(ScenarioReport.Satoshi.ZERO, ScenarioReport.Satoshi::plus));
    line(RULE);
  }

  private void verdict() {
    if (report.holds()) {
      line("Each grant was paid exactly once or is reported with the reason. The books agree");
      line("with the blocks to the satoshi; a second run of everything changed nothing.");
      return;
    }
    long failed = report.scenarios().stream().filter(played -> !played.holds()).count();
    line("%d of %d scenarios FAILED.".formatted(failed, report.scenarios().size()));
  }

  private void line(String line) {
    text.append(line.stripTrailing()).append('\n');
  }

  /** Words behind a head, continued below its end; a word that is too long is cut. */
  private void wrapped(String head, String words) {
    StringBuilder line = new StringBuilder(head);
    for (String word : words.split("\\s+")) {
      if (line.length() > head.length() && line.length() + word.length() > WIDTH) {
        line(line.toString());
        line = new StringBuilder(" ".repeat(head.length()));
      }
      String rest = word;
      while (line.length() + rest.length() > WIDTH) {
        int room = WIDTH - line.length();
        line(line.append(rest, 0, room).toString());
        rest = rest.substring(room);
        line = new StringBuilder(" ".repeat(head.length()));
      }
      line.append(rest).append(' ');
    }
    line(line.toString());
  }

  private static String number(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }
}
