package org.micropay.vts.experiments;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The experiments' figures as maps, for JSON and for the report's plots. */
final class PaperData {
  private static final int CDF_POINTS = 200;

  private PaperData() {}

  /** All of it. */
  static Map<String, Object> toMap(Paper.Data data) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("machine", data.machine());
    map.put("options", data.options());
    map.put("operations", operations(data.operations()));
    map.put("sizes", data.sizes());
    map.put("web", web(data.web()));
    map.put("site", data.site().map(PaperData::web).orElse(null));
    map.put("half", web(data.half()));
    map.put("legacy", web(data.legacy()));
    map.put("page_costs", pageCosts(PageCosts.of(data)));
    map.put("network", network(data.network()));
    map.put("curves", data.curves());
    map.put("prices", data.prices());
    map.put("machines", data.machines());
    map.put("worlds", data.worlds());
    map.put("chain_claims_per_s", Figures.rounded(Extrapolation.chainClaimsPerSecond(), 2));
    return map;
  }

  /** What a terminal shows and {@code --json} prints. */
  static Map<String, Object> summary(Paper.Data data) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (Operations.Row row : data.operations().rows()) {
      map.put(
          row.name()
              .toLowerCase(java.util.Locale.ROOT)
              .replaceAll("[^a-z]+", "_")
              .replaceAll("_$", ""),
          Map.of(
              "us", Figures.rounded(row.micros().mean(), 2),
              "paper_us", row.paperMicros(),
              "times_faster", Figures.rounded(row.paperMicros() / row.micros().mean(), 2)));
    }
    map.put(
        "ticket_checks_per_s_per_core_in_batch",
        Math.round(1e6 / data.operations().batchMicros().mean()));
    map.put("vts_checks_per_s_per_core_in_batch", Math.round(1e6 / data.operations().checkOurs()));
    map.put("base_per_s", Figures.rounded(data.web().base().perSecond().mean(), 1));
    map.put("buy_per_s", Figures.rounded(data.web().buy().perSecond().mean(), 1));
    map.put("buy_over_base", Figures.rounded(data.web().ratio(), 3));
    map.put("ticket_cpu_us", Figures.rounded(data.web().ticketMicros(), 1));
    map.put("first_ticket_cpu_us", Figures.rounded(data.web().firstTicketMicros(), 1));
    data.site()
        .ifPresent(
            site ->
                map.put("buy_over_base_before_a_database_site", Figures.rounded(site.ratio(), 3)));
    map.put("buy_over_base_before_half_a_millisecond", Figures.rounded(data.half().ratio(), 3));
    map.put("buy_over_base_before_the_papers_page", Figures.rounded(data.legacy().ratio(), 3));
    map.put(
        "buy_within_ten_percent_from_page_us",
        Figures.rounded(PageCosts.of(data).withinFromMicros(), 0));
    map.put("seconds", data.machine().seconds());
    return map;
  }

  private static Map<String, Object> operations(Operations.Result result) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Operations.Row row : result.rows()) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("name", row.name());
      map.put("what", row.what());
      map.put("us", statistics(row.micros()));
      map.put("paper_us", row.paperMicros());
      map.put("paper_margin", row.paperMargin());
      map.put(
          "secp256k1_in_c_us",
          row.curveMicros() == 0 ? null : Figures.rounded(row.curveMicros(), 2));
      rows.add(map);
    }
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("rows", rows);
    map.put("ticket_check_in_batch_us", statistics(result.batchMicros()));
    map.put("verify_c_us", Figures.rounded(result.verifyC(), 2));
    map.put("sign_c_us", Figures.rounded(result.signC(), 2));
    map.put("vts_check_c_us", Figures.rounded(result.checkC(), 2));
    map.put("vts_check_ours_in_batch_us", Figures.rounded(result.checkOurs(), 2));
    map.put("verify_ours_in_batch_us", Figures.rounded(result.verifyOurs(), 2));
    map.put("cpu_share", Figures.rounded(result.cpuShare(), 3));
    return map;
  }

  private static Map<String, Object> statistics(Statistics statistics) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("mean", Figures.rounded(statistics.mean(), 3));
    map.put("margin", Figures.rounded(statistics.margin(), 3));
    map.put("runs", statistics.runs());
    return map;
  }

  private static Map<String, Object> web(WebExperiment.Result web) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (WebExperiment.Arm arm : List.of(web.base(), web.ask(), web.buy(), web.first())) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("per_s", statistics(arm.perSecond()));
      one.put("server_cpu_us", statistics(arm.cpuMicros()));
      one.put("latency_us", percentiles(arm));
      one.put("failed", arm.failed());
      one.put("cdf", cdf(arm));
      map.put(arm == web.first() ? "buy_first" : arm.path().substring(1), one);
    }
    map.put("requests", web.requests());
    map.put("runs", web.runs());
    map.put("threads", web.threads());
    map.put("wins", web.wins());
    map.put("one_core", web.pinned());
    map.put("buy_over_base", Figures.rounded(web.ratio(), 4));
    map.put("buy_over_base_by_run", statistics(web.share()));
    map.put("buy_over_base_by_cpu", Figures.rounded(web.cpuRatio(), 4));
    map.put("buy_first_over_base_by_cpu", Figures.rounded(web.firstCpuRatio(), 4));
    map.put("ask_buy_over_ask_base_by_cpu", Figures.rounded(web.pairCpuRatio(), 4));
    return map;
  }

  private static Map<String, Object> pageCosts(PageCosts costs) {
    List<Map<String, Object>> pages = new ArrayList<>();
    for (PageCosts.Page page : costs.pages()) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("name", page.name());
      map.put("page_us", Figures.rounded(page.micros(), 1));
      map.put("share", statistics(page.share()));
      map.put("share_by_cpu", Figures.rounded(page.shareByCpu(), 4));
      map.put("first_share_by_cpu", Figures.rounded(page.firstShareByCpu(), 4));
      map.put("expected", Figures.rounded(page.expected(), 4));
      pages.add(map);
    }
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("ticket_us", Figures.rounded(costs.ticketMicros(), 2));
    map.put("first_ticket_us", Figures.rounded(costs.firstTicketMicros(), 2));
    map.put("within", PageCosts.WITHIN);
    map.put("within_from_us", Figures.rounded(costs.withinFromMicros(), 1));
    map.put("paper_page_us", PageCosts.PAPER_PAGE_MICROS);
    map.put("paper_page_share", Figures.rounded(costs.paperShare(), 4));
    map.put("pages", pages);
    return map;
  }

  private static Map<String, Object> percentiles(WebExperiment.Arm arm) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("mean", Figures.rounded(arm.latency().getMean() / 1e3, 1));
    for (double p : new double[] {50, 90, 99, 99.9}) {
      map.put(
          "p" + Figures.plain(p).replace('.', '_'),
          Figures.rounded(arm.latency().getValueAtPercentile(p) / 1e3, 1));
    }
    return map;
  }

  /** Milliseconds at equal steps of probability up to 99.5 %. */
  private static List<double[]> cdf(WebExperiment.Arm arm) {
    List<double[]> points = new ArrayList<>();
    for (int i = 0; i <= CDF_POINTS; i++) {
      double share = 0.995 * i / CDF_POINTS;
      double millis = arm.latency().getValueAtPercentile(100 * share) / 1e6;
      points.add(new double[] {Figures.rounded(millis, 4), share});
    }
    return points;
  }

  private static Map<String, Object> network(NetworkTest.Result result) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("emulation", result.emulation());
    map.put("control_ms", sorted(result.control()));
    map.put("experiment_ms", sorted(result.experiment()));
    return map;
  }

  private static double[] sorted(double[] values) {
    return Arrays.stream(values).sorted().map(v -> Figures.rounded(v, 3)).toArray();
  }
}
