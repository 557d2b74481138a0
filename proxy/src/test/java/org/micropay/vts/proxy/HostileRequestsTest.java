package org.micropay.vts.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.merchant.BuyerWallet;
import org.micropay.vts.merchant.Challenge;
import org.micropay.vts.merchant.EscrowState;
import org.micropay.vts.merchant.Merchant;
import org.micropay.vts.merchant.PresentedTicket;
import org.micropay.vts.merchant.Price;
import org.micropay.vts.merchant.TicketCheck;
import org.micropay.vts.merchant.TicketRefusal;
import org.micropay.vts.merchant.TicketResult;
import org.micropay.vts.ticket.Terms;
import org.micropay.vts.ticket.Ticket;

/** Buyers that cheat, clients that attack, and as many of them as there may be. */
class HostileRequestsTest {
  private static final int ASKS = 10_000;
  private static final int CLIENTS = 500;

  @TempDir Path folder;
  private Shop shop;

  @BeforeEach
  void open() {
    ProxyLimits limits = ProxyLimits.DEFAULT.withAsksPerSecond(1_000_000).withBodyBytes(100_000);
    shop = Shop.open(folder, ProxyConfig.onLoopback(Shop.prices()).with(limits));
  }

  @AfterEach
  void close() {
    shop.close();
  }

  private HttpResponse<String> present(PresentedTicket ticket) {
    return shop.get(shop.at("/hello"), "authorization", ticket.authorization());
  }

  private void assertRefused(TicketRefusal expected, HttpResponse<String> response) {
    assertEquals(expected.httpStatus(), response.statusCode(), response.body());
    assertTrue(response.body().contains("\"code\":\"" + expected + "\""), response.body());
    assertEquals(
        expected.httpStatus() == 402, response.headers().firstValue(Challenge.HEADER).isPresent());
  }

  // ---- buyers

