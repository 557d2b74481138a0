package org.micropay.vts.appliance.shop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.SimpleFileServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.appliance.demo.FeeCoins;
import org.micropay.vts.appliance.testing.CommandRun;
import org.micropay.vts.appliance.testing.Poll;
import org.micropay.vts.appliance.testing.TestServer;
import org.micropay.vts.merchant.Merchant;
import org.micropay.vts.merchant.MerchantConfig;
import org.micropay.vts.merchant.Price;
import org.micropay.vts.proxy.PayingProxy;
import org.micropay.vts.proxy.PriceList;
import org.micropay.vts.proxy.ProxyConfig;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.PublicKey;

/**
 * The whole way on the embedded chain: a plain file server behind the proxy, {@code vts buyer} and
 * {@code vts pay} before it, winners claimed and settled, losers served as well.
 */
class PayingWebTest {
  private static final String SCRIPT = "0014" + "5b".repeat(20);

  /** 10,000 satoshi to the script, as an output stands in a block. */
  private static final String OUTPUT = "1027000000000000" + "16" + SCRIPT;

  private static final String ARTICLE = "<h1>An article</h1>\n";

  @TempDir Path folder;
  private TestServer vts;
  private HttpServer files;
  private Merchant merchant;
  private PayingProxy proxy;

