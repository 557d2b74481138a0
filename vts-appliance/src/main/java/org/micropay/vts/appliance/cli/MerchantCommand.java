package org.micropay.vts.appliance.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.micropay.vts.appliance.config.Endpoint;
import org.micropay.vts.appliance.config.MerchantSettings;
import org.micropay.vts.appliance.server.TlsFiles;
import org.micropay.vts.merchant.Merchant;
import org.micropay.vts.merchant.MerchantConfig;
import org.micropay.vts.merchant.MerchantStorageException;
import org.micropay.vts.merchant.Price;
import org.micropay.vts.merchant.RiskPolicy;
import org.micropay.vts.merchant.VtsException;
import org.micropay.vts.merchant.VtsHttpClient;
import org.micropay.vts.proxy.PayingProxy;
import org.micropay.vts.proxy.PriceList;
import org.micropay.vts.proxy.ProxyConfig;
import org.micropay.vts.proxy.ProxyLimits;
import org.micropay.vts.proxy.SamplePages;
import org.micropay.vts.proxy.ShopPages;
import org.micropay.vts.secp256k1.Kernels;
import org.micropay.vts.ticket.Address;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.ProtocolException;
import org.micropay.vts.ticket.PublicKey;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code vts merchant}: the paying proxy before a web server. */
@Command(
    name = "merchant",
    mixinStandardHelpOptions = true,
    subcommands = MerchantReportCommand.class,
    description = {
      "Run a proxy that asks for tickets before a web server, until SIGTERM or Ctrl-C.",
      "With --demo a VTS on a test chain and a funded buyer's wallet come with it."
    })
