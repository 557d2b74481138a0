package org.micropay.vts.proxy;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.micropay.vts.merchant.MerchantConfig;
import org.micropay.vts.merchant.MerchantReport;
import org.micropay.vts.merchant.RevenueStatistics;
import org.micropay.vts.merchant.TicketRefusal;
import org.micropay.vts.ticket.Address;

/**
 * The revenue page: one HTML document without scripts or anything from elsewhere, light or dark as
 * the reader's system is.
 */
final class RevenuePage {
  /** Between the ends of a band, never at the end of a line. */
  private static final String TO = "\u00a0–\u00a0";

  private static final String TEMPLATE = template();
  private static final double MSAT = 1000;

  private final MerchantConfig config;
  private final MerchantReport report;
  private final RevenueHistory history;
  private final ProxyCounters counters;

  RevenuePage(
      MerchantConfig config,
      MerchantReport report,
      RevenueHistory history,
      ProxyCounters counters) {
    this.config = config;
    this.report = report;
    this.history = history;
    this.counters = counters;
  }

  private static String template() {
    try (InputStream in = RevenuePage.class.getResourceAsStream("revenue.html")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String html() {
    RevenueStatistics s = report.statistics();
    String address = Address.encode(config.network(), config.payoutScript());
    return TEMPLATE
        .replace("{{verdict-class}}", verdictClass(s.luck()))
        .replace("{{verdict}}", verdict(s))
        .replace("{{explanation}}", explanation(s))
        .replace("{{won}}", satoshi(s.wonMsat()))
        .replace("{{expected}}", satoshi(s.expectedMsat()))
        .replace("{{band}}", satoshi(s.lowMsat()) + TO + satoshi(s.highMsat()))
        .replace("{{granted}}", whole(report.claims().grantedSatoshi()))
        .replace("{{pending}}", whole(report.claims().pendingSatoshi()))
        .replace("{{lost}}", whole(report.claims().refusedSatoshi()))
        .replace("{{tickets}}", whole(s.tickets()))
        .replace("{{wins}}", whole(s.wins()))
        .replace("{{expected-wins}}", decimals(s.expectedWins()))
        .replace("{{wins-band}}", whole(s.winsLow()) + TO + whole(s.winsHigh()))
        .replace("{{history}}", RevenueCharts.history(history.points()))
        .replace("{{distribution}}", RevenueCharts.distribution(s))
        .replace("{{classes}}", classes(s.classes()))
        .replace("{{requests}}", rows(counters.outcomes()))
        .replace("{{refusals}}", rows(refusals()))
        .replace("{{answers}}", answers())
        .replace("{{problem}}", problem())
        .replace("{{kernel}}", Challenges.escape(report.kernel()))
        .replace("{{checked}}", whole(report.checked()))
        .replace(
            "{{per-batch}}",
            report.batches() == 0 ? "–" : decimals((double) report.checked() / report.batches()))
        .replace("{{network}}", config.network().id())
        .replace("{{address}}", address)
        .replace("{{vts}}", Challenges.escape(config.vts().toString()));
  }

  /** What kept tickets from being taken; a first challenge is no refusal. */
  private Map<String, Long> refusals() {
    Map<String, Long> refusals = counters.refusals();
    refusals.remove(TicketRefusal.PAYMENT_REQUIRED.name());
    return refusals;
  }

  private static String verdictClass(RevenueStatistics.Luck luck) {
    return switch (luck) {
      case TOO_EARLY -> "early";
      case PLAUSIBLE -> "good";
      case SUSPICIOUSLY_LOW, SUSPICIOUSLY_HIGH -> "bad";
    };
  }

  private static String verdict(RevenueStatistics s) {
    return switch (s.luck()) {
      case TOO_EARLY -> "Too early";
      case PLAUSIBLE -> "Plausible";
      case SUSPICIOUSLY_LOW -> "Too few wins for chance";
      case SUSPICIOUSLY_HIGH -> "Too many wins for chance";
    };
  }

  private static String explanation(RevenueStatistics s) {
    String few = percent(s.chanceOfSoFew());
    String many = percent(s.chanceOfSoMany());
    return switch (s.luck()) {
      case TOO_EARLY ->
          "Fewer than ten winners are expected so far; revenue is whatever chance gave.";
      case PLAUSIBLE ->
          "Of 100 merchants with these tickets, %s would have won so little or less, %s so much or more."
              .formatted(few, many);
      case SUSPICIOUSLY_LOW ->
          ("Only %s of merchants with these tickets would have won so little. Check that r1 is"
               + " secret: is the file asks.secret readable to others, or used by two merchants?")
              .formatted(few);
      case SUSPICIOUSLY_HIGH ->
          "Only %s of merchants with these tickets would have won so much.".formatted(many);
    };
  }

  private static String percent(double probability) {
    double p = 100 * probability;
    return p >= 1
        ? "%.0f %%".formatted(p)
        : p >= 0.01 ? String.format(Locale.ROOT, "%.2f %%", p) : "fewer than 0.01 %";
  }

  private static String classes(List<RevenueStatistics.ClassLine> lines) {
    StringBuilder rows = new StringBuilder();
    for (RevenueStatistics.ClassLine line : lines) {
      rows.append("<tr><td>1 in ")
          .append(whole(line.odds()))
          .append("</td><td>")
          .append(whole(line.payout()))
          .append("</td><td>")
          .append(satoshi(line.payout() * MSAT / line.odds()))
          .append("</td><td>")
          .append(whole(line.tickets()))
          .append("</td><td>")
          .append(whole(line.wins()))
          .append("</td><td>")
          .append(decimals(line.expectedWins()))
          .append("</td></tr>\n");
    }
    return rows.isEmpty() ? "<tr><td colspan=\"6\">No ticket yet</td></tr>" : rows.toString();
  }

  private String answers() {
    StringBuilder rows = new StringBuilder();
    report
        .claims()
        .answers()
        .forEach((code, count) -> row(rows, code.name().toLowerCase(Locale.ROOT), count));
    row(rows, "waiting for the VTS", (long) report.pendingClaims());
    return rows.toString();
  }

  private static String rows(Map<String, Long> values) {
    StringBuilder rows = new StringBuilder();
    values.forEach(
        (name, count) -> {
          if (count > 0) {
            row(rows, name.toLowerCase(Locale.ROOT), count);
          }
        });
    return rows.isEmpty() ? "<tr><td colspan=\"2\">None</td></tr>" : rows.toString();
  }

  private static void row(StringBuilder rows, String name, long count) {
    rows.append("<tr><td>")
        .append(Challenges.escape(name.replace('_', ' ')))
        .append("</td><td>")
        .append(whole(count))
        .append("</td></tr>\n");
  }

  private String problem() {
    String problem =
        report.storageFault().isEmpty() ? report.claimProblem() : report.storageFault();
    return problem.isEmpty() ? "" : "<p class=\"problem\">" + Challenges.escape(problem) + "</p>";
  }

  static String satoshi(double msat) {
    double satoshi = msat / MSAT;
    return satoshi >= 1000 || satoshi == Math.rint(satoshi)
        ? String.format(Locale.ROOT, "%,.0f", satoshi)
        : String.format(Locale.ROOT, "%,.2f", satoshi);
  }

  static String whole(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  static String decimals(double number) {
    return String.format(Locale.ROOT, "%,.1f", number);
  }
}
