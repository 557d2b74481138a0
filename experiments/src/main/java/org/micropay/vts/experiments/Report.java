package org.micropay.vts.experiments;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;

/**
 * The report: one page that fetches nothing. Tables are written here and stand without a script;
 * the plots are drawn by D3, which is copied into the page, from the data that it carries.
 */
final class Report {
  private static final ObjectMapper JSON =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  private static final String D3_POM = "/META-INF/maven/org.webjars.npm/d3/pom.properties";
  private static final double PAPER_BASE = 534;
  private static final double PAPER_BUY = 497;

  private Report() {}

  /** The whole page. */
  static String html(Paper.Data data, Map<String, Object> all) {
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put("tiles", tiles(data));
    operations(data, parts);
    sizes(data, parts);
    web(data, parts);
    parts.put("networkMethod", ReportText.network(data));
    parts.put("networkNote", escape("Delay by " + data.network().emulation() + "."));
    parts.put("trials", Figures.grouped(data.options().trials(), 0));
    parts.put("seed", Long.toString(data.options().seed()));
    parts.put("curves", curves(data));
    parts.put("pricesNote", ReportText.prices(data));
    machines(data, parts);
    parts.put("machine", machine(data.machine()));
    parts.put("data", json(all));
    parts.put("d3", d3());
    parts.put("plots", resource("plots.js"));
    String page = resource("report.html");
    StringBuilder filled = new StringBuilder(1 << 20);
    int from = 0;
    for (int at = page.indexOf("{{"); at >= 0; at = page.indexOf("{{", from)) {
      int end = page.indexOf("}}", at);
      String part = parts.get(page.substring(at + 2, end));
      if (part == null) {
        throw new IllegalStateException("the report has no " + page.substring(at, end + 2));
      }
      filled.append(page, from, at).append(part);
      from = end + 2;
    }
    return filled.append(page, from, page.length()).toString();
  }

