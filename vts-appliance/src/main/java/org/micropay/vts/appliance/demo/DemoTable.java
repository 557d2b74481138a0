package org.micropay.vts.appliance.demo;

import java.util.Locale;
import java.util.Map;

/** The report for people: 80 columns, one line for each thing that matters. */
public final class DemoTable {
  private static final int WIDTH = 80;
  private static final String RULE = "-".repeat(WIDTH);

  private final DemoReport report;
  private final StringBuilder text = new StringBuilder();

  private DemoTable(DemoReport report) {
    this.report = report;
  }

  /** The whole table, without a trailing line end. */
  public static String of(DemoReport report) {
    DemoTable table = new DemoTable(report);
    table.head();
    table.lottery();
    table.refusals();
    table.crash();
    table.satoshi();
    table.speed();
    table.verdict();
    return table.text.toString().stripTrailing();
  }

  private void head() {
    String left = "vts demo, " + report.chain();
    String right = "seed %d, %.1f s".formatted(report.seed(), report.durationSeconds());
    text.append(left).append(" ".repeat(Math.max(1, WIDTH - left.length() - right.length())));
    text.append(right).append('\n');
    rule();
  }

  private void lottery() {
    DemoReport.Payments p = report.payments();
    row(
        "tickets",
        p.tickets(),
        "%d buyers paid %d merchants, one chance in %d each"
            .formatted(p.buyers(), p.merchants(), p.odds()));
    row(
        "wins",
        p.wins(),
        "one in %.1f; %d escrows were registered"
            .formatted((double) p.tickets() / p.wins(), p.escrows()));
    row("grants", report.claims().granted(), "one claim per escrow, counter-signed");
    row(
        "double-spends",
        report.claims().doubleSpends(),
        "caught; both claims of each are kept as evidence");
  }

  private void refusals() {
    Map<String, Integer> refusals = report.claims().refusals();
    row("refusals", sum(refusals), "claims, by the reason that was given");
    codes(refusals);
    Map<String, Integer> registrations = report.claims().registrationRefusals();
    row("", sum(registrations), "registrations");
    codes(registrations);
  }

  private static int sum(Map<String, Integer> counts) {
    return counts.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** Two codes to a line. */
  private void codes(Map<String, Integer> counts) {
    boolean left = true;
    for (Map.Entry<String, Integer> entry : counts.entrySet()) {
      int count = entry.getValue();
      text.append(
          left
              ? "%22d  %-23s".formatted(count, entry.getKey())
              : "%5d  %s".formatted(count, entry.getKey()));
      if (!left) {
        text.append('\n');
      }
      left = !left;
    }
    if (!left) {
      while (text.charAt(text.length() - 1) == ' ') {
        text.setLength(text.length() - 1);
      }
      text.append('\n');
    }
  }

  private void crash() {
    DemoReport.Restart r = report.restart();
    row(
        "SIGKILL",
        1,
        "%,d claims answered, %,d on their way; back in %.1f s"
            .formatted(r.answered(), r.unanswered(), r.secondsDown()));
    row(
        "repeats",
        r.repeated(),
        r.identical() == r.repeated()
            ? "of decided claims: every answer the same bytes"
            : "of decided claims: %,d ANSWERS DIFFER".formatted(r.repeated() - r.identical()));
    DemoReport.Settled s = report.settlement();
    row(
        "batches",
        s.batches(),
        "mined, paying %,d claims at %.1f vB and %.0f sat each"
            .formatted(s.claims(), s.vbytesPerClaim(), s.feePerClaim()));
    rule();
  }

  private void satoshi() {
    ChainAccount.Sums a = report.account();
    text.append("satoshi").append(right("in", 36)).append(right("out", 30)).append('\n');
    pair("escrows", a.escrows(), "payouts", a.payouts());
    pair("fee wallet", a.wallet(), "change", a.change());
    text.append(right("", 43)).append("    %-12s%17s\n".formatted("fees", amount(a.fees())));
    pair("sum", a.escrows() + a.wallet(), "sum", a.payouts() + a.change() + a.fees());
    rule();
  }

  private void pair(String in, long satoshiIn, String out, long satoshiOut) {
    text.append(
        "  %-16s%25s    %-12s%17s%n"
            .formatted(in, amount(satoshiIn), out, amount(satoshiOut))
            .replace("\r\n", "\n"));
  }

  private void speed() {
    DemoReport.Speed s = report.speed();
    row(
        "claims/s",
        Math.round(s.claimsPerSecond()),
        "over %d connections at once, %s kernel".formatted(s.connections(), report.kernel()));
    StringBuilder percentiles = new StringBuilder();
    s.latencyMillis()
        .forEach(
            (name, millis) ->
                percentiles
                    .append(percentiles.isEmpty() ? "" : "  ")
                    .append(name)
                    .append(String.format(Locale.ROOT, " %.1f", millis)));
    line("latency", "ms", percentiles + "  at %d/s".formatted(s.plannedPerSecond()));
    rule();
  }

  private void verdict() {
    if (report.agrees()) {
      text.append("Every satoshi and every answer agrees with the chain and the journal.\n");
      return;
    }
    report.differences().forEach(line -> text.append("DIFFERS: ").append(line).append('\n'));
  }

  private void row(String name, long count, String what) {
    line(name, amount(count), what);
  }

  private void line(String name, String figure, String what) {
    text.append("%-14s%8s  %s\n".formatted(name, figure, what));
  }

  private void rule() {
    text.append(RULE).append('\n');
  }

  private static String amount(long satoshi) {
    return String.format(Locale.ROOT, "%,d", satoshi);
  }

  private static String right(String word, int width) {
    return " ".repeat(Math.max(0, width - word.length())) + word;
  }
}
