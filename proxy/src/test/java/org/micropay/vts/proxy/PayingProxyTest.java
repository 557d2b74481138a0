package org.micropay.vts.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.merchant.BuyerWallet;
import org.micropay.vts.merchant.Challenge;
import org.micropay.vts.merchant.PayingClient;
import org.micropay.vts.merchant.PresentedTicket;
import org.micropay.vts.merchant.TicketResult;
import org.micropay.vts.merchant.WalletEscrow;

/** What buyers see of the proxy, and what the server behind sees. */
class PayingProxyTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SHOP_ORIGIN = "https://shop.example";

  @TempDir Path folder;
  private Shop shop;

  @BeforeEach
  void open() {
    shop = Shop.open(folder);
  }

  @AfterEach
  void close() {
    shop.close();
  }

  private static TicketResult result(HttpResponse<?> response) {
    return TicketResult.parse(response.headers().firstValue(TicketResult.HEADER).orElseThrow());
  }

  @Test
  void shouldAskForATicketAndSayTheSameInHeaderAndBody() throws IOException {
    HttpResponse<String> response = shop.get(shop.at("/hello"));
    assertEquals(402, response.statusCode());
    Challenge challenge =
        Challenge.parse(response.headers().firstValue(Challenge.HEADER).orElseThrow())
            .orElseThrow();
    JsonNode body = JSON.readTree(response.body());
    assertEquals("PAYMENT_REQUIRED", body.path("code").asText());
    assertEquals(challenge.ask().toBase64Url(), body.path("ask").asText());
    assertEquals(PresentedTicket.counterText(challenge.counter()), body.path("counter").asText());
    assertEquals(Shop.PRICE.msat(), body.path("priceMsat").asLong());
    assertEquals("no-store", response.headers().firstValue("cache-control").orElseThrow());
    assertTrue(shop.behind.seen.isEmpty());
    HttpResponse<String> page = shop.get(shop.at("/hello"), "accept", "text/html,*/*;q=0.8");
    assertTrue(page.body().startsWith("<!doctype html>"), page.body());
    assertTrue(page.headers().firstValue(Challenge.HEADER).isPresent());
  }

  @Test
  void shouldServeLosersAndWinnersAndClaimTheLatter() {
    shop.losing();
    PayingClient payer = shop.payer();
    PayingClient.Answer lost = payer.send(PayingClient.Request.get(shop.at("/hello")), Shop.LIMITS);
    assertEquals(200, lost.response().statusCode());
    assertFalse(lost.result().orElseThrow().isWon());
    assertEquals(WalletEscrow.State.FREE, shop.wallet.status().escrows().getFirst().state());
    shop.winning();
    PayingClient.Answer second =
        payer.send(PayingClient.Request.get(shop.at("/hello?a=b")), Shop.LIMITS);
    assertFalse(second.result().orElseThrow().isWon(), "the cheaper ticket is taken first");
    BuyerWallet.Payment winner = payFromWinner();
    HttpResponse<String> won =
        shop.get(shop.at("/hello"), "authorization", winner.ticket().authorization());
    assertEquals(200, won.statusCode());
    assertTrue(result(won).isWon());
    while (!shop.merchant.pendingClaims().isEmpty()) {
      assertFalse(Thread.interrupted(), "the test's time is over");
      Thread.yield();
    }
    assertEquals(1, shop.vts.grants.size());
    assertEquals("/hello?a=b", shop.behind.seen.get(1).uri());
  }

  /** Uses up the losing escrow with an outstanding ticket, so that the next one is the winner's. */
  private BuyerWallet.Payment payFromWinner() {
    shop.pay("/hello");
    return shop.pay("/hello");
  }

  @Test
  void shouldLeaveTheServersOwnAuthorizationAlone() {
    shop.losing();
    PayingClient.Request request =
        new PayingClient.Request(
            shop.at("/hello"),
            "GET",
            List.of(java.util.Map.entry("Authorization", "Bearer abc")),
            new byte[0]);
    assertEquals(200, shop.payer().send(request, Shop.LIMITS).response().statusCode());
    assertEquals("Bearer abc", shop.behind.last().header("authorization"));
    assertNull(shop.behind.last().header("vts-ticket"));
    shop.payer().send(PayingClient.Request.get(shop.at("/hello")), Shop.LIMITS);
    assertNull(shop.behind.last().header("authorization"));
  }

  @Test
  void shouldTakeATicketInTheBodyAndFetchTheSamePage() {
    shop.losing();
    BuyerWallet.Payment payment = shop.pay("/hello");
    HttpResponse<String> response =
        shop.send(
            HttpRequest.newBuilder(shop.at("/hello"))
                .header("content-type", PresentedTicket.MEDIA_TYPE)
                .POST(BodyPublishers.ofByteArray(payment.ticket().body()))
                .build());
    assertEquals(200, response.statusCode(), response.body());
    assertEquals("hello from behind", response.body());
    assertEquals("GET", shop.behind.last().method());
    assertNull(shop.behind.last().header("content-type"));
    assertFalse(result(response).isWon());
  }

  @Test
  void shouldKeepWhatBelongsToOneConnectionToIt() {
    HttpResponse<String> response =
        shop.get(shop.at("/free/page"), "te", "trailers", "keep-alive", "timeout=5", "x-mine", "1");
    assertEquals(200, response.statusCode());
    Behind.Seen seen = shop.behind.last();
    assertNull(seen.header("te"));
    assertNull(seen.header("keep-alive"));
    assertEquals("1", seen.header("x-mine"));
    assertEquals("127.0.0.1", seen.header("x-forwarded-for"));
    assertEquals("1.1 vts", seen.header("via"));
    assertTrue(response.headers().firstValue("x-secret").isEmpty());
    assertTrue(response.headers().firstValue(TicketResult.HEADER).isEmpty());
  }

  @Test
  void shouldStreamLargeBodiesBothWays() throws IOException, InterruptedException {
    shop.losing();
    byte[] body = new byte[8 << 20];
    new java.util.Random(7).nextBytes(body);
    CRC32 crc = new CRC32();
    crc.update(body);
    BuyerWallet.Payment payment = shop.pay("/echo");
    HttpResponse<String> echoed =
        shop.send(
            HttpRequest.newBuilder(shop.at("/echo"))
                .header("authorization", payment.ticket().authorization())
                .POST(BodyPublishers.ofByteArray(body))
                .build());
    assertEquals(body.length + " " + crc.getValue(), echoed.body());
    shop.wallet.learn(payment, result(echoed));
    BuyerWallet.Payment next = shop.pay("/large");
    HttpResponse<InputStream> large =
        shop.http.send(
            HttpRequest.newBuilder(shop.at("/large"))
                .header("authorization", next.ticket().authorization())
                .build(),
            HttpResponse.BodyHandlers.ofInputStream());
    long length = 0;
    byte[] block = new byte[1 << 16];
    try (InputStream in = large.body()) {
      for (int i = 0; i < Behind.LARGE / block.length; i++) {
        assertEquals(block.length, in.readNBytes(block, 0, block.length));
        assertEquals((byte) i, block[block.length - 1]);
        length += block.length;
      }
      assertEquals(-1, in.read());
    }
    assertEquals(Behind.LARGE, length);
  }

  @Test
  void shouldCutTheClientWhenTheAnswerIsCut() {
    shop.losing();
    BuyerWallet.Payment payment = shop.pay("/cut");
    assertThrows(
        RuntimeException.class,
        () -> shop.get(shop.at("/cut"), "authorization", payment.ticket().authorization()));
  }

  @Test
  void shouldPassErrorsOfTheServerBehindOn() {
    shop.losing();
    BuyerWallet.Payment payment = shop.pay("/missing");
    HttpResponse<String> response =
        shop.get(shop.at("/missing"), "authorization", payment.ticket().authorization());
    assertEquals(404, response.statusCode());
    assertFalse(result(response).reusable());
  }

  @Test
  void shouldKeepATicketGoodWhenTheServerBehindIsGone() {
    shop.losing();
    BuyerWallet.Payment payment = shop.pay("/hello");
    URI uri = shop.at("/hello");
    shop.behind.close();
    for (int i = 0; i < 2; i++) {
      HttpResponse<String> response =
          shop.get(uri, "authorization", payment.ticket().authorization());
      assertEquals(502, response.statusCode());
      assertTrue(result(response).reusable());
      assertFalse(result(response).isWon());
    }
    assertEquals(0, shop.merchant.report().join().statistics().tickets());
  }

  @Test
  void shouldAnswerHeadWithoutABody() {
    HttpResponse<String> response =
        shop.send(
            HttpRequest.newBuilder(shop.at("/hello"))
                .method("HEAD", BodyPublishers.noBody())
                .build());
    assertEquals(402, response.statusCode());
    assertEquals("", response.body());
    assertTrue(response.headers().firstValue(Challenge.HEADER).isPresent());
  }

  @Test
  void shouldFinishRequestsInProgressBeforeItCloses() throws Exception {
    shop.losing();
    BuyerWallet.Payment payment = shop.pay("/wait");
    var answer =
        shop.http.sendAsync(
            HttpRequest.newBuilder(shop.at("/wait"))
                .header("authorization", payment.ticket().authorization())
                .build(),
            HttpResponse.BodyHandlers.ofString());
    shop.behind.waiting.await();
    Thread closing = Thread.ofVirtual().start(shop.proxy::close);
    // Whether the listener is gone yet or not, the request in progress must get its answer.
    shop.behind.letGo.countDown();
    assertEquals("waited", answer.get().body());
    closing.join();
  }

  @Test
  void shouldShowItsRevenue() throws IOException {
    shop.losing();
    shop.payer().send(PayingClient.Request.get(shop.at("/hello")), Shop.LIMITS);
    HttpResponse<String> page = shop.get(shop.revenue("/revenue"));
    assertEquals(200, page.statusCode());
    assertFalse(page.body().contains("{{"), page.body());
    assertFalse(page.body().contains("<script"));
    JsonNode json = JSON.readTree(shop.get(shop.revenue("/revenue.json")).body());
    assertEquals(1, json.path("merchant").path("statistics").path("tickets").asLong());
    assertEquals("TOO_EARLY", json.path("luck").asText());
    assertTrue(
        shop.get(shop.revenue("/metrics")).body().contains("\nvts_merchant_tickets_total 1\n"));
    assertEquals(200, shop.get(shop.revenue("/readyz")).statusCode());
    assertEquals(Optional.empty(), shop.get(shop.at("/metrics")).headers().firstValue("x"));
    assertEquals(402, shop.get(shop.at("/metrics")).statusCode());
  }

  @Test
  void shouldServeThePapersSamplePages() throws IOException {
    try (Shop sample = Shop.sample(folder.resolve("sample"))) {
      sample.losing();
      HttpResponse<String> base = sample.get(sample.at("/base?name=%3Cb%3E"));
      assertEquals(200, base.statusCode());
      assertTrue(base.body().contains("Good day, &lt;b&gt;."));
      int size = base.body().getBytes(StandardCharsets.UTF_8).length;
      assertTrue(size > 1_800 && size < 2_300, "about 2 kB: " + size);
      JsonNode ask = JSON.readTree(sample.get(sample.at("/ask")).body());
      assertEquals(72, ask.path("ask").asText().length());
      assertEquals(402, sample.get(sample.at("/buy")).statusCode());
      BuyerWallet.Payment payment = sample.pay("/buy");
      HttpResponse<String> bought =
          sample.get(sample.at("/buy"), "vts-ticket", payment.ticket().parameters());
      assertEquals(200, bought.statusCode());
      assertFalse(result(bought).isWon());
    }
  }

  @Test
  void shouldAnswerThePreflightOfItsOwnPagesOnly() {
    ProxyConfig config = ProxyConfig.onLoopback(Shop.prices()).withOrigins(Set.of(SHOP_ORIGIN));
    try (Shop browsed = Shop.open(folder.resolve("browsed"), config)) {
      HttpResponse<String> ours = preflight(browsed, SHOP_ORIGIN);
      assertEquals(204, ours.statusCode());
      assertEquals(SHOP_ORIGIN, header(ours, "access-control-allow-origin"));
      assertTrue(header(ours, "access-control-allow-headers").contains("VTS-Ticket"));
      assertTrue(header(ours, "access-control-allow-headers").contains("Authorization"));
      assertTrue(header(ours, "access-control-allow-methods").contains("GET"));
      assertEquals("Origin", header(ours, "vary"));
      HttpResponse<String> strangers = preflight(browsed, "https://elsewhere.example");
      assertEquals(402, strangers.statusCode(), "a request like any other");
      assertEquals("", header(strangers, "access-control-allow-origin"));
      assertTrue(browsed.behind.seen.isEmpty());
      HttpResponse<String> challenged = browsed.get(browsed.at("/hello"), "origin", SHOP_ORIGIN);
      String exposed = header(challenged, "access-control-expose-headers").toLowerCase();
      assertTrue(exposed.contains(Challenge.HEADER.toLowerCase()), exposed);
      assertTrue(exposed.contains(TicketResult.HEADER.toLowerCase()), exposed);
    }
  }

  private static HttpResponse<String> preflight(Shop shop, String origin) {
    return shop.send(
        HttpRequest.newBuilder(shop.at("/hello"))
            .method("OPTIONS", BodyPublishers.noBody())
            .header("origin", origin)
            .header("access-control-request-method", "GET")
            .header("access-control-request-headers", "authorization")
            .build());
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }
}