  @Test
  void shouldSellOnceForAReplayedTicket() {
    shop.losing();
    BuyerWallet.Payment payment = shop.pay("/hello");
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      answers.add(
          shop.http.sendAsync(
              HttpRequest.newBuilder(shop.at("/hello"))
                  .header("authorization", payment.ticket().authorization())
                  .build(),
              HttpResponse.BodyHandlers.ofString()));
    }
    long sold = answers.stream().filter(a -> a.join().statusCode() == 200).count();
    assertEquals(1, sold);
    assertEquals(1, shop.behind.seen.size());
    HttpResponse<String> again = present(payment.ticket());
    assertRefused(TicketRefusal.REDEEMED, again);
    assertFalse(
        TicketResult.parse(again.headers().firstValue(TicketResult.HEADER).orElseThrow()).isWon());
  }

  @Test
  void shouldRefuseTicketsForAnotherMerchantOrPrice() {
    Terms terms = shop.losing();
    try (Merchant other = shop.openMerchant(folder.resolve("other"))) {
      PresentedTicket elsewhere =
          shop.wallet.pay(other.ask(Shop.PRICE), "other", Shop.LIMITS).ticket();
      assertRefused(TicketRefusal.UNKNOWN_ASK, present(elsewhere));
      PresentedTicket renumbered =
          new PresentedTicket(shop.challenge("/hello").counter(), elsewhere.ticket());
      assertRefused(TicketRefusal.UNKNOWN_ASK, present(renumbered));
    }
    Price above = new Price(Price.ofTicket(terms).msat() + 1);
    try (Shop dear =
        Shop.open(folder.resolve("dear"), ProxyConfig.onLoopback(ProxyConfig.everything(above)))) {
      dear.vts.escrow(dear.wallet, Shop.HUGE, Shop.NEVER);
      Challenge challenge = dear.challenge("/hello");
      // Signed against the buyer's own rules.
      Challenge cheap =
          new Challenge(
              challenge.network(),
              challenge.vts(),
              challenge.vtsKey(),
              Shop.PRICE,
              challenge.counter(),
              challenge.ask(),
              challenge.askExpires(),
              challenge.minExpirySeconds(),
              1,
              Integer.MAX_VALUE,
              TicketRefusal.PAYMENT_REQUIRED);
      PresentedTicket ticket = dear.wallet.pay(cheap, "dear", Shop.LIMITS).ticket();
      assertRefused(
          TicketRefusal.PRICE_TOO_LOW,
          dear.get(dear.at("/hello"), "authorization", ticket.authorization()));
      assertTrue(dear.behind.seen.isEmpty());
    }
  }

  @Test
  void shouldRefuseForgedSignatures() {
    shop.losing();
    PresentedTicket good = shop.pay("/hello").ticket();
    Ticket ticket = good.ticket();
    Ticket forged =
        new Ticket(
            ticket.termsDigest(),
            ticket.commitment(),
            ticket.r2(),
            ticket.expiry() + 1,
            ticket.payoutScript(),
            ticket.sigTicket(),
            ticket.sigSpend());
    assertRefused(
        TicketRefusal.BAD_TICKET_SIGNATURE, present(new PresentedTicket(good.counter(), forged)));
    assertEquals(200, present(good).statusCode(), "the forgery has not used the ask up");
  }

  @Test
  void shouldRefuseEscrowsThatAreNotLiveAndTicketsThatExpireTooSoon() {
    for (EscrowState state :
        List.of(EscrowState.UNCONFIRMED, EscrowState.SPENT, EscrowState.REFUND_NEAR)) {
      Terms terms = shop.vts.escrow(shop.wallet, Shop.HUGE, Shop.NEVER - state.ordinal());
      PresentedTicket ticket = shop.pay("/hello").ticket();
      assertEquals(terms.digest(), ticket.ticket().termsDigest());
      shop.vts.setState(terms, state);
      HttpResponse<String> response = present(ticket);
      assertEquals(402, response.statusCode(), state + ": " + response.body());
    }
    shop.losing();
    Challenge challenge = shop.challenge("/hello");
    Challenge hasty =
        new Challenge(
            challenge.network(),
            challenge.vts(),
            challenge.vtsKey(),
            challenge.price(),
            challenge.counter(),
            challenge.ask(),
            challenge.askExpires(),
            60,
            1,
            Integer.MAX_VALUE,
            TicketRefusal.PAYMENT_REQUIRED);
    assertRefused(
        TicketRefusal.EXPIRES_TOO_SOON,
        present(shop.wallet.pay(hasty, "shop", Shop.LIMITS).ticket()));
    assertTrue(shop.behind.seen.isEmpty());
  }

  @Test
  void shouldGrantOneOfTwoMerchantsThatOneEscrowPaysAtOnce() {
    Terms terms = shop.winning();
    try (Merchant other = shop.openMerchant(folder.resolve("other"))) {
      BuyerWallet.Payment here = shop.pay("/hello");
      PresentedTicket there = CheatingBuyer.secondTicket(shop, terms, other.ask(Shop.PRICE));
      assertEquals(200, present(here.ticket()).statusCode());
      TicketCheck second = other.check(there, Shop.PRICE).join();
      assertTrue(second instanceof TicketCheck.Won, second::toString);
      while (!shop.merchant.pendingClaims().isEmpty() || !other.pendingClaims().isEmpty()) {
        assertFalse(Thread.interrupted(), "the test's time is over");
        Thread.yield();
      }
      long granted =
          shop.merchant.report().join().claims().grantedSatoshi()
              + other.report().join().claims().grantedSatoshi();
      long lost =
          shop.merchant.report().join().claims().refusedSatoshi()
              + other.report().join().claims().refusedSatoshi();
      assertEquals(terms.payout(), granted);
      assertEquals(terms.payout(), lost);
    }
  }

  @Test
  void shouldKeepNothingForTenThousandAsksAtOnce() {
    List<RawClient> clients = new ArrayList<>();
    String asks = "HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n".repeat(ASKS / CLIENTS);
    for (int i = 0; i < CLIENTS; i++) {
      clients.add(new RawClient(shop.proxy.port()).send(asks));
    }
    Set<Long> counters = new HashSet<>();
    for (RawClient client : clients) {
      for (int i = 0; i < ASKS / CLIENTS; i++) {
        counters.add(counterOf(client.head()));
      }
      client.close();
    }
    assertEquals(ASKS, counters.size(), "no ask is made twice");
  }

  private static long counterOf(String head) {
    String header =
        head.lines()
            .filter(line -> line.startsWith(Challenge.HEADER))
            .findFirst()
            .orElseThrow(() -> new AssertionError(head));
    return Challenge.parse(header.substring(header.indexOf(':') + 1).strip())
        .orElseThrow()
        .counter();
  }

  // ---- requests

  @Test
  void shouldRefuseFramingThatTwoServersCouldReadDifferently() {
    for (String fields :
        List.of(
            "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
            "Transfer-Encoding: gzip, chunked\r\n",
            "Transfer-Encoding: xchunked\r\n",
            "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
            "Content-Length: 4\r\nContent-Length: 5\r\n",
            "Content-Length: +4\r\n",
            "Content-Length: 4, 4\r\n",
            "Content-Length: -1\r\n",
            "Host: other\r\n",
            " folded: x\r\n",
            "Bad Name: x\r\n",
            "Content-Length : 4\r\n")) {
      try (RawClient raw = new RawClient(shop.proxy.port())) {
        raw.send("POST /free/x HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n0\r\n\r\n");
        int status = raw.status();
        assertTrue(status == 400 || status == 0, fields + status);
      }
    }
    assertTrue(shop.behind.seen.isEmpty(), () -> shop.behind.seen.toString());
  }

  @Test
  void shouldRefuseTargetsThatCouldMeanAnotherPath() {
    for (String target :
        List.of(
            "/free/../hello",
            "/free/%2e%2e/hello",
            "/free/..%2fhello",
            "/free/..;/hello",
            "//hello",
            "/free//../hello",
            "/free/%5c..%5chello",
            "/free\\..\\hello",
            "/free/%00",
            "/free/%zz",
            "/free/%252e%252e/hello",
            "/free/%c0%ae",
            "http://other/free/x",
            "*",
            "/free/#x")) {
      try (RawClient raw = new RawClient(shop.proxy.port())) {
        raw.send("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
        assertEquals(400, raw.status(), target);
      }
    }
    for (String method : List.of("TRACE", "CONNECT")) {
      try (RawClient raw = new RawClient(shop.proxy.port())) {
        raw.send(method + " /free/x HTTP/1.1\r\nHost: a\r\n\r\n");
        int status = raw.status();
        assertTrue(status == 405 || status == 400, method + status);
      }
    }
    assertTrue(shop.behind.seen.isEmpty(), () -> shop.behind.seen.toString());
  }

  @Test
  void shouldRefuseBrokenAndSeveralTickets() {
    shop.losing();
    PresentedTicket ticket = shop.pay("/hello").ticket();
    assertRefused(
        TicketRefusal.MALFORMED, shop.get(shop.at("/hello"), "authorization", "VTS-Ticket x"));
    assertRefused(
        TicketRefusal.MALFORMED,
        shop.get(
            shop.at("/hello"),
            "authorization",
            ticket.authorization(),
            "vts-ticket",
            ticket.parameters()));
    HttpResponse<String> longBody =
        shop.send(
            HttpRequest.newBuilder(shop.at("/hello"))
                .header("content-type", PresentedTicket.MEDIA_TYPE)
                .POST(BodyPublishers.ofByteArray(new byte[20_000]))
                .build());
    assertRefused(TicketRefusal.MALFORMED, longBody);
    assertEquals(200, present(ticket).statusCode());
  }

  @Test
  void shouldBoundHeadersLinesAndBodies() {
    try (RawClient raw = new RawClient(shop.proxy.port())) {
      raw.send("GET /" + "a".repeat(9_000) + " HTTP/1.1\r\nHost: a\r\n\r\n");
      assertEquals(414, raw.status());
    }
    try (RawClient raw = new RawClient(shop.proxy.port())) {
      raw.send("GET / HTTP/1.1\r\nHost: a\r\nX: " + "a".repeat(20_000) + "\r\n\r\n");
      assertEquals(431, raw.status());
    }
    try (RawClient raw = new RawClient(shop.proxy.port())) {
      raw.send("POST /free/x HTTP/1.1\r\nHost: a\r\nContent-Length: 100001\r\n\r\n");
      assertEquals(413, raw.status());
    }
    try (RawClient raw = new RawClient(shop.proxy.port())) {
      raw.send("POST /free/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
      raw.send("186a1\r\n" + "x".repeat(100_001) + "\r\n0\r\n\r\n");
      assertEquals(413, raw.status());
    }
  }

  @Test
  void shouldEndConnectionsOfSlowClientsWithoutHarmToOthers() {
    ProxyConfig config = ProxyConfig.onLoopback(Shop.prices());
    try (Shop brisk =
        Shop.open(
            folder.resolve("brisk"), config.with(ProxyLimits.DEFAULT.withSeconds(1, 30, 1)))) {
      List<RawClient> slow = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        String begun = "GET /hello HTTP/1.1\r\nHost: a\r\nX-Slow";
        slow.add(new RawClient(brisk.proxy.port()).send(begun));
      }
      assertEquals(402, brisk.get(brisk.at("/hello")).statusCode());
      assertTrue(slow.stream().allMatch(RawClient::ended));
      slow.forEach(RawClient::close);
    }
  }

  @Test
  void shouldLimitChallengesOfOneClient() {
    ProxyConfig config = ProxyConfig.onLoopback(Shop.prices());
    try (Shop strict =
        Shop.open(
            folder.resolve("strict"), config.with(ProxyLimits.DEFAULT.withAsksPerSecond(1)))) {
      int limited = 0;
      for (int i = 0; i < 50; i++) {
        limited += strict.get(strict.at("/hello")).statusCode() == 429 ? 1 : 0;
      }
      assertTrue(limited > 0);
      assertEquals(200, strict.get(strict.at("/free/x")).statusCode());
    }
  }

  @Test
  void shouldUpgradeAPaidWebSocket() {
    try (EchoingSocketServer socket = EchoingSocketServer.start();
        Shop upgraded = Shop.before(folder.resolve("ws"), socket.uri())) {
      upgraded.losing();
      try (RawClient unpaid = new RawClient(upgraded.proxy.port())) {
        unpaid.send(handshake(""));
        assertEquals(402, unpaid.status());
      }
      PresentedTicket ticket = upgraded.pay("/feed").ticket();
      try (RawClient paid = new RawClient(upgraded.proxy.port())) {
        paid.send(handshake("Authorization: " + ticket.authorization() + "\r\n"));
        String head = paid.head();
        assertTrue(head.startsWith("HTTP/1.1 101"), head);
        assertTrue(head.toLowerCase().contains("vts-ticket-result: outcome=lost"), head);
        byte[] frame = {(byte) 0x81, 2, 'h', 'i'};
        paid.send(frame);
        assertEquals("hi", new String(paid.read(4), 2, 2));
      }
    }
  }

  private static String handshake(String more) {
    return "GET /feed HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        + more
        + "\r\n";
  }
}
