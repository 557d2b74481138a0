package org.micropay.vts.proxy;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.micropay.vts.merchant.BuyerWallet;
import org.micropay.vts.merchant.Challenge;
import org.micropay.vts.merchant.Merchant;
import org.micropay.vts.merchant.MerchantConfig;
import org.micropay.vts.merchant.PayingClient;
import org.micropay.vts.merchant.Price;
import org.micropay.vts.merchant.SpendingLimits;
import org.micropay.vts.secp256k1.Kernels;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.Terms;

/** A proxy with everything around it: a server behind, a VTS in memory, a buyer's wallet. */
final class Shop implements AutoCloseable {
  /** Odds at which no ticket of a test wins. */
  static final int NEVER = Integer.MAX_VALUE;

  /** Payout that makes a ticket at those odds worth 465 satoshi. */
  static final long HUGE = 1_000_000_000_000L;

  static final Price PRICE = new Price(1_000);
  static final SpendingLimits LIMITS = unlimited();

  final MemoryVts vts = new MemoryVts();
  final Behind behind;
  final Merchant merchant;
  final PayingProxy proxy;
  final BuyerWallet wallet;
  final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Path folder;

  private Shop(Path folder, Behind behind, URI upstream, ProxyConfig config) {
    this.folder = folder;
    this.behind = behind;
    this.merchant = openMerchant(folder.resolve("merchant"));
    this.proxy =
        upstream == null
            ? PayingProxy.withSample(new SamplePages(merchant, PRICE), merchant, config)
            : PayingProxy.before(upstream, merchant, config);
    this.wallet =
        BuyerWallet.create(folder.resolve("wallet"), Network.REGTEST, MemoryVts.URL, vts.publicKey);
  }

  static Shop open(Path folder) {
    return open(folder, ProxyConfig.onLoopback(prices()));
  }

  static Shop open(Path folder, ProxyConfig config) {
    Behind behind = Behind.start();
    return new Shop(folder, behind, behind.uri(), config);
  }

  static Shop before(Path folder, URI upstream) {
    return new Shop(folder, null, upstream, ProxyConfig.onLoopback(prices()));
  }

  static Shop sample(Path folder) {
    return new Shop(folder, null, null, ProxyConfig.onLoopback(SamplePages.prices(PRICE)));
  }

  static PriceList prices() {
    return new PriceList(
        java.util.List.of(
            new PriceList.Rule("/free/**", Price.FREE), new PriceList.Rule("/**", PRICE)));
  }

  private static SpendingLimits unlimited() {
    Price all = new Price(1L << 52);
    return new SpendingLimits(all, all, all, all);
  }

  /** Another merchant of the same VTS. */
  Merchant openMerchant(Path at) {
    return Merchant.open(
        at,
        MerchantConfig.of(
            Network.REGTEST,
            MemoryVts.URL,
            vts.publicKey,
            PayoutScript.fromHex("0014" + "ab".repeat(20))),
        vts,
        vts,
        Kernels.select(Kernels.AUTO),
        problem -> {});
  }

  Path folder() {
    return folder;
  }

  /** An escrow whose tickets never win. */
  Terms losing() {
    return vts.escrow(wallet, HUGE, NEVER);
  }

  /** An escrow whose tickets always win. */
  Terms winning() {
    return vts.escrow(wallet, 100_000, 1);
  }

  URI at(String path) {
    return URI.create("http://127.0.0.1:" + proxy.port() + path);
  }

  URI revenue(String path) {
    return URI.create("http://127.0.0.1:" + proxy.adminPort() + path);
  }

  PayingClient payer() {
    return new PayingClient(wallet, http, vts, Duration.ofSeconds(20), note -> {});
  }

  HttpResponse<String> get(URI uri, String... headers) {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri);
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request.build());
  }

  HttpResponse<String> send(HttpRequest request) {
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  Challenge challenge(String path) {
    HttpResponse<String> response = get(at(path));
    return Optional.of(response)
        .flatMap(r -> r.headers().firstValue(Challenge.HEADER))
        .flatMap(Challenge::parse)
        .orElseThrow(() -> new AssertionError(response + " " + response.body()));
  }

  BuyerWallet.Payment pay(String path) {
    return wallet.pay(challenge(path), "shop", LIMITS);
  }

  @Override
  public void close() {
    proxy.close();
    merchant.close();
    if (behind != null) {
      behind.close();
    }
    wallet.close();
    http.close();
  }
}