final class MerchantCommand implements Callable<Integer> {
  private final Console console;

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "merchant.toml; options below win over it.")
  private Path config;

  @Option(
      names = {"-u", "--upstream"},
      paramLabel = "URL",
      description = "The web server behind: http(s)://host[:port].")
  private String upstream;

  @Option(
      names = "--sample",
      description = "Serve the paper's /base, /ask and /buy instead of a server behind.")
  private boolean sample;

  @Option(
      names = "--shop",
      description = "Serve the demo shop, articles that a browser pays for with test coins.")
  private boolean shopPages;

  @Option(
      names = "--demo",
      description = "Bring a VTS on a test chain and a buyer with coins; for trying out.")
  private boolean demo;

  @Option(
      names = {"-s", "--server"},
      paramLabel = "URL",
      description = "HTTP interface of the VTS (default: http://127.0.0.1:8480).")
  private String server;

  @Option(
      names = "--pay-to",
      paramLabel = "ADDRESS",
      description = "The merchant's own address; winnings go there.")
  private String address;

  @Option(
      names = {"-p", "--price"},
      paramLabel = "PATTERN=SAT",
      description = "Price of paths; may come more than once (default: /**=1).")
  private List<String> prices = new ArrayList<>();

  @Option(
      names = {"-l", "--listen"},
      paramLabel = "HOST:PORT",
      description = "Where customers come (default: 127.0.0.1:8402).")
  private String listen;

  @Option(
      names = "--revenue",
      paramLabel = "HOST:PORT",
      description = "The revenue page, metrics, health (default: 127.0.0.1:8403).")
  private String revenue;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "What must outlive the process (default: merchant-data).")
  private Path data;

  @Option(
      names = "--ready-file",
      paramLabel = "FILE",
      description = "Write addresses and process id as JSON once the proxy listens.")
  private Path readyFile;

  MerchantCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws InterruptedException {
    System.setProperty(
        "logback.configurationFile", demo ? "logback-demo.xml" : "logback-serve-text.xml");
    requireOneContent(upstreamOf(settings()) != null);
    CountDownLatch stopped = new CountDownLatch(1);
    Running running = start();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  running.close();
                  stopped.countDown();
                },
                "merchant-shutdown"));
    stopped.await();
    return ExitCode.OK.number();
  }

  /** A server behind, the sample or the shop; the demo brings the sample when none is named. */
  private void requireOneContent(boolean behind) {
    int named = (behind ? 1 : 0) + (sample ? 1 : 0) + (shopPages ? 1 : 0);
    if (named > 1 || named == 0 && !demo) {
      throw new CommandException(
          ExitCode.USAGE, "USAGE", "name one of --upstream URL, --sample and --shop");
    }
  }

  private MerchantSettings settings() {
    return config == null ? MerchantSettings.defaults() : MerchantSettings.read(config);
  }

  private String upstreamOf(MerchantSettings settings) {
    return upstream != null ? upstream : sample || shopPages ? null : settings.proxy().upstream();
  }

  /** Everything that runs, in the order of its start. */
  private record Running(
      Optional<MerchantDemo> demo, VtsHttpClient vts, Merchant merchant, PayingProxy proxy)
      implements AutoCloseable {
    @Override
    public void close() {
      proxy.close();
      merchant.close();
      vts.close();
      demo.ifPresent(MerchantDemo::close);
    }
  }

  private Running start() {
    MerchantSettings settings = settings();
    Optional<MerchantDemo> shop =
        demo
            ? Optional.of(MerchantDemo.start(console.progress(), Path.of("merchant-demo")))
            : Optional.empty();
    String url =
        shop.map(MerchantDemo::vtsUrl).orElse(server == null ? settings.vts().url() : server);
    Path folder =
        shop.map(MerchantDemo::merchantFolder)
            .orElseGet(() -> data == null ? resolve(settings.proxy().data()) : data);
    VtsHttpClient vts = new VtsHttpClient(URI.create(url));
    Merchant merchant = null;
    try {
      MerchantConfig merchantConfig = merchantConfig(settings, shop, vts, url, folder);
      merchant =
          Merchant.open(
              folder,
              merchantConfig,
              vts::escrowFacts,
              vts::claim,
              Kernels.select(Kernels.AUTO),
              problem -> LoggerFactory.getLogger("vts.merchant").warn("claims wait: {}", problem));
      PayingProxy proxy = shopPages ? shop(settings, merchant, shop) : proxy(settings, merchant);
      announce(proxy, merchant, shop);
      return new Running(shop, vts, merchant, proxy);
    } catch (RuntimeException e) {
      if (merchant != null) {
        merchant.close();
      }
      shop.ifPresent(MerchantDemo::close);
      throw translated(e);
    }
  }

  private static RuntimeException translated(RuntimeException e) {
    return switch (e) {
      case CommandException known -> known;
      case VtsException vts ->
          new CommandException(ExitCode.UNAVAILABLE, "SERVER_UNREACHABLE", e.getMessage());
      case MerchantStorageException storage ->
          new CommandException(ExitCode.CANNOT_CREATE, "STORAGE", e.getMessage());
      case IllegalStateException listening ->
          new CommandException(ExitCode.UNAVAILABLE, "CANNOT_LISTEN", e.getMessage());
      case IllegalArgumentException usage ->
          new CommandException(ExitCode.USAGE, "USAGE", e.getMessage());
      case ProtocolException protocol ->
          new CommandException(ExitCode.USAGE, protocol.code().name(), e.getMessage());
      default -> e;
    };
  }

  private Path resolve(Path path) {
    Path folder = config == null ? Path.of("") : config.toAbsolutePath().getParent();
    return folder.resolve(path).normalize();
  }

  private MerchantConfig merchantConfig(
      MerchantSettings settings,
      Optional<MerchantDemo> shop,
      VtsHttpClient vts,
      String url,
      Path folder) {
    JsonNode supported = supported(vts);
    Network network = Network.ofId(supported.path("network").asText());
    PublicKey vtsKey = pinned(settings, supported, folder);
    String payTo = address != null ? address : settings.payout().address();
    if (payTo == null && shop.isEmpty()) {
      throw new CommandException(
          ExitCode.USAGE, "USAGE", "no address; name your own with --pay-to");
    }
    PayoutScript script =
        payTo == null ? shop.get().payoutScript() : Address.decode(network, payTo);
    var tickets = settings.tickets();
    var risk = settings.risk();
    return new MerchantConfig(
        network,
        URI.create(url),
        vtsKey,
        script,
        tickets.minExpirySeconds(),
        tickets.askLifeSeconds(),
        tickets.minOdds(),
        tickets.maxOdds(),
        new RiskPolicy(
            risk.minConfirmations(),
            risk.minBlocksToRefund(),
            risk.maxOutstanding(),
            risk.assumedOutstanding(),
            risk.maxPendingClaims()),
        risk.escrowAgeMillis(),
        risk.escrowStaleMillis());
  }

  private static JsonNode supported(VtsHttpClient vts) {
    VtsHttpClient.Answer answer = vts.get("/v1/supported");
    if (answer.status() != 200) {
      throw new VtsException("the VTS answered " + answer.code() + ": " + answer.detail());
    }
    return answer.body();
  }

  /** The key by configuration, or the one that was seen first: another one is refused. */
  private static PublicKey pinned(MerchantSettings settings, JsonNode supported, Path folder) {
    String seen = supported.path("vtsKey").asText();
    Path file = folder.resolve("vts.key");
    try {
      String expected = settings.vts().key();
      if (expected == null && Files.exists(file)) {
        expected = Files.readString(file).strip();
      }
      if (expected != null && !expected.equals(seen)) {
        throw new CommandException(
            ExitCode.CONFIG,
            "WRONG_VTS_KEY",
            "the VTS has key %s instead of %s; if that is right, name it as vts.key"
                .formatted(seen, expected));
      }
      if (expected == null) {
        Files.createDirectories(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.writeString(file, seen + "\n");
      }
      return PublicKey.fromHex(seen);
    } catch (IOException e) {
      throw new CommandException(
          ExitCode.CANNOT_CREATE, "CANNOT_CREATE", file + ": " + e.getMessage());
    }
  }

  private PayingProxy proxy(MerchantSettings settings, Merchant merchant) {
    Price samplePrice = samplePrice();
    boolean pages = sample || demo && upstreamOf(settings) == null;
    ProxyConfig proxyConfig =
        proxyConfig(settings, pages ? SamplePages.prices(samplePrice) : priceList(settings));
    return pages
        ? PayingProxy.withSample(new SamplePages(merchant, samplePrice), merchant, proxyConfig)
        : PayingProxy.before(URI.create(upstreamOf(settings)), merchant, proxyConfig);
  }

  private PayingProxy shop(
      MerchantSettings settings, Merchant merchant, Optional<MerchantDemo> with) {
    if (!ShopPages.canSign()) {
      console.note("vts: this build had no npm: the shop's page cannot sign");
    }
    Price price = prices.isEmpty() ? MerchantDemo.SHOP_PRICE : samplePrice();
    ShopPages pages =
        new ShopPages(merchant.config().network(), price, with.map(d -> d::testEscrow));
    return PayingProxy.withShop(pages, merchant, proxyConfig(settings, ShopPages.prices(price)));
  }

  private Price samplePrice() {
    return prices.isEmpty() ? new Price(1_000) : rule(prices.getFirst()).price();
  }

  private ProxyConfig proxyConfig(MerchantSettings settings, PriceList list) {
    Endpoint at = listen == null ? settings.proxy().listen() : Endpoint.parse(listen);
    Endpoint own = revenue == null ? settings.proxy().revenue() : Endpoint.parse(revenue);
    var limits = settings.limits();
    int loops = settings.proxy().loops();
    return new ProxyConfig(
        at.host(),
        at.port(),
        own.host(),
        own.port(),
        list,
        new ProxyLimits(
            limits.headerBytes(),
            limits.lineBytes(),
            (long) limits.bodyMegabytes() << 20,
            limits.connections(),
            limits.concurrent(),
            limits.asksPerSecond(),
            limits.idleSeconds(),
            limits.upstreamSeconds(),
            limits.drainSeconds()),
        new HashSet<>(settings.proxy().origins()),
        Optional.ofNullable(settings.proxy().tls())
            .map(tls -> TlsFiles.read("proxy", tls, this::resolve)),
        loops == 0 ? Runtime.getRuntime().availableProcessors() : loops);
  }

  private PriceList priceList(MerchantSettings settings) {
    List<PriceList.Rule> rules = new ArrayList<>();
    for (String price : prices) {
      rules.add(rule(price));
    }
    if (rules.isEmpty()) {
      settings
          .price()
          .forEach(
              line ->
                  rules.add(
                      new PriceList.Rule(
                          line.path(), Price.ofSatoshi(line.satoshi().toPlainString()))));
    }
    if (rules.isEmpty()) {
      rules.add(rule("/**=1"));
    }
    return new PriceList(rules);
  }

  private static PriceList.Rule rule(String text) {
    int equals = text.lastIndexOf('=');
    if (equals < 1) {
      throw new CommandException(
          ExitCode.USAGE, "USAGE", "--price '" + text + "' is not PATTERN=SATOSHI");
    }
    return new PriceList.Rule(
        text.substring(0, equals), Price.ofSatoshi(text.substring(equals + 1)));
  }

  private void announce(PayingProxy proxy, Merchant merchant, Optional<MerchantDemo> shop) {
    MerchantConfig own = merchant.config();
    String at = "http://127.0.0.1:" + proxy.port();
    String pages = "http://127.0.0.1:" + proxy.adminPort() + "/revenue";
    console.note("vts: serving %s, revenue at %s".formatted(at, pages));
    console.note(
        "vts: winnings go to %s on %s, counter-signed by %s"
            .formatted(
                Address.encode(own.network(), own.payoutScript()), own.network().id(), own.vts()));
    if (shopPages) {
      console.note("vts: try it: open %s/ in a browser".formatted(at));
    } else {
      shop.ifPresent(d -> console.note("vts: try it: vts pay -w %s %s/".formatted(d.wallet(), at)));
    }
    if (readyFile != null) {
      Map<String, Object> ready = new LinkedHashMap<>();
      ready.put("http", "127.0.0.1:" + proxy.port());
      ready.put("revenue", "127.0.0.1:" + proxy.adminPort());
      ready.put("pid", ProcessHandle.current().pid());
      try {
        Files.writeString(readyFile, Console.toJson(ready));
      } catch (IOException e) {
        throw new CommandException(
            ExitCode.CANNOT_CREATE, "READY_FILE", readyFile + ": " + e.getMessage());
      }
    }
  }
}
