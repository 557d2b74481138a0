package org.micropay.vts.appliance.cli;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.micropay.vts.appliance.config.MerchantSettings;
import org.micropay.vts.merchant.Merchant;
import org.micropay.vts.merchant.MerchantConfig;
import org.micropay.vts.merchant.MerchantStorageException;
import org.micropay.vts.merchant.Price;
import org.micropay.vts.merchant.VtsException;
import org.micropay.vts.merchant.VtsHttpClient;
import org.micropay.vts.proxy.PayingProxy;
import org.micropay.vts.proxy.ProxyConfig;
import org.micropay.vts.proxy.SamplePages;
import org.micropay.vts.proxy.ShopPages;
import org.micropay.vts.secp256k1.Kernels;
import org.micropay.vts.ticket.Address;
import org.micropay.vts.ticket.ProtocolException;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code vts merchant}: the paying proxy before a web server. */
@Command(
    name = "merchant",
    mixinStandardHelpOptions = true,
    subcommands = {MerchantReportCommand.class, MerchantReceiptsCommand.class},
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
    MerchantSetup setup = new MerchantSetup(settings, this::resolve);
    Optional<MerchantDemo> shop =
        demo
            ? Optional.of(MerchantDemo.start(console.progress(), Path.of("merchant-demo")))
            : Optional.empty();
    String url =
        shop.map(MerchantDemo::vtsUrl).orElse(server == null ? settings.vts().url() : server);
    URI vtsUri = HttpUrl.parse("the VTS's URL", url);
    Path folder =
        shop.map(MerchantDemo::merchantFolder)
            .orElseGet(() -> data == null ? resolve(settings.proxy().data()) : data);
    VtsHttpClient vts = new VtsHttpClient(vtsUri);
    Merchant merchant = null;
    try {
      MerchantConfig merchantConfig = merchantConfig(setup, shop, vts, url, folder);
      merchant =
          Merchant.open(
              folder,
              merchantConfig,
              vts::escrowFacts,
              vts::claim,
              Kernels.select(Kernels.AUTO),
              problem -> LoggerFactory.getLogger("vts.merchant").warn("claims wait: {}", problem));
      PayingProxy proxy = shopPages ? shop(setup, merchant, shop) : proxy(setup, merchant);
      announce(settings.proxy().tls() != null, proxy, merchant, shop);
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
      MerchantSetup setup,
      Optional<MerchantDemo> shop,
      VtsHttpClient vts,
      String url,
      Path folder) {
    String payTo = address != null ? address : setup.settings().payout().address();
    if (payTo == null && shop.isEmpty()) {
      throw new CommandException(
          ExitCode.USAGE, "USAGE", "no address; name your own with --pay-to");
    }
    return setup.merchant(
        vts,
        url,
        network -> payTo == null ? shop.get().payoutScript() : Address.decode(network, payTo),
        folder);
  }

  private PayingProxy proxy(MerchantSetup setup, Merchant merchant) {
    Price samplePrice = samplePrice();
    String behind = upstreamOf(setup.settings());
    boolean pages = sample || demo && behind == null;
    ProxyConfig proxyConfig =
        setup.proxy(
            pages ? SamplePages.prices(samplePrice) : setup.prices(prices), listen, revenue);
    return pages
        ? PayingProxy.withSample(new SamplePages(merchant, samplePrice), merchant, proxyConfig)
        : PayingProxy.before(URI.create(behind), merchant, proxyConfig);
  }

  private PayingProxy shop(MerchantSetup setup, Merchant merchant, Optional<MerchantDemo> with) {
    if (!ShopPages.canSign()) {
      console.note("vts: this build had no npm: the shop's page cannot sign");
    }
    Price price = prices.isEmpty() ? MerchantDemo.SHOP_PRICE : samplePrice();
    ShopPages pages =
        new ShopPages(merchant.config().network(), price, with.map(d -> d::testEscrow));
    return PayingProxy.withShop(
        pages, merchant, setup.proxy(ShopPages.prices(price), listen, revenue));
  }

  private Price samplePrice() {
    return prices.isEmpty() ? new Price(1_000) : MerchantSetup.rule(prices.getFirst()).price();
  }

  private void announce(
      boolean secure, PayingProxy proxy, Merchant merchant, Optional<MerchantDemo> shop) {
    MerchantConfig own = merchant.config();
    String at = (secure ? "https" : "http") + "://127.0.0.1:" + proxy.port();
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