  @BeforeEach
  void open() throws IOException {
    vts =
        TestServer.start(
            folder.resolve("vts"), "", "[settlement]\nmax_age_seconds = 1\nconfirmations = 1");
    fundFees();
    Path site = Files.createDirectory(folder.resolve("site"));
    Files.writeString(site.resolve("article.html"), ARTICLE);
    files =
        SimpleFileServer.createFileServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            site.toAbsolutePath(),
            SimpleFileServer.OutputLevel.NONE);
    files.start();
    merchant =
        Merchant.open(
            folder.resolve("merchant"),
            MerchantConfig.of(
                Network.REGTEST, vts.httpUri(), vts.vtsKey(), PayoutScript.fromHex(SCRIPT)),
            vts.http());
    proxy =
        PayingProxy.before(
            URI.create("http://127.0.0.1:" + files.getAddress().getPort()),
            merchant,
            ProxyConfig.onLoopback(
                new PriceList(List.of(new PriceList.Rule("/**", new Price(1_000))))));
  }

  @AfterEach
  void close() {
    proxy.close();
    merchant.close();
    files.stop(0);
    vts.close();
  }

  private void fundFees() throws IOException {
    try (SecretKey key = SecretKey.fromFile(vts.directory().resolve("keys/fee.key"))) {
      String script = HexFormat.of().formatHex(FeeCoins.script(PublicKey.of(key.publicKey())));
      vts.fund(List.of(TestServer.output(script, 1_000_000)));
    }
    vts.mine(1);
  }

  private String wallet() {
    return folder.resolve("buyer").toString();
  }

  private CommandRun buyer(String command, String... more) {
    return run(List.of("buyer", command, "-w", wallet()), more);
  }

  private CommandRun pay(String path, String... more) {
    return run(List.of("pay", "-w", wallet(), "http://127.0.0.1:" + proxy.port() + path), more);
  }

  private static CommandRun run(List<String> words, String... more) {
    List<String> all = new java.util.ArrayList<>(words);
    all.addAll(List.of(more));
    return CommandRun.of(all.toArray(String[]::new));
  }

  @Test
  void shouldServeLosersAndWinnersAndSettleTheLatter() throws IOException {
    assertEquals(66, pay("/article.html").exit(), "no wallet");
    assertEquals(0, buyer("init", "-s", vts.httpUri().toString()).exit());
    assertEquals(73, buyer("init", "-s", vts.httpUri().toString()).exit());
    assertEquals(1, pay("/article.html").exit(), "no escrow");
    assertEquals(64, buyer("fund", "--payout", "100").exit(), "dust");
    CommandRun losing = buyer("fund", "--odds", "100000", "--payout", "1000000");
    assertEquals(0, losing.exit(), losing.err());

    CommandRun lost = pay("/article.html");
    assertEquals(0, lost.exit(), lost.err());
    assertEquals(ARTICLE, lost.out());
    assertTrue(lost.err().contains("paid a ticket worth 10 sat (price 1 sat)"), lost.err());
    CommandRun dear = pay("/article.html", "--max-price", "9");
    assertEquals(1, dear.exit());
    assertEquals(
        "PRICE_ABOVE_LIMIT",
        pay("/article.html", "--max-price", "9", "--json")
            .json()
            .path("error")
            .path("code")
            .asText());
    CommandRun missing = pay("/missing", "--json");
    assertEquals(1, missing.exit());
    assertEquals(404, missing.json().path("status").asInt());
    assertEquals(10_000, missing.json().path("paid_msat").asLong());

    assertEquals(0, buyer("fund", "--odds", "1", "--payout", "10000", "-n", "3").exit());
    Path page = folder.resolve("page.html");
    int won = 0;
    for (int i = 0; i < 3; i++) {
      // The cheap escrow lies about its price: only the dear ones cover five satoshi and more.
      CommandRun bought =
          pay(
              "/article.html",
              "--json",
              "-o",
              page.toString(),
              "--max-price",
              "10000",
              "--limit-site",
              "1000000",
              "--limit-day",
              "1000000");
      assertEquals(0, bought.exit(), bought.err());
      assertEquals(ARTICLE, Files.readString(page));
      won += bought.json().path("outcome").asText().equals("won") ? 1 : 0;
    }
    assertEquals(0, won, "the cheapest ticket is taken first");
    payWithDearTickets();
    settle();
  }

  /** Raises the price, so that only tickets that always win cover it. */
  private void payWithDearTickets() {
    proxy.close();
    proxy =
        PayingProxy.before(
            URI.create("http://127.0.0.1:" + files.getAddress().getPort()),
            merchant,
            ProxyConfig.onLoopback(
                new PriceList(List.of(new PriceList.Rule("/**", new Price(5_000_000))))));
    for (int i = 0; i < 3; i++) {
      CommandRun bought =
          pay(
              "/article.html",
              "--max-price",
              "10000",
              "--limit-site",
              "1000000",
              "--limit-day",
              "1000000");
      assertEquals(0, bought.exit(), bought.err());
      assertEquals(ARTICLE, bought.out());
      assertTrue(bought.err().contains("it won"), bought.err());
    }
    CommandRun empty = pay("/article.html", "--max-price", "10000");
    assertEquals(1, empty.exit());
    assertTrue(empty.err().contains("no free escrow"), empty.err());
  }

  /** The VTS grants, settles and mines; the merchant's script has the payouts. */
  private void settle() {
    Poll.until("every winner is answered", () -> merchant.pendingClaims().isEmpty());
    assertEquals(30_000, merchant.report().join().claims().grantedSatoshi());
    JsonNode report =
        CommandRun.of(
                "merchant",
                "report",
                "--revenue",
                "http://127.0.0.1:" + proxy.adminPort(),
                "--json")
            .json();
    assertEquals(3, report.path("merchant").path("statistics").path("wins").asLong());
    Poll.until(
        "the payouts are mined",
        () -> {
          int height = vts.mine(1);
          for (int at = height; at > Math.max(0, height - 20); at--) {
            String raw = vts.http().get("/v1/dev/blocks/" + at).body().path("raw").asText();
            if (raw.split(OUTPUT, -1).length == 4) {
              return true;
            }
          }
          return false;
        });
    CommandRun status = buyer("status", "--refresh", "--json");
    assertEquals(0, status.exit());
    long spent =
        status.json().path("escrows").findValuesAsText("state").stream()
            .filter("WON"::equals)
            .count();
    assertEquals(3, spent);
    assertFalse(status.out().contains("seed"));
  }
}
