package org.micropay.vts.appliance.shop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.appliance.testing.CommandRun;
import org.micropay.vts.appliance.testing.Poll;
import org.micropay.vts.appliance.testing.TestCertificate;
import org.micropay.vts.appliance.testing.TestEscrow;
import org.micropay.vts.appliance.testing.TestServer;
import org.micropay.vts.merchant.BuyerWallet;
import org.micropay.vts.merchant.Merchant;
import org.micropay.vts.merchant.MerchantConfig;
import org.micropay.vts.merchant.PayingClient;
import org.micropay.vts.merchant.Price;
import org.micropay.vts.merchant.SpendingLimits;
import org.micropay.vts.merchant.TicketSigner;
import org.micropay.vts.proxy.PayingProxy;
import org.micropay.vts.proxy.ProxyConfig;
import org.micropay.vts.proxy.SamplePages;
import org.micropay.vts.ticket.Address;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Ask;
import org.micropay.vts.ticket.Bytes16;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Opening;
import org.micropay.vts.ticket.PayoutScript;

/**
 * What goes wrong between buyer, merchant and VTS, on one real server: hostile merchants, an escrow
 * that runs out, a merchant killed with winners queued; and the tools that an operator has then.
 */
class PayingWebFaultsTest {
  private static final PayoutScript SCRIPT = PayoutScript.fromHex("0014" + "5d".repeat(20));
  private static final Price PRICE = new Price(1_000);
  private static final String ADDRESS = Address.encode(Network.REGTEST, SCRIPT);

  @TempDir static Path shared;
  private static TestServer vts;

  @TempDir Path folder;

  @BeforeAll
  static void open() throws IOException {
    vts = TestServer.start(shared.resolve("vts"));
    // The chain's first coins need a hundred blocks: later heights can be counted on.
    vts.escrow();
  }

  @AfterAll
  static void close() {
    vts.close();
  }

  private static SpendingLimits unlimited() {
    Price all = new Price(1L << 52);
    return new SpendingLimits(all, all, all, all);
  }

  private static void assertDone(CommandRun run) {
    assertEquals(0, run.exit(), run.err());
  }

  private Merchant merchant() {
    return Merchant.open(
        folder.resolve("merchant"),
        MerchantConfig.of(Network.REGTEST, vts.httpUri(), vts.vtsKey(), SCRIPT),
        vts.http());
  }

  private static PayingProxy sample(Merchant merchant) {
    return PayingProxy.withSample(
        new SamplePages(merchant, PRICE),
        merchant,
        ProxyConfig.onLoopback(SamplePages.prices(PRICE)));
  }

  private String wallet(String... fund) {
    String wallet = folder.resolve("buyer").toString();
    assertDone(CommandRun.of("buyer", "init", "-w", wallet, "-s", vts.httpUri().toString()));
    fund(wallet, fund);
    return wallet;
  }

  private static void fund(String wallet, String... more) {
    List<String> words = new ArrayList<>(List.of("buyer", "fund", "-w", wallet));
    words.addAll(List.of(more));
    assertDone(CommandRun.of(words.toArray(String[]::new)));
  }

  // ---- hostile merchants

  /** A winner under a commitment of the test's choice. */
  private static Claim winnerUnder(TestEscrow escrow, Opening opening, int more) {
    byte[] r2 = opening.r1().toArray();
    // Only the first eight bytes decide: the others make another ticket of the same outcome.
    r2[15] ^= (byte) more;
    Ask ask = new Ask(opening.commitment(), SCRIPT);
    long expiry = System.currentTimeMillis() / 1000 + 3_600;
    return Claim.of(
        escrow.terms(),
        TicketSigner.ticket(escrow.key(), escrow.terms(), ask, Bytes16.of(r2), expiry),
        opening);
  }

  private static Opening drawn() {
    byte[] drawn = new byte[Opening.LENGTH];
    new SecureRandom().nextBytes(drawn);
    return Opening.decode(drawn);
  }

  @Test
  void shouldGrantOnePerEscrowAlsoWhenAMerchantUsesACommitmentTwice() {
    List<TestEscrow> escrows = vts.escrows(2);
    Opening opening = drawn();
    Claim first = winnerUnder(escrows.get(0), opening, 0);
    assertEquals(AnswerCode.GRANTED, vts.http().claim(first).code());
    // The second ticket of one escrow is the buyer's double-spend, whatever it was asked with.
    Claim again = winnerUnder(escrows.get(0), opening, 1);
    assertEquals(AnswerCode.DOUBLE_SPEND, vts.http().claim(again).code());
    // Another escrow's buyer has drawn his own r2: his ticket is as good as any.
    Claim other = winnerUnder(escrows.get(1), opening, 0);
    assertEquals(AnswerCode.GRANTED, vts.http().claim(other).code());
    assertEquals(AnswerCode.GRANTED, vts.http().claim(first).code(), "the same answer again");
  }

