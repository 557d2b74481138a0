package org.micropay.vts.experiments;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.micropay.vts.merchant.Merchant;
import org.micropay.vts.merchant.MerchantConfig;
import org.micropay.vts.merchant.Price;
import org.micropay.vts.merchant.RiskPolicy;
import org.micropay.vts.proxy.PayingProxy;
import org.micropay.vts.proxy.PriceList;
import org.micropay.vts.proxy.ProxyConfig;
import org.micropay.vts.proxy.ProxyLimits;
import org.micropay.vts.proxy.SamplePages;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.secp256k1.Kernels;
import org.micropay.vts.ticket.Network;

/**
 * The web experiment's server as a process of its own: the production proxy with the sample pages,
 * the same proxy in front of legacy servers, one whose page costs half a millisecond of CPU and one
 * whose page costs what the paper's did, and in front of a site that makes its pages from a
 * database. The VTS behind the merchant answers from memory, so that nothing but the web server is
 * measured. Prints {@code READY} and four ports, the last 0 without a site, and ends with its
 * standard input.
 */
public final class SampleServer {
  /** CPU time of the paper's page: one core served 534 a second. */
  static final long PAPER_PAGE_NANOS = 1_870_000;

  /** CPU time of a page between the site's and the paper's. */
  static final long HALF_PAGE_NANOS = 500_000;

  private static final Price PRICE = new Price(1_000);
  private static final int ASKS_A_SECOND = 100_000_000;
  private static final int LIFE_SECONDS = 3_600;

  private SampleServer() {}

  /**
   * The process.
   *
   * @param words folder, seed, number of escrows, address to listen on, and the site's command
   */
  public static void main(String[] words) throws IOException {
    Path folder = Path.of(words[0]);
    long seed = Long.parseLong(words[1]);
    int escrows = Integer.parseInt(words[2]);
    String host = words[3];
    List<String> siteCommand = List.of(words).subList(4, words.length);
    Kernel kernel = Kernels.select(Kernels.AUTO);
    SampleVts vts = SampleVts.of(seed, escrows, kernel);
    URI vtsUrl = URI.create("http://127.0.0.1:8480");
    MerchantConfig config =
        new MerchantConfig(
            Network.REGTEST,
            vtsUrl,
            vts.key(),
            Sample.PAYOUT,
            86_400,
            LIFE_SECONDS,
            1,
            Integer.MAX_VALUE,
            new RiskPolicy(0, 0, 1, 0, 1_000_000),
            LIFE_SECONDS * 1_000L,
            LIFE_SECONDS * 1_000L);
    Merchant merchant = Merchant.open(folder, config, vts, vts, kernel, problem -> {});
    PayingProxy sample =
        PayingProxy.withSample(
            new SamplePages(merchant, PRICE), merchant, config(host, SamplePages.prices(PRICE)));
    SlowPages half = SlowPages.start(HALF_PAGE_NANOS);
    SlowPages legacy = SlowPages.start(PAPER_PAGE_NANOS);
    PayingProxy halfFront = before(half.port(), host, merchant);
    PayingProxy legacyFront = before(legacy.port(), host, merchant);
    Optional<Process> site = site(siteCommand);
    Optional<PayingProxy> siteFront = site.map(s -> before(sitePort(s), host, merchant));
    System.out.printf(
        "READY %d %d %d %d%n",
        sample.port(),
        halfFront.port(),
        legacyFront.port(),
        siteFront.map(PayingProxy::port).orElse(0));
    System.out.flush();
    while (System.in.read() >= 0) {
      // Nothing is said on it; it ends with the parent.
    }
    siteFront.ifPresent(PayingProxy::close);
    site.ifPresent(Process::destroy);
    legacyFront.close();
    halfFront.close();
    sample.close();
    legacy.close();
    half.close();
    merchant.close();
    System.exit(0);
  }

  private static PayingProxy before(int port, String host, Merchant merchant) {
    return PayingProxy.before(
        URI.create("http://127.0.0.1:" + port),
        merchant,
        config(host, new PriceList(List.of(new PriceList.Rule(SamplePages.BUY, PRICE)))));
  }

  /** Starts the site on this process's core; it ends with its standard input, so with us. */
  private static Optional<Process> site(List<String> command) throws IOException {
    return command.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  private static int sitePort(Process site) {
    try {
      String line = site.inputReader(StandardCharsets.US_ASCII).readLine();
      if (line == null) {
        throw new IOException("it ended");
      }
      return Integer.parseInt(line.strip());
    } catch (IOException | NumberFormatException e) {
      throw new IllegalStateException("the site named no port: " + e.getMessage(), e);
    }
  }

  private static ProxyConfig config(String host, PriceList prices) {
    ProxyConfig loopback = ProxyConfig.onLoopback(prices);
    return loopback
        .with(ProxyLimits.DEFAULT.withAsksPerSecond(ASKS_A_SECOND))
        .listening(host, 0, host, -1);
  }
}
