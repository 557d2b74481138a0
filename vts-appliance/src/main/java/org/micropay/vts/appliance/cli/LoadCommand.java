package org.micropay.vts.appliance.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.micropay.vts.appliance.config.Endpoint;
import org.micropay.vts.appliance.demo.DemoProgress;
import org.micropay.vts.experiments.ClaimTarget;
import org.micropay.vts.experiments.HttpTarget;
import org.micropay.vts.experiments.LoadException;
import org.micropay.vts.experiments.LoadOptions;
import org.micropay.vts.experiments.LoadResult;
import org.micropay.vts.experiments.LoadRun;
import org.micropay.vts.experiments.LoadTarget;
import org.micropay.vts.merchant.BuyerWallet;
import org.micropay.vts.merchant.MerchantStorageException;
import org.micropay.vts.merchant.Price;
import org.micropay.vts.merchant.SpendingLimits;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.ProtocolException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vts load}: load with planned times, and what it did to the answers. */
@Command(
    name = "load",
    mixinStandardHelpOptions = true,
    description = {
      "Send load and measure it. WHAT is one of:",
      "  pages   GET of a free URL",
      "  asks    GET of a URL that costs (402), or of the sample server's /ask",
      "  buys    the same, then a ticket of the wallet, then the page",
      "  claims  the claims of a file, in turns, on a VTS's claim stream HOST:PORT",
      "With --rate requests have planned times, which slow answers do not move; latency counts",
      "from the planned time. Without it each connection sends as soon as its answer is there.",
      "Exit codes: 0 something succeeded, 1 nothing did, 66 no such file or wallet,",
      "69 nobody is there."
    })
final class LoadCommand implements Callable<Integer> {
  enum What {
    PAGES,
    ASKS,
    BUYS,
    CLAIMS
  }

  private final Console console;
  @Mixin private JsonOption json;

  @Parameters(index = "0", paramLabel = "WHAT", description = "${COMPLETION-CANDIDATES}.")
  private What what;

  @Parameters(
      index = "1",
      paramLabel = "URL|HOST:PORT",
      description = "Where to: a URL, or for claims the claim stream.")
  private String where;

  @Option(
      names = {"-r", "--rate"},
      paramLabel = "N",
      description = "Requests a second, planned; default: as fast as answers come.")
  private double rate;

  @Option(
      names = {"-c", "--connections"},
      paramLabel = "N",
      defaultValue = "20",
      description = "Connections (default: ${DEFAULT-VALUE}).")
  private int connections;

  @Option(
      names = {"-d", "--duration"},
      paramLabel = "SECONDS",
      description = "How long, after the ramp (default: 10, unless --requests ends it).")
  private Double duration;

  @Option(
      names = {"-n", "--requests"},
      paramLabel = "N",
      description = "Stop after so many, the ramp's included.")
  private long requests;

  @Option(
      names = "--ramp",
      paramLabel = "SECONDS",
      description = "Rise to the rate in a line first; not measured.")
  private double ramp;

  @Option(
      names = {"-w", "--wallet"},
      paramLabel = "DIR",
      defaultValue = "buyer",
      description = "For buys: the wallet that pays (default: ${DEFAULT-VALUE}).")
  private Path wallet;

  @Option(
      names = "--max-total",
      paramLabel = "SAT",
      defaultValue = "1000",
      description = "For buys: spend at most so much, satoshi (default: ${DEFAULT-VALUE}).")
  private String maxTotal;

  @Option(
      names = "--claims",
      paramLabel = "FILE",
      description = "For claims: base64url, one to a line.")
  private Path claims;

  @Option(
      names = "--network",
      paramLabel = "NAME",
      defaultValue = "regtest",
      description = "For claims: the VTS's chain (default: ${DEFAULT-VALUE}).")
  private String network;

  @Option(
      names = "--hdr",
      paramLabel = "FILE",
      description = "Write an HdrHistogram log of the latencies, an interval a second.")
  private Path hdr;

  LoadCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    LoadOptions options = options();
    LoadResult result;
    if (what == What.BUYS) {
      try (BuyerWallet opened = openWallet()) {
        result = run(HttpTarget.buys(uri(), opened, limits()), options);
      }
    } else {
      result = run(target(), options);
    }
    print(result);
    return (result.succeeded() > 0 ? ExitCode.OK : ExitCode.NEGATIVE).number();
  }

  private LoadOptions options() {
    double seconds = duration != null ? duration : requests > 0 ? 0 : 10;
    if (ramp > 0 && rate == 0) {
      throw usage("--ramp needs a --rate to rise to");
    }
    try {
      return new LoadOptions(connections, rate, ramp, seconds, requests);
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
  }

  private static CommandException usage(String message) {
    return new CommandException(ExitCode.USAGE, "USAGE", message);
  }

  private LoadTarget target() {
    return switch (what) {
      case PAGES -> HttpTarget.pages(uri());
      case ASKS -> HttpTarget.asks(uri());
      case CLAIMS -> claimTarget();
      case BUYS -> throw new IllegalStateException("buys need their wallet");
    };
  }

  private URI uri() {
    try {
      URI uri = new URI(where);
      if (uri.getHost() != null
          && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // The same answer as for another kind of URL.
    }
    throw usage("'" + where + "' is no http(s) URL with a host");
  }

  private ClaimTarget claimTarget() {
    if (claims == null) {
      throw usage("claims come from a file; name it with --claims");
    }
    try {
      Endpoint stream = Endpoint.parse(where);
      return new ClaimTarget(
          new InetSocketAddress(stream.host(), stream.port()), Network.ofId(network), readClaims());
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
  }

  private List<byte[]> readClaims() {
    List<byte[]> read = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(claims, StandardCharsets.US_ASCII)) {
        if (!line.isBlank()) {
          read.add(Claim.fromBase64Url(line.strip()).encode());
        }
      }
    } catch (NoSuchFileException e) {
      throw new CommandException(ExitCode.NO_INPUT, "NO_INPUT", claims + " does not exist");
    } catch (IOException e) {
      throw new CommandException(
          ExitCode.NO_INPUT, "NO_INPUT", claims + " cannot be read: " + e.getMessage());
    } catch (ProtocolException e) {
      throw new CommandException(
          ExitCode.DATA,
          e.code().name(),
          "%s, claim %d: %s".formatted(claims, read.size() + 1, e.getMessage()));
    }
    if (read.isEmpty()) {
      throw new CommandException(ExitCode.DATA, "NO_CLAIMS", claims + " holds no claim");
    }
    return read;
  }

  private BuyerWallet openWallet() {
    try {
      return BuyerWallet.open(wallet);
    } catch (MerchantStorageException e) {
      throw new CommandException(
          ExitCode.NO_INPUT, "NO_WALLET", e.getMessage() + " ('vts buyer init' makes one)");
    }
  }

  /** One limit over the whole load; the wallet's daily ones would end it early. */
  private SpendingLimits limits() {
    try {
      Price all = Price.ofSatoshi(maxTotal);
      return new SpendingLimits(all, all, all, all);
    } catch (IllegalArgumentException e) {
      throw usage("--max-total: " + e.getMessage());
    }
  }

  private LoadResult run(LoadTarget target, LoadOptions options) {
    double seconds = options.rampSeconds() + options.seconds();
    long planned =
        options.requests() > 0
            ? options.requests()
            : options.isOpen() ? (long) (options.rate() * options.seconds()) : 0;
    DemoProgress.Step step =
        console.progress().begin(what.name().toLowerCase(Locale.ROOT), Math.max(planned, 0));
    long[] seen = {0};
    try (PrintStream log = hdr == null ? null : log()) {
      LoadResult result =
          new LoadRun(
                  target,
                  options,
                  count -> {
                    step.advance(count - seen[0]);
                    seen[0] = count;
                  },
                  log)
              .run();
      step.done("%,d answers".formatted(result.succeeded()));
      return result;
    } catch (LoadException e) {
      throw new CommandException(ExitCode.UNAVAILABLE, "SERVER_UNREACHABLE", e.getMessage());
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage() + (seconds == 0 ? "; name --duration" : ""));
    }
  }

  private PrintStream log() {
    try {
      return new PrintStream(Files.newOutputStream(hdr), false, StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new CommandException(
          ExitCode.CANNOT_CREATE, "CANNOT_CREATE", hdr + ": " + e.getMessage());
    }
  }

  private void print(LoadResult result) {
    if (json.json) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("what", what.name().toLowerCase(Locale.ROOT));
      map.put("where", where);
      map.putAll(result.toMap());
      console.printJson(map);
      return;
    }
    var latency = result.latency();
    console.print(
        "%,d of %,d succeeded in %.2f s: %,.1f a second"
            .formatted(result.succeeded(), result.sent(), result.seconds(), result.throughput()));
    if (result.succeeded() > 0) {
      console.print(
          "latency from the %s, milliseconds"
              .formatted(result.options().isOpen() ? "planned time" : "sending"));
      console.print(
          "  mean %s   p50 %s   p90 %s   p99 %s   p99.9 %s   max %s"
              .formatted(
                  millis(latency.getMean()),
                  millis(latency.getValueAtPercentile(50)),
                  millis(latency.getValueAtPercentile(90)),
                  millis(latency.getValueAtPercentile(99)),
                  millis(latency.getValueAtPercentile(99.9)),
                  millis(latency.getMaxValue())));
    }
    result.errors().forEach((kind, count) -> console.print("  %-24s %,d".formatted(kind, count)));
  }

  private static String millis(double nanos) {
    return String.format(Locale.ROOT, "%.3f", nanos / 1e6);
  }
}
