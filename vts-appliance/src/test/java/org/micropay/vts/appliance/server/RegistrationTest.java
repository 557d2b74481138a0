package org.micropay.vts.appliance.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.appliance.testing.HostileClaims;
import org.micropay.vts.appliance.testing.RawHttp;
import org.micropay.vts.appliance.testing.RawStream;
import org.micropay.vts.appliance.testing.RawStream.Frame;
import org.micropay.vts.appliance.testing.TestEscrow;
import org.micropay.vts.appliance.testing.TestServer;
import org.micropay.vts.merchant.TicketSigner;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Deposit;
import org.micropay.vts.ticket.EscrowScript;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Registration;
import org.micropay.vts.ticket.Terms;

/**
 * Registrations at their edges, each sent over both interfaces: the same code, and nothing
 * journaled unless it is REGISTERED for the first time.
 */
class RegistrationTest {
  private static final long DEPOSIT = 500_000;
  private static final long BURN_FEE = 1_000;
  private static final int SIGNATURE = 131;

  @TempDir static Path directory;
  private static TestServer server;

  @BeforeAll
  static void start() throws IOException {
    server = TestServer.start(directory);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  /** Status of docs/PROTOCOL.md, section 18. */
  private static int statusOf(AnswerCode code) {
    return switch (code) {
      case FUNDING_NOT_FOUND -> 404;
      case OUTPOINT_TAKEN -> 409;
      case FUNDING_MISMATCH, BAD_REGISTRATION_SIGNATURE, REFUND_TOO_NEAR -> 422;
      default -> 400;
    };
  }

  private static Frame byStream(byte[] registration) throws IOException {
    try (RawStream stream = RawStream.open(server.streamAddress())) {
      stream.send(RawStream.withData(RawStream.REGISTER_REQUEST, 77, registration));
      Frame reply = stream.read();
      assertEquals(RawStream.REGISTER_REPLY, reply.template());
      assertEquals(77, reply.correlationId());
      return reply;
    }
  }

  private static RawHttp.Answer byHttp(byte[] registration) throws IOException {
    try (RawHttp http = RawHttp.open(server.httpUri())) {
      String text = Base64.getUrlEncoder().withoutPadding().encodeToString(registration);
      return http.post("/v1/escrows", "{\"registration\":\"" + text + "\"}");
    }
  }

  private static void assertRefused(AnswerCode code, byte[] registration) throws IOException {
    long mark = server.durable();
    Frame reply = byStream(registration);
    assertEquals(code, reply.code());
    assertEquals(0, reply.position());
    assertEquals(code.retryable(), reply.retryAfterMillis() > 0);
    byHttp(registration).assertProblem(statusOf(code), code);
    server.assertNothingJournaledAfter(mark);
  }

  private static void assertRefused(AnswerCode code, Registration registration) throws IOException {
    assertRefused(code, registration.encode());
  }

  private static long assertRegistered(Registration registration) throws IOException {
    Frame reply = byStream(registration.encode());
    assertEquals(AnswerCode.REGISTERED, reply.code());
    assertTrue(reply.position() > 0);
    RawHttp.Answer answer = byHttp(registration.encode());
    assertEquals(200, answer.status(), answer.toString());
    assertEquals(reply.position(), answer.json().path("position").asLong());
    return reply.position();
  }

  private static JsonNode escrow(TestEscrow escrow) {
    return server.http().escrow(escrow.terms().digest()).body();
  }

  private static AnswerCode claim(TestEscrow escrow) {
    return server.http().claim(escrow.winner()).code();
  }

  @Test
  void shouldGiveTheSamePositionToARepeatAndRefuseOtherTerms() throws IOException {
    TestEscrow escrow = server.fundEscrows(1, TestServer.REFUND_HEIGHT).getFirst();
    server.mine(TestServer.MIN_CONFIRMATIONS);
    long mark = server.durable();
    long position = assertRegistered(escrow.registration());
    for (int i = 0; i < 5; i++) {
      assertEquals(position, assertRegistered(escrow.registration()));
    }
    assertEquals(1, server.recordsAfter(mark).size(), "a repeat is not journaled");
    assertRefused(AnswerCode.OUTPOINT_TAKEN, escrow.with(50_000, 7).registration());
    assertRefused(AnswerCode.OUTPOINT_TAKEN, escrow.with(TestServer.PAYOUT, 1).registration());
    assertEquals(AnswerCode.GRANTED, claim(escrow));
    assertEquals(position, assertRegistered(escrow.registration()), "also after the grant");
    server.restart();
    assertEquals(position, assertRegistered(escrow.registration()), "also after a restart");
    assertRefused(AnswerCode.OUTPOINT_TAKEN, escrow.with(50_000, 7).registration());
  }

  @Test
  void shouldWaitForTheFundingAndClaimsForItsDepth() throws IOException {
    TestEscrow escrow = server.fundEscrows(1, TestServer.REFUND_HEIGHT).getFirst();
    assertRefused(AnswerCode.FUNDING_NOT_FOUND, escrow.registration());
    assertEquals(AnswerCode.UNKNOWN_ESCROW, claim(escrow));
    server.mine(1);
    assertRegistered(escrow.registration());
    for (int depth = 1; depth < TestServer.MIN_CONFIRMATIONS; depth++) {
      assertEquals("UNCONFIRMED", escrow(escrow).path("state").asText());
      assertEquals(depth, escrow(escrow).path("confirmations").asInt());
      long mark = server.durable();
      assertEquals(AnswerCode.ESCROW_UNCONFIRMED, claim(escrow));
      try (RawStream stream = RawStream.open(server.streamAddress())) {
        Frame reply = stream.claim(1, escrow.winner().encode());
        assertEquals(AnswerCode.ESCROW_UNCONFIRMED, reply.code());
        assertTrue(reply.retryAfterMillis() > 0, "retryable");
      }
      server.assertNothingJournaledAfter(mark);
      server.mine(1);
    }
    assertEquals("LIVE", escrow(escrow).path("state").asText());
    assertEquals(AnswerCode.GRANTED, claim(escrow));
  }

  @Test
  void shouldHoldTheFundingAgainstTheTerms() throws IOException {
    PublicKey vtsKey = server.vtsKey();
    TestEscrow.Draft draft = TestEscrow.draft(vtsKey, TestServer.REFUND_HEIGHT);
    TestEscrow.Draft higher =
        new TestEscrow.Draft(draft.key(), vtsKey, TestServer.REFUND_HEIGHT + 1);
    List<Outpoint> outpoints =
        server.fund(
            List.of(
                TestServer.output(draft.scriptHex(), TestServer.VALUE - 1),
                TestServer.output(draft.scriptHex(), TestServer.VALUE + 1),
                TestServer.output(higher.scriptHex(), TestServer.VALUE),
                TestServer.output("0014" + "5a".repeat(20), TestServer.VALUE)));
    server.mine(TestServer.MIN_CONFIRMATIONS);
    for (Outpoint outpoint : outpoints) {
      assertRefused(AnswerCode.FUNDING_MISMATCH, draft.at(outpoint).registration());
    }
    assertRegistered(higher.at(outpoints.get(2)).registration());
    Outpoint nowhere = new Outpoint(Bytes32.fromHex("77".repeat(32)), 0);
    assertRefused(AnswerCode.FUNDING_NOT_FOUND, draft.at(nowhere).registration());
    Outpoint behind = new Outpoint(outpoints.get(0).txid(), 1000);
    assertRefused(AnswerCode.FUNDING_NOT_FOUND, draft.at(behind).registration());
  }

  @Test
  void shouldTakeOnlyWhatTheBuyerSigned() throws IOException {
    TestEscrow escrow = server.fundEscrows(1, TestServer.REFUND_HEIGHT).getFirst();
    server.mine(TestServer.MIN_CONFIRMATIONS);
    byte[] good = escrow.registration().encode();
    AnswerCode form = AnswerCode.NON_CANONICAL_SIGNATURE;
    assertRefused(form, TestEscrow.patched(good, SIGNATURE, "00".repeat(64)));
    assertRefused(form, TestEscrow.patched(good, SIGNATURE, "ff".repeat(64)));
    assertRefused(form, TestEscrow.highS(good, SIGNATURE));
    AnswerCode wrong = AnswerCode.BAD_REGISTRATION_SIGNATURE;
    assertRefused(wrong, TestEscrow.flipped(good, SIGNATURE + 31));
    assertRefused(wrong, signatureOf(escrow.with(50_000, 7), good));
    try (SecretKey stranger = SecretKey.generate()) {
      assertRefused(wrong, TicketSigner.registration(stranger, escrow.terms(), Optional.empty()));
    }
    byte[] offCurve = TestEscrow.patched(good, 64, HostileClaims.KEY_OFF_CURVE);
    assertRefused(AnswerCode.INVALID_KEY, offCurve);
    assertRefused(AnswerCode.INVALID_KEY, TestEscrow.patched(good, 64, "05"));
    assertRegistered(escrow.registration());
  }

  /** These bytes with the signature of another registration. */
  private static byte[] signatureOf(TestEscrow other, byte[] registration) {
    byte[] signed = other.registration().encode();
    return TestEscrow.patched(
        registration, SIGNATURE, HexFormat.of().formatHex(signed, SIGNATURE, SIGNATURE + 64));
  }

  @Test
  void shouldServeItsOwnNetworkAndKeyOnly() throws IOException {
    TestEscrow escrow = server.fundEscrows(1, TestServer.REFUND_HEIGHT).getFirst();
    server.mine(TestServer.MIN_CONFIRMATIONS);
    Terms t = escrow.terms();
    Terms mainnet =
        new Terms(
            Network.MAINNET.magic(),
            t.outpoint(),
            t.value(),
            t.payout(),
            t.odds(),
            t.refundHeight(),
            t.buyerKey(),
            t.vtsKey());
    assertRefused(AnswerCode.WRONG_NETWORK, escrow.with(mainnet).registration());
    Terms another =
        new Terms(
            t.network(),
            t.outpoint(),
            t.value(),
            t.payout(),
            t.odds(),
            t.refundHeight(),
            t.buyerKey(),
            t.buyerKey());
    assertRefused(AnswerCode.WRONG_VTS_KEY, escrow.with(another).registration());
    byte[] dust = TestEscrow.patched(escrow.registration().encode(), 48, "2501000000000000");
    assertRefused(AnswerCode.DUST, dust);
    byte[] noOdds = TestEscrow.patched(escrow.registration().encode(), 56, "00000000");
    assertRefused(AnswerCode.INVALID_TERMS, noOdds);
  }

  @Test
  void shouldKeepItsDistanceFromTheRefundHeight() throws IOException {
    int tip = server.mine(1);
    // One block for the funding, then as many as claims need.
    int atBorder = tip + TestServer.MIN_CONFIRMATIONS + TestServer.REFUND_MARGIN;
    TestEscrow tooNear = server.fundEscrows(1, atBorder).getFirst();
    TestEscrow justFar = server.fundEscrows(1, atBorder + 1).getFirst();
    int now = server.mine(TestServer.MIN_CONFIRMATIONS);
    assertEquals(atBorder, now + TestServer.REFUND_MARGIN);
    assertRefused(AnswerCode.REFUND_TOO_NEAR, tooNear.registration());
    assertRegistered(justFar.registration());
    assertEquals("LIVE", escrow(justFar).path("state").asText());
    server.mine(1);
    assertEquals("REFUND_NEAR", escrow(justFar).path("state").asText());
    assertEquals(AnswerCode.REFUND_TOO_NEAR, claim(justFar));
  }

  // ---- deposits

  private static Registration withDeposit(TestEscrow escrow, Deposit deposit) {
    return TicketSigner.registration(escrow.key(), escrow.terms(), Optional.of(deposit));
  }

  private static Deposit deposit(TestEscrow escrow, Outpoint outpoint, long value, int height) {
    return TicketSigner.deposit(escrow.key(), escrow.terms(), outpoint, value, height, BURN_FEE);
  }

  @Test
  void shouldHoldADepositAgainstTheChainAndItsSignature() throws IOException {
    PublicKey vtsKey = server.vtsKey();
    TestEscrow.Draft draft = TestEscrow.draft(vtsKey, TestServer.REFUND_HEIGHT);
    int height = TestServer.REFUND_HEIGHT + 100;
    String script =
        EscrowScript.of(PublicKey.of(draft.key().publicKey()), vtsKey, height)
            .scriptPubKey()
            .toHex();
    List<Outpoint> outpoints =
        server.fund(
            List.of(
                TestServer.output(draft.scriptHex(), TestServer.VALUE),
                TestServer.output(draft.scriptHex(), TestServer.VALUE),
                TestServer.output(script, DEPOSIT),
                TestServer.output(script, DEPOSIT)));
    server.mine(TestServer.MIN_CONFIRMATIONS);
    TestEscrow one = draft.at(outpoints.get(0));
    TestEscrow two = draft.at(outpoints.get(1));
    Outpoint funded = outpoints.get(2);

    Outpoint nowhere = new Outpoint(funded.txid(), 1000);
    assertRefused(
        AnswerCode.FUNDING_NOT_FOUND, withDeposit(one, deposit(one, nowhere, DEPOSIT, height)));
    assertRefused(
        AnswerCode.BAD_DEPOSIT, withDeposit(one, deposit(one, funded, DEPOSIT + 1, height)));
    assertRefused(
        AnswerCode.BAD_DEPOSIT, withDeposit(one, deposit(one, funded, DEPOSIT, height + 1)));
    Deposit good = deposit(one, funded, DEPOSIT, height);
    Deposit elsewhere = deposit(one, outpoints.get(3), DEPOSIT, height);
    Deposit badBurn =
        new Deposit(
            good.outpoint(),
            good.value(),
            good.refundHeight(),
            good.burnFee(),
            elsewhere.sigBurn());
    assertRefused(AnswerCode.BAD_DEPOSIT, withDeposit(one, badBurn));
    byte[] own = withDeposit(one, good).encode();
    System.arraycopy(one.terms().outpoint().encode(), 0, own, 131, Outpoint.LENGTH);
    assertRefused(AnswerCode.BAD_DEPOSIT, own);
    byte[] unsigned = one.registration().encode();
    byte[] mixed = withDeposit(one, good).encode();
    System.arraycopy(unsigned, SIGNATURE, mixed, mixed.length - 64, 64);
    assertRefused(AnswerCode.BAD_REGISTRATION_SIGNATURE, mixed);

    long position = assertRegistered(withDeposit(one, good));
    assertEquals(position, assertRegistered(withDeposit(one, good)));
    assertDeposit(one, 1);
    assertRefused(AnswerCode.BAD_DEPOSIT, one.registration());
    assertRefused(AnswerCode.BAD_DEPOSIT, withDeposit(one, elsewhere));
    assertRegistered(withDeposit(two, deposit(two, funded, DEPOSIT, height)));
    assertDeposit(one, 2);
    assertDeposit(two, 2);
    server.restart();
    assertDeposit(one, 2);
    assertEquals(position, assertRegistered(withDeposit(one, good)));
  }

  private static void assertDeposit(TestEscrow escrow, int shares) {
    JsonNode deposit = escrow(escrow).path("deposit");
    assertEquals(DEPOSIT, deposit.path("value").asLong());
    assertEquals(TestServer.REFUND_HEIGHT + 100, deposit.path("refundHeight").asInt());
    assertEquals(shares, deposit.path("shares").asInt());
  }

  @Test
  void shouldTellAnEscrowAlikeOnBothInterfaces() throws IOException {
    TestEscrow escrow = server.escrow();
    JsonNode json = escrow(escrow);
    try (RawStream stream = RawStream.open(server.streamAddress())) {
      stream.send(RawStream.escrow(5, escrow.terms().digest()));
      Frame reply = stream.read();
      byte[] frame = reply.bytes().array();
      assertEquals(2, reply.state());
      assertEquals(json.path("position").asLong(), reply.bytes().getLong(17));
      assertEquals(json.path("confirmations").asInt(), reply.bytes().getInt(25));
      assertEquals(json.path("tipHeight").asInt(), reply.bytes().getInt(29));
      assertArrayEquals(
          escrow.terms().encode(), Arrays.copyOfRange(frame, frame.length - 130, frame.length));
      assertEquals(json.path("terms").asText(), escrow.terms().toBase64Url());
    }
  }
}
