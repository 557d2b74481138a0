package org.micropay.vts.proxy;

import java.util.Locale;
import java.util.Map;
import org.micropay.vts.merchant.MerchantReport;

/** The proxy's and its merchant's numbers in Prometheus' text format. Any thread. */
final class ProxyMetrics {
  private final StringBuilder text = new StringBuilder();

  private ProxyMetrics() {}

  static String text(MerchantReport report, ProxyCounters counters) {
    ProxyMetrics metrics = new ProxyMetrics();
    metrics.labelled(
        "vts_proxy_requests_total",
        "counter",
        "Requests by outcome.",
        "outcome",
        counters.outcomes());
    metrics.labelled(
        "vts_proxy_refusals_total",
        "counter",
        "Tickets refused and challenges, by reason.",
        "reason",
        counters.refusals());
    metrics.single("vts_proxy_asks_total", "counter", "Challenges given.", counters.asks.sum());
    metrics.single(
        "vts_proxy_in_progress",
        "gauge",
        "Requests at the server behind.",
        counters.inProgress.get());
    metrics.single(
        "vts_proxy_connections", "gauge", "Open connections.", counters.connections.get());
    var statistics = report.statistics();
    metrics.single("vts_merchant_tickets_total", "counter", "Tickets taken.", statistics.tickets());
    metrics.single("vts_merchant_wins_total", "counter", "Winners among them.", statistics.wins());
    metrics.single(
        "vts_merchant_expected_wins", "gauge", "Winners to expect.", statistics.expectedWins());
    metrics.single(
        "vts_merchant_expected_satoshi",
        "gauge",
        "Expected revenue.",
        statistics.expectedMsat() / 1000);
    metrics.single(
        "vts_merchant_won_satoshi",
        "gauge",
        "Payouts of the winners.",
        statistics.wonMsat() / 1000);
    metrics.single(
        "vts_merchant_granted_satoshi",
        "gauge",
        "Payouts counter-signed by the VTS.",
        report.claims().grantedSatoshi());
    metrics.single(
        "vts_merchant_chance_of_so_few",
        "gauge",
        "Probability of so few wins or fewer.",
        statistics.chanceOfSoFew());
    metrics.single(
        "vts_merchant_pending_claims",
        "gauge",
        "Winners that the VTS has not answered.",
        report.pendingClaims());
    metrics.single(
        "vts_merchant_claim_failures_total",
        "counter",
        "Attempts to claim without an answer.",
        report.claimFailures());
    metrics.single(
        "vts_merchant_checked_total",
        "counter",
        "Tickets whose signatures were checked.",
        report.checked());
    metrics.single(
        "vts_merchant_check_batches_total", "counter", "Kernel calls for them.", report.batches());
    metrics.single(
        "vts_merchant_check_waiting", "gauge", "Tickets waiting to be checked.", report.waiting());
    metrics.single(
        "vts_merchant_storage_fault",
        "gauge",
        "1 when wins cannot be stored.",
        report.storageFault().isEmpty() ? 0 : 1);
    return metrics.text.toString();
  }

  private void head(String name, String type, String help) {
    text.append("# HELP ").append(name).append(' ').append(help).append('\n');
    text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
  }

  private void single(String name, String type, String help, double value) {
    head(name, type, help);
    text.append(name).append(' ').append(number(value)).append('\n');
  }

  private void labelled(
      String name, String type, String help, String label, Map<String, Long> values) {
    head(name, type, help);
    values.forEach(
        (key, value) ->
            text.append(name)
                .append('{')
                .append(label)
                .append("=\"")
                .append(key)
                .append("\"} ")
                .append(value)
                .append('\n'));
  }

  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : String.format(Locale.ROOT, "%.9g", value);
  }
}