  @Test
  void shouldRefuseAMerchantsFalseOpeningAndHisClaimForALoser() {
    TestEscrow escrow = vts.escrow();
    Claim loser = escrow.loser();
    assertEquals(AnswerCode.LOSING_TICKET, vts.http().claim(loser).code());
    // r1 as it would have had to be for the ticket to win, under the commitment that was asked.
    byte[] r1 = loser.r2().toArray();
    Claim lie =
        new Claim(
            loser.terms(),
            loser.commitment(),
            new Opening(Bytes16.of(r1), loser.opening().s()),
            loser.r2(),
            loser.expiry(),
            loser.payoutScript(),
            loser.sigTicket(),
            loser.sigSpend());
    assertEquals(AnswerCode.WRONG_OPENING, vts.http().claim(lie).code());
    assertEquals(
        AnswerCode.GRANTED, vts.http().claim(escrow.winner()).code(), "the escrow is unharmed");
  }

  // ---- an escrow that runs out

  @Test
  void shouldRefuseAnExpiredEscrowAndLetItsBuyerHaveTheCoinsBack() {
    String blocks = Integer.toString(TestServer.REFUND_MARGIN + 10);
    String wallet = wallet("--refund-blocks", blocks, "--payout", "1000000", "--odds", "100000");
    try (Merchant merchant = merchant();
        PayingProxy proxy = sample(merchant)) {
      assertDone(CommandRun.of("pay", "-w", wallet, buy(proxy)));
    }
    vts.mine(12);
    // A merchant takes the VTS's word for some seconds: a new one asks again.
    try (Merchant merchant = merchant();
        PayingProxy proxy = sample(merchant)) {
      CommandRun late = CommandRun.of("pay", "-w", wallet, buy(proxy), "--json");
      assertEquals(1, late.exit(), late.out() + late.err());
      assertTrue((late.out() + late.err()).contains("REFUND_TOO_NEAR"), late.out() + late.err());
      assertEquals(1, merchant.report().join().statistics().tickets());
    }
    CommandRun refund =
        CommandRun.of("buyer", "refund", "-w", wallet, "0", "--to", ADDRESS, "--json");
    assertDone(refund);
    assertFalse(refund.json().path("transaction").asText().isEmpty());
    assertTrue(refund.json().path("lock_height").asInt() > 0);
    assertEquals(
        64,
        CommandRun.of("buyer", "refund", "-w", wallet, "0", "--to", ADDRESS, "--broadcast").exit(),
        "without the node's cookie");
  }

  private static String buy(PayingProxy proxy) {
    return "http://127.0.0.1:" + proxy.port() + "/buy";
  }

  // ---- load

  @Test
  void shouldMeasureAsksBuysAndClaimsOnALiveServer() throws IOException {
    String wallet = wallet("--odds", "2", "--payout", "1000", "-n", "12");
    Path claims = folder.resolve("claims.txt");
    try (Merchant merchant = merchant();
        PayingProxy proxy = sample(merchant)) {
      String url = "http://127.0.0.1:" + proxy.port();
      for (String[] words :
          new String[][] {
            {"pages", url + "/base", "-n", "50"},
            {"asks", url + "/ask", "-n", "50"},
            {"asks", url + "/buy", "-n", "20"},
            {"buys", url + "/buy", "-n", "12", "-w", wallet, "--max-total", "100000"}
          }) {
        CommandRun run = load(words);
        assertEquals(Integer.parseInt(words[3]), run.json().path("succeeded").asInt(), run.out());
      }
      Poll.until("winners are claimed", () -> merchant.pendingClaims().isEmpty());
    }
    CommandRun receipts =
        CommandRun.of(
            "merchant", "receipts", "--data", folder.resolve("merchant").toString(), "--claims");
    assertDone(receipts);
    Files.writeString(claims, receipts.out());
    long winners = receipts.out().lines().count();
    assertTrue(winners > 0, "of twelve tickets at 1/2");
    CommandRun repeated =
        load(
            "claims",
            "127.0.0.1:" + vts.streamAddress().getPort(),
            "-n",
            "200",
            "--claims",
            claims.toString(),
            "--hdr",
            folder.resolve("claims.hgrm").toString());
    assertEquals(200, repeated.json().path("succeeded").asInt(), repeated.out());
    assertTrue(Files.readString(folder.resolve("claims.hgrm")).contains("[Histogram log format"));
  }

  private static CommandRun load(String... words) {
    List<String> all = new ArrayList<>(List.of("load"));
    all.addAll(List.of(words));
    all.addAll(List.of("-c", "2", "--json"));
    CommandRun run = CommandRun.of(all.toArray(String[]::new));
    assertDone(run);
    return run;
  }

