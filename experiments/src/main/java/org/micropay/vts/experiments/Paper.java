package org.micropay.vts.experiments;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.micropay.vts.secp256k1.Kernel;

/**
 * The experiments of Pass and shelat's section 4, one after the other, and their report: {@code
 * paper.html} and {@code paper.json} in a folder. Blocking; one use.
 */
public final class Paper {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private static final int WARM_UPS = 2;
  private static final int CURVE_POINTS = 240;

  private final PaperOptions options;
  private final Kernel kernel;
  private final Cores cores;
  private final PaperProgress progress;
  private final String command;

  /** Who runs where. */
  public interface Cores {
    /** The core for the web server alone; -1 when there is none to spare. */
    int server();

    /** The calling thread, and those that it starts, keep off the server's core. */
    void keepOff();

    /** They may run anywhere again. */
    void release();

    /** Nothing is pinned. */
    Cores ANY =
        new Cores() {
          @Override
          public int server() {
            return -1;
          }

          @Override
          public void keepOff() {}

          @Override
          public void release() {}
        };
  }

  /**
   * Where and how the figures came about.
   *
   * @param load the system's load average over the last minute, at the start and at the end
   */
  record Machine(
      String cpu,
      int cores,
      String os,
      String jdk,
      List<String> flags,
      List<String> serverFlags,
      String kernel,
      String command,
      String started,
      double seconds,
      double[] load) {}

  /** One curve of the lottery and what the simulation found on it. */
  record Curve(int odds, List<Revenue.Point> points, List<Revenue.Simulated> simulated) {}

  /** A price histogram. */
  record Prices(long payments, int odds, List<Revenue.PriceBar> bars, double near) {}

  /**
   * Everything that was found.
   *
   * @param site before a site with a database; empty when that cannot run here
   * @param half before a server whose page costs half a millisecond
   * @param legacy before one whose page costs what the paper's did
   */
  record Data(
      Machine machine,
      PaperOptions options,
      Operations.Result operations,
      List<MessageSizes.Size> sizes,
      WebExperiment.Result web,
      Optional<WebExperiment.Result> site,
      WebExperiment.Result half,
      WebExperiment.Result legacy,
      NetworkTest.Result network,
      List<Curve> curves,
      List<Prices> prices,
      List<Extrapolation.Machine> machines,
      List<Extrapolation.World> worlds) {}

  /**
   * The experiments.
   *
   * @param command that was typed, for the report
   */
  public Paper(
      PaperOptions options, Kernel kernel, Cores cores, PaperProgress progress, String command) {
    this.options = options;
    this.kernel = kernel;
    this.cores = cores;
    this.progress = progress;
    this.command = command;
  }

  /**
   * Runs them and writes the report.
   *
   * @param folder made when it is not there
   * @return the figures in short, for a terminal or a program
   * @throws IOException when the folder cannot be written
   */
  public Map<String, Object> run(Path folder) throws IOException {
    Files.createDirectories(folder);
    Instant started = Instant.now();
    double loadBefore = load();
    long begin = System.nanoTime();
    Operations.Result operations = operations();
    WebExperiment.Result web;
    Optional<WebExperiment.Result> site;
    WebExperiment.Result half;
    WebExperiment.Result legacy;
    NetworkTest.Result network;
    long seed = started.toEpochMilli();
    int escrows = Buyers.escrowsFor(options.purchases());
    ServerProcess.Plan plan = ServerProcess.Plan.onLoopback(cores.server(), seed, escrows, true);
    try (ServerProcess server = ServerProcess.start(plan);
        Buyers buyers = new Buyers(kernel, seed, escrows)) {
      cores.keepOff();
      web = web(server, buyers);
      site = site(server, buyers);
      half = half(server, buyers);
      legacy = legacy(server, buyers);
      network = network(plan, server, buyers);
    } finally {
      cores.release();
    }
    List<Curve> curves = curves();
    double checks = 1e6 / operations.checkOurs();
    double seconds = (System.nanoTime() - begin) / 1e9;
    Data data =
        new Data(
            machine(started, seconds, loadBefore),
            options,
            operations,
            MessageSizes.measure(),
            web,
            site,
            half,
            legacy,
            network,
            curves,
            List.of(prices(1_000), prices(10_000)),
            Extrapolation.machines(checks),
            Extrapolation.worlds(checks));
    Map<String, Object> all = PaperData.toMap(data);
    Files.writeString(folder.resolve("paper.json"), json(all) + "\n");
    Files.writeString(folder.resolve("paper.html"), Report.html(data, all));
    return PaperData.summary(data);
  }

