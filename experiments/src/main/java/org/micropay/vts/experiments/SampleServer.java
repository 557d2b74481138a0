package org.micropay.vts.experiments;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.micropay.vts.merchant.ClaimReply;
import org.micropay.vts.merchant.EscrowFacts;
import org.micropay.vts.merchant.EscrowState;
import org.micropay.vts.merchant.Merchant;
import org.micropay.vts.merchant.MerchantConfig;
import org.micropay.vts.merchant.Price;
import org.micropay.vts.merchant.RiskPolicy;
import org.micropay.vts.proxy.PayingProxy;
import org.micropay.vts.proxy.PriceList;
import org.micropay.vts.proxy.ProxyConfig;
import org.micropay.vts.proxy.ProxyLimits;
import org.micropay.vts.proxy.SamplePages;
import org.micropay.vts.secp256k1.Ecdsa;
import org.micropay.vts.secp256k1.Kernels;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Terms;

/**
 * The web experiment's server as a process of its own: the production proxy with the sample pages,
 * the same proxy in front of a legacy server whose page costs the CPU time that the paper's cost,
 * and in front of a site that makes its pages from a database. The VTS behind the merchant answers
 * from memory, so that nothing but the web server is measured. Prints {@code READY port port port},
 * the last 0 without a site, and ends with its standard input.
 */
public final class SampleServer {
  /** CPU time of the paper's page: one core served 534 a second. */
  static final long PAPER_PAGE_NANOS = 1_870_000;

  private static final Price PRICE = new Price(1_000);
  private static final int ASKS_A_SECOND = 100_000_000;
  private static final int LIFE_SECONDS = 3_600;
  private static final int TIP = 100;

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
    SecretKey vts = Sample.key("vts", seed, 0);
    URI vtsUrl = URI.create("http://127.0.0.1:8480");
    Map<Bytes32, EscrowFacts> facts = facts(seed, escrows, vts);
    MerchantConfig config =
        new MerchantConfig(
            Network.REGTEST,
            vtsUrl,
            PublicKey.of(vts.publicKey()),
            Sample.PAYOUT,
            86_400,
            LIFE_SECONDS,
            1,
            Integer.MAX_VALUE,
            new RiskPolicy(0, 0, 1, 0, 1_000_000),
            LIFE_SECONDS * 1_000L,
            LIFE_SECONDS * 1_000L);
    Merchant merchant =
        Merchant.open(
            folder,
            config,
            digest ->
                CompletableFuture.completedFuture(
                    facts.getOrDefault(digest, EscrowFacts.unknown())),
            claim -> grant(claim, vts),
            Kernels.select(Kernels.AUTO),
            problem -> {});
    PayingProxy sample =
        PayingProxy.withSample(
            new SamplePages(merchant, PRICE), merchant, config(host, SamplePages.prices(PRICE)));
    HttpServer legacy = legacy();
    PayingProxy front = before(legacy.getAddress().getPort(), host, merchant);
    Optional<Process> site = site(siteCommand);
    Optional<PayingProxy> siteFront = site.map(s -> before(sitePort(s), host, merchant));
    System.out.printf(
        "READY %d %d %d%n",
        sample.port(), front.port(), siteFront.map(PayingProxy::port).orElse(0));
    System.out.flush();
    while (System.in.read() >= 0) {
      // Nothing is said on it; it ends with the parent.
    }
    siteFront.ifPresent(PayingProxy::close);
    site.ifPresent(Process::destroy);
    front.close();
    sample.close();
    legacy.stop(0);
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

  private static Map<Bytes32, EscrowFacts> facts(long seed, int escrows, SecretKey vts) {
    byte[] vtsKey = vts.publicKey();
    byte[][] buyers = new byte[Sample.BUYERS][];
    for (int i = 0; i < buyers.length; i++) {
      try (SecretKey key = Sample.key("buyer", seed, i)) {
        buyers[i] = key.publicKey();
      }
    }
    Map<Bytes32, EscrowFacts> facts = HashMap.newHashMap(escrows);
    for (int i = 0; i < escrows; i++) {
      Terms terms = Sample.terms(buyers[i % buyers.length], vtsKey, i, Sample.ODDS);
      facts.put(
          terms.digest(),
          new EscrowFacts(Optional.of(terms), EscrowState.LIVE, 6, TIP, Optional.empty()));
    }
    return facts;
  }

  private static ClaimReply grant(Claim claim, SecretKey vts) {
    byte[] signature = Ecdsa.sign(vts, claim.spendTemplate().digest().toArray());
    return new ClaimReply(
        AnswerCode.GRANTED, claim.id(), 1, Optional.of(CompactSignature.of(signature)), 0);
  }

  /** A web server that makes its pages as slowly as the paper's did. */
  private static HttpServer legacy() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 256);
    server.setExecutor(
        Executors.newSingleThreadExecutor(
            task -> Thread.ofPlatform().daemon().name("legacy").unstarted(task)));
    server.createContext("/", SampleServer::page);
    server.start();
    return server;
  }

  private static void page(HttpExchange exchange) throws IOException {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long end = threads.getCurrentThreadCpuTime() + PAPER_PAGE_NANOS;
    StringBuilder page = new StringBuilder();
    do {
      page.setLength(0);
      page.append("<!DOCTYPE html><title>legacy</title>");
      for (int line = 0; page.length() < 2_000; line++) {
        page.append("<p>Line ").append(line).append(" of a page made by a legacy server.</p>\n");
      }
    } while (threads.getCurrentThreadCpuTime() < end);
    byte[] body = page.toString().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }
}