  // ---- a merchant that is killed

  @Test
  void shouldClaimEachQueuedWinnerOnceAfterTheMerchantWasKilled() throws Exception {
    int winners = 5;
    TestCertificate tls = TestCertificate.make(folder, "proxy");
    try (ClaimGateFront front = ClaimGateFront.before(vts.httpUri());
        HttpClient https = HttpClient.newBuilder().sslContext(tls.client()).build()) {
      Path config = configuration(front.uri(), tls);
      String wallet = wallet("--odds", "1", "--payout", "1000", "-n", Integer.toString(winners));
      MerchantProcess first = MerchantProcess.start(folder, "--config", config.toString());
      try (BuyerWallet buyer = BuyerWallet.open(Path.of(wallet))) {
        PayingClient payer =
            new PayingClient(
                buyer, https, vts.http()::escrowFacts, Duration.ofSeconds(30), note -> {});
        URI page = URI.create("https://" + first.http() + "/v1/supported");
        for (int i = 0; i < winners; i++) {
          PayingClient.Answer answer = payer.send(PayingClient.Request.get(page), unlimited());
          assertEquals(200, answer.response().statusCode());
          assertTrue(answer.result().orElseThrow().isWon());
          answer.response().body().close();
        }
        assertFree(https, first);
        Poll.until("a claim was turned away", () -> front.refused() > 0);
      } finally {
        first.kill();
      }
      assertEquals(Set.of("PENDING"), codes(winners));
      front.openGate();
      try (MerchantProcess second = MerchantProcess.start(folder, "--config", config.toString())) {
        Poll.until("every winner is answered", () -> granted(second) == winners * 1_000L);
      }
      assertEquals(Set.of("GRANTED"), codes(winners));
    }
    release(winners);
  }

  /** Prices and TLS are the file's; the pages that are sold, the VTS's own. */
  private Path configuration(URI vtsUrl, TestCertificate tls) throws IOException {
    return Files.writeString(
        folder.resolve("merchant.toml"),
        """
        [proxy]
        listen = "127.0.0.1:0"
        revenue = "127.0.0.1:0"
        upstream = "%s"
        data = "killed"
        %s
        [vts]
        url = "%s"
        [payout]
        address = "%s"
        [[price]]
        path = "/readyz"
        satoshi = 0
        [[price]]
        path = "/**"
        satoshi = 1
        """
            .formatted(vts.httpUri(), tls.toml(), vtsUrl, ADDRESS));
  }

  private static void assertFree(HttpClient https, MerchantProcess merchant) throws Exception {
    HttpResponse<Void> free =
        https.send(
            HttpRequest.newBuilder(URI.create("https://" + merchant.http() + "/readyz")).build(),
            HttpResponse.BodyHandlers.discarding());
    assertEquals(200, free.statusCode());
  }

  private static long granted(MerchantProcess merchant) {
    JsonNode report =
        CommandRun.of("merchant", "report", "--revenue", merchant.revenue(), "--json").json();
    return report.path("merchant").path("claims").path("grantedSatoshi").asLong();
  }

  /** Answers of all winners on disk, each of which is there once. */
  private Set<String> codes(int winners) {
    CommandRun run =
        CommandRun.of("merchant", "receipts", "--data", folder.resolve("killed").toString());
    assertDone(run);
    assertEquals(winners, run.out().lines().count(), run.out());
    Set<String> codes = new TreeSet<>();
    Set<String> ids = new TreeSet<>();
    run.out()
        .lines()
        .forEach(
            line -> {
              JsonNode json = new CommandRun(0, line, "").json();
              codes.add(json.path("code").asText());
              ids.add(json.path("claim_id").asText());
            });
    assertEquals(winners, ids.size());
    return codes;
  }

  /** The merchant's own way out: files that need no VTS any more. */
  private void release(int winners) throws IOException {
    Path out = folder.resolve("receipts");
    String[] words = {
      "merchant", "receipts", "--data", folder.resolve("killed").toString(), "-o", out.toString()
    };
    assertDone(CommandRun.of(words));
    assertDone(CommandRun.of(words));
    try (var files = Files.list(out)) {
      List<Path> all = files.toList();
      assertEquals(winners, all.size());
      assertEquals(
          "rw-------",
          PosixFilePermissions.toString(Files.getPosixFilePermissions(all.getFirst())));
      CommandRun release =
          CommandRun.of("release", "--receipt", all.getFirst().toString(), "--json");
      assertDone(release);
      assertEquals(1_000, release.json().path("payout").asLong());
      assertFalse(release.json().path("hex").asText().isEmpty());
    }
    assertEquals(
        66,
        CommandRun.of("merchant", "receipts", "--data", out.toString()).exit(),
        "no merchant's");
  }
}