  private static String resource(String name) {
    try (InputStream in = Report.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The library from its jar, whose version stands in the path. */
  private static String d3() {
    Properties properties = new Properties();
    try (InputStream in = Report.class.getResourceAsStream(D3_POM)) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    // The page is XML as well, where these three characters would end the script's CDATA section.
    return resource(
            "/META-INF/resources/webjars/d3/%s/dist/d3.min.js"
                .formatted(properties.getProperty("version")))
        .replace("]]>", "]] >");
  }

  /** JSON inside a page: nothing in it may end the script or look like markup. */
  private static String json(Object value) {
    try {
      return JSON.writeValueAsString(value)
          .replace("<", "\\u003c")
          .replace(">", "\\u003e")
          .replace("&", "\\u0026");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("not serialisable: " + e.getMessage(), e);
    }
  }

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  // ---- tables

  /** Cells are markup; the first row is the head. */
  private static String table(List<List<String>> rows) {
    StringBuilder table = new StringBuilder("<table>");
    for (int i = 0; i < rows.size(); i++) {
      String cell = i == 0 ? "th" : "td";
      table.append(i == 0 ? "<thead><tr>" : i == 1 ? "<tbody><tr>" : "<tr>");
      for (String text : rows.get(i)) {
        table.append('<').append(cell).append('>').append(text);
        table.append("</").append(cell).append('>');
      }
      table.append(i == 0 ? "</tr></thead>\n" : "</tr>\n");
    }
    return table.append(rows.size() > 1 ? "</tbody></table>" : "</table>").toString();
  }

  private static String tile(String figure, String text) {
    return "<div class=\"tile\"><b>%s</b><span>%s</span></div>\n".formatted(figure, text);
  }

  private static String tiles(Paper.Data data) {
    Operations.Result operations = data.operations();
    Operations.Row check = operations.rows().get(3);
    return tile(
            Figures.grouped(1e6 / operations.batchMicros().mean(), 0),
            "tickets checked a second on one core, in batches")
        + tile(
            Figures.grouped(1e6 / operations.checkOurs(), 0),
            "winning tickets verified and counter-signed a second on one core; the paper: 2,000")
        + tile(
            "%.1f x".formatted(check.paperMicros() / check.micros().mean()),
            "faster than the paper at checking one ticket alone")
        + tile(
            Figures.grouped(data.web().buy().perSecond().mean(), 0),
            "pages sold a second by one server core; the paper: 497")
        + tile(
            "%.2f ms".formatted(PageCosts.of(data).withinFromMicros() / 1e3),
            "of CPU a page: from there on paid pages reach 0.9 of free ones; the paper's cost 1.87")
        + tile("72 / 314", "characters of an ask and a ticket; the paper: 73 and 398");
  }

  private static String with(Statistics statistics, int digits) {
    return "%s <span class=\"note\">± %s</span>"
        .formatted(
            Figures.grouped(statistics.mean(), digits),
            Figures.grouped(statistics.margin(), digits));
  }

  private static void operations(Paper.Data data, Map<String, String> parts) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "operation",
            "ours, μs",
            "the paper, μs",
            "times faster",
            "its curve work by libsecp256k1 in C, μs",
            "ours / C",
            "the paper / C"));
    for (Operations.Row row : data.operations().rows()) {
      boolean curve = row.curveMicros() > 0;
      double mean = row.micros().mean();
      rows.add(
          List.of(
              row.name() + "<small>" + escape(row.what()) + "</small>",
              with(row.micros(), mean < 10 ? 2 : 1),
              "%s <span class=\"note\">± %s</span>".formatted(row.paperMicros(), row.paperMargin()),
              "%.1f".formatted(row.paperMicros() / mean),
              curve ? "%.1f".formatted(row.curveMicros()) : "",
              curve ? "%.2f".formatted(mean / row.curveMicros()) : "",
              curve ? "%.2f".formatted(row.paperMicros() / row.curveMicros()) : ""));
    }
    Operations.Result all = data.operations();
    rows.add(
        batch(
            "Check Ticket, in batches of 512",
            "decoding, opening, both digests, both signatures, win rule: the merchant's desk",
            with(all.batchMicros(), 2),
            all.batchMicros().mean(),
            437.6,
            2 * all.verifyC()));
    rows.add(
        batch(
            "VTS Check, in batches",
            "two verifications, a counter-signature and its verification: the kernel alone",
            Figures.grouped(all.checkOurs(), 2),
            all.checkOurs(),
            496.1,
            all.checkC()));
    parts.put("operations", table(rows));
    parts.put("operationsMethod", ReportText.operations(data));
    parts.put("operationsNote", ReportText.operationsNote(data));
  }

  private static List<String> batch(
      String name, String what, String shown, double mean, double paper, double c) {
    return List.of(
        name + "<small>" + what + "</small>",
        shown,
        "%.1f".formatted(paper),
        "%.0f".formatted(paper / mean),
        "%.1f".formatted(c),
        "%.2f".formatted(mean / c),
        "%.2f".formatted(paper / c));
  }

  private static void sizes(Paper.Data data, Map<String, String> parts) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("message", "payout to", "bytes", "base64url", "the paper, base64", ""));
    for (MessageSizes.Size size : data.sizes()) {
      boolean known = size.paper() > 0;
      boolean smaller = size.base64Url() <= size.paper();
      rows.add(
          List.of(
              escape(size.message()),
              size.script(),
              Integer.toString(size.binary()),
              Integer.toString(size.base64Url()),
              known ? Integer.toString(size.paper()) : "",
              known
                  ? "<span class=\"%s\">%+d</span>"
                      .formatted(smaller ? "good" : "bad", size.base64Url() - size.paper())
                  : ""));
    }
    parts.put("sizes", table(rows));
    parts.put("sizesNote", ReportText.sizes());
  }

  private static void web(Paper.Data data, Map<String, String> parts) {
    parts.put("web", webTable(data.web(), true));
    parts.put(
        "site",
        data.site().map(site -> webTable(site, false)).orElse("<p>Left out: no python3.</p>"));
    parts.put("half", webTable(data.half(), false));
    parts.put("legacy", webTable(data.legacy(), false));
    parts.put("pageCosts", pageCosts(PageCosts.of(data)));
    parts.put("pageCostsNote", ReportText.pageCosts(PageCosts.of(data)));
    parts.put("webMethod", ReportText.web(data));
    parts.put("webNote", ReportText.webNote(data));
    parts.put("siteNote", ReportText.siteNote(data));
    parts.put("halfNote", ReportText.halfNote(data));
    parts.put("legacyNote", ReportText.legacyNote(data));
  }

  private static String pageCosts(PageCosts costs) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "the page",
            "its cost, μs",
            "/buy over /base",
            "by CPU",
            "first time, by CPU",
            "page / (page + ticket)"));
    for (PageCosts.Page page : costs.pages()) {
      boolean within = page.share().mean() >= PageCosts.WITHIN;
      rows.add(
          List.of(
              page.name(),
              Figures.grouped(page.micros(), page.micros() < 100 ? 1 : 0),
              "<b class=\"%s\">%.3f</b> <span class=\"note\">± %.3f</span>"
                  .formatted(within ? "good" : "bad", page.share().mean(), page.share().margin()),
              "%.3f".formatted(page.shareByCpu()),
              "%.3f".formatted(page.firstShareByCpu()),
              "%.3f".formatted(page.expected())));
    }
    return table(rows);
  }

  private static String webTable(WebExperiment.Result web, boolean ask) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "page",
            "requests a second",
            "the paper",
            "share of /base",
            "server CPU, μs a request",
            "share by CPU",
            "1 / throughput, ms",
            "median, ms",
            "99 %, ms",
            "failed"));
    for (WebExperiment.Arm arm :
        ask
            ? List.of(web.base(), web.ask(), web.buy(), web.first())
            : List.of(web.base(), web.buy(), web.first())) {
      double paper = arm == web.base() ? PAPER_BASE : arm == web.buy() ? PAPER_BUY : 0;
      rows.add(
          List.of(
              arm.path(),
              with(arm.perSecond(), 0),
              paper == 0 ? "" : Figures.grouped(paper, 0),
              "%.3f".formatted(arm.perSecond().mean() / web.base().perSecond().mean()),
              with(arm.cpuMicros(), 1),
              "%.3f".formatted(web.base().cpuMicros().mean() / arm.cpuMicros().mean()),
              "%.3f".formatted(1e3 / arm.perSecond().mean()),
              "%.2f".formatted(arm.latency().getValueAtPercentile(50) / 1e6),
              "%.2f".formatted(arm.latency().getValueAtPercentile(99) / 1e6),
              Figures.grouped(arm.failed(), 0)));
    }
    return table(rows);
  }

  private static String curves(Paper.Data data) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "odds",
            "payments",
            "below 80 %, exact",
            "simulated",
            "below 90 %, exact",
            "simulated",
            "middle 95 % of revenue"));
    for (Paper.Curve curve : data.curves()) {
      for (Revenue.Simulated found : curve.simulated()) {
        Revenue.Point exact = Revenue.exact(found.tickets(), curve.odds());
        rows.add(
            List.of(
                "1/" + curve.odds(),
                Figures.grouped(found.tickets(), 0),
                percent(exact.below80()),
                simulated(found.below80(), found.trials()),
                percent(exact.below90()),
                simulated(found.below90(), found.trials()),
                "%.0f to %.0f %%".formatted(100 * exact.low(), 100 * exact.high())));
      }
    }
    return table(rows);
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, share < 0.001 ? "%.4f %%" : "%.2f %%", 100 * share);
  }

  private static String simulated(long hits, int trials) {
    if (hits == 0) {
      return "none of " + Figures.grouped(trials, 0);
    }
    return "%s <span class=\"note\">± %s</span>"
        .formatted(
            percent((double) hits / trials), percent(Revenue.Simulated.margin(hits, trials)));
  }

  private static void machines(Paper.Data data, Map<String, String> parts) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "server",
            "winning tickets a second",
            "a day, millions",
            "payments a second at 1/128",
            "a day, billions",
            "MB/s"));
    for (Extrapolation.Machine machine : data.machines()) {
      rows.add(
          List.of(
              escape(machine.name()),
              Figures.grouped(machine.claims(), 0),
              Figures.grouped(machine.claimsPerDay() / 1e6, 0),
              Figures.grouped(machine.payments(), 0),
              Figures.grouped(machine.paymentsPerDay() / 1e9, 0),
              Figures.grouped(machine.megabytes(), 1)));
    }
    parts.put("machines", table(rows));
    parts.put("machinesNote", ReportText.machines());
    List<List<String>> worlds = new ArrayList<>();
    worlds.add(
        List.of(
            "who pays",
            "payments a second",
            "VTS cores at 1/128",
            "times today's chain at 1/128",
            "odds at which today's chain would do"));
    for (Extrapolation.World world : data.worlds()) {
      worlds.add(
          List.of(
              escape(world.name()),
              Figures.grouped(world.paymentsPerSecond(), 0),
              Figures.grouped(world.cores(), world.cores() < 10 ? 2 : 0),
              Figures.grouped(world.chains(), world.chains() < 10 ? 1 : 0),
              "1/" + Figures.grouped(world.odds(), 0)));
    }
    parts.put("worlds", table(worlds));
    parts.put("chainNote", ReportText.chain());
  }

  private static String machine(Paper.Machine machine) {
    StringBuilder list = new StringBuilder("<dl>");
    entry(list, "command", "<code>" + escape(machine.command()) + "</code>");
    entry(list, "CPU", escape(machine.cpu()) + ", " + machine.cores() + " cores usable");
    entry(list, "system", escape(machine.os()));
    entry(list, "JVM", escape(machine.jdk()));
    entry(list, "flags", "<code>" + escape(String.join(" ", machine.flags())) + "</code>");
    entry(
        list,
        "flags of the web server",
        "<code>" + escape(String.join(" ", machine.serverFlags())) + "</code>");
    entry(list, "kernel", escape(machine.kernel()));
    entry(
        list,
        "begun, took",
        escape(machine.started()) + ", " + Figures.grouped(machine.seconds(), 0) + " s");
    entry(
        list,
        "load average",
        "%s before, %s after%s"
            .formatted(
                machine.load()[0],
                machine.load()[1],
                machine.load()[0] > machine.cores() / 2.0
                    ? "; <span class=\"bad\">the machine did other things as well: read CPU times,"
                        + " not rates</span>"
                    : ""));
    return list.append("</dl>").toString();
  }

  private static void entry(StringBuilder list, String name, String value) {
    list.append("<dt>").append(name).append("</dt><dd>").append(value).append("</dd>\n");
  }
}