  private Operations.Result operations() {
    progress.begin("the five operations", options.runs());
    try (Operations operations = new Operations(kernel)) {
      Operations.Result result = operations.measure(options.calls(), options.runs(), progress);
      progress.done("%.1f us for a VTS check".formatted(result.rows().getLast().micros().mean()));
      return result;
    }
  }

  private WebExperiment.Result web(ServerProcess server, Buyers buyers) {
    progress.begin("/base, /ask and /buy", options.webRuns() + WARM_UPS);
    WebExperiment.Result result =
        new WebExperiment(server, server.sample(), buyers, options.threads())
            .measure(options.requests(), options.webRuns(), WARM_UPS, progress);
    progress.done("%,.0f purchases a second".formatted(result.buy().perSecond().mean()));
    return result;
  }

  private Optional<WebExperiment.Result> site(ServerProcess server, Buyers buyers) {
    progress.begin("before a site with a database", options.siteRuns() + 1);
    Optional<WebExperiment.Result> result =
        server
            .site()
            .map(uri -> before(server, uri, buyers, options.siteRequests(), options.siteRuns()));
    if (result.isEmpty()) {
      progress.advance(options.siteRuns() + 1);
    }
    progress.done(result.map(Paper::share).orElse("left out: it needs python3"));
    return result;
  }

  private WebExperiment.Result half(ServerProcess server, Buyers buyers) {
    progress.begin("before a page of 0.5 ms", options.siteRuns() + 1);
    WebExperiment.Result result =
        before(server, server.half(), buyers, options.siteRequests(), options.siteRuns());
    progress.done(share(result));
    return result;
  }

  private WebExperiment.Result legacy(ServerProcess server, Buyers buyers) {
    progress.begin("before the paper's page", options.legacyRuns() + 1);
    WebExperiment.Result result =
        before(server, server.legacy(), buyers, options.legacyRequests(), options.legacyRuns());
    progress.done(share(result));
    return result;
  }

  private static String share(WebExperiment.Result result) {
    return "%.3f of the free pages' rate".formatted(result.ratio());
  }

  /** The /ask is the sample server's: servers behind the proxy have none. */
  private WebExperiment.Result before(
      ServerProcess server, URI uri, Buyers buyers, int requests, int runs) {
    return new WebExperiment(server, uri, server.sample(), buyers, options.threads())
        .measure(requests, runs, 1, progress);
  }

  private NetworkTest.Result network(ServerProcess.Plan plan, ServerProcess server, Buyers buyers) {
    progress.begin("behind a slow line", options.samples());
    NetworkTest.Result result;
    try (SlowLine line = SlowLine.best(plan, server)) {
      result = NetworkTest.measure(line, buyers, options.samples(), progress);
    }
    progress.done("%d samples of each arm".formatted(options.samples()));
    return result;
  }

  private List<Curve> curves() {
    progress.begin("the lottery", 2);
    Curve often = curve(128, 60_000, new long[] {5_000, 10_000, 15_000, 25_000, 35_000, 50_000}, 1);
    progress.advance(1);
    Curve seldom = curve(512, 240_000, new long[] {25_000, 50_000, 100_000, 200_000}, 4);
    progress.advance(1);
    progress.done("1/128 and 1/512, exact and by %,d merchants".formatted(options.trials()));
    return List.of(often, seldom);
  }

  private Curve curve(int odds, long last, long[] stops, int fewer) {
    int trials = Math.max(100, options.trials() / fewer);
    return new Curve(
        odds,
        Revenue.curve(odds, last / CURVE_POINTS, last),
        Revenue.simulate(odds, stops, trials, options.seed()));
  }

  private static Prices prices(long payments) {
    return new Prices(
        payments,
        Sample.ODDS,
        Revenue.prices(payments, Sample.ODDS),
        Revenue.priceWithin(payments, Sample.ODDS, 0.7, 1.33));
  }

  private Machine machine(Instant started, double seconds, double loadBefore) {
    return new Machine(
        cpuModel(),
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        System.getProperty("java.vm.name") + " " + Runtime.version(),
        ManagementFactory.getRuntimeMXBean().getInputArguments(),
        ServerProcess.FLAGS,
        kernel.name() + " (" + kernel.reason() + ")",
        command,
        started.truncatedTo(ChronoUnit.SECONDS).toString(),
        Figures.rounded(seconds, 1),
        new double[] {loadBefore, load()});
  }

  private static double load() {
    return Figures.rounded(ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(), 2);
  }

  private static String cpuModel() {
    try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(System.getProperty("os.arch"));
    } catch (IOException e) {
      return System.getProperty("os.arch");
    }
  }

  private static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("not serialisable: " + e.getMessage(), e);
    }
  }
}
