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
 * and the same proxy in front of a legacy server whose page costs the CPU time that the paper's
 * cost. The VTS behind the merchant answers from memory, so that nothing but the web server is
 * measured. Prints {@code READY port port} and ends with its standard input.
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
   * @param words folder, seed, number of escrows
   */
  public static void main(String[] words) throws IOException {
    Path folder = Path.of(words[0]);
    long seed = Long.parseLong(words[1]);
    int escrows = Integer.parseInt(words[2]);
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
            new SamplePages(merchant, PRICE), merchant, config(SamplePages.prices(PRICE)));
    HttpServer legacy = legacy();
    PayingProxy front =
        PayingProxy.before(
            URI.create("http://127.0.0.1:" + legacy.getAddress().getPort()),
            merchant,
            config(new PriceList(List.of(new PriceList.Rule(SamplePages.BUY, PRICE)))));
    System.out.println("READY " + sample.port() + " " + front.port());
    System.out.flush();
    while (System.in.read() >= 0) {
      // Nothing is said on it; it ends with the parent.
    }
    front.close();
    sample.close();
    legacy.stop(0);
    merchant.close();
    System.exit(0);
  }

  private static ProxyConfig config(PriceList prices) {
    ProxyConfig loopback = ProxyConfig.onLoopback(prices);
    return loopback
        .with(ProxyLimits.DEFAULT.withAsksPerSecond(ASKS_A_SECOND))
        .listening("127.0.0.1", 0, "127.0.0.1", -1);
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
