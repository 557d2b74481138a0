package org.micropay.vts.appliance.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.appliance.testing.RawHttp;
import org.micropay.vts.appliance.testing.RawStream;
import org.micropay.vts.appliance.testing.RawStream.Frame;
import org.micropay.vts.appliance.testing.TestEscrow;
import org.micropay.vts.appliance.testing.TestServer;
import org.micropay.vts.appliance.testing.TestServer.JournalRecord;
import org.micropay.vts.ledger.DoubleSpendRecord;
import org.micropay.vts.ledger.GrantRecord;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.ClaimView;
import org.micropay.vts.ticket.Receipt;

/**
 * The same claim gets the same bytes, however often, wherever, and after a restart; a second winner
 * gets the double-spend answer, and the journal holds both claims.
 */
class RepeatedClaimsTest {
  private static final int REPEATS = 100;
  private static final int RACERS = 8;
  private static final int RACES = 6;

  @TempDir static Path directory;
  private static TestServer server;
  private static List<TestEscrow> escrows;

  @BeforeAll
  static void start() throws IOException {
    // An answer that gains its inclusion proof is another one; what is compared here are the bytes.
    Path config = TestServer.prepare(directory, "", "");
    Files.writeString(
        config,
        Files.readString(config).replace("interval_seconds = 0", "interval_seconds = 86400"));
    server = TestServer.startPrepared(directory);
    escrows = server.escrows(4 + RACES);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static byte[] byStream(byte[] claim) throws IOException {
    try (RawStream stream = RawStream.open(server.streamAddress())) {
      return stream.claim(1, claim).receipt();
    }
  }

  /** The receipt, wherever the answer has it. */
  private static byte[] byHttp(RawHttp http, byte[] claim, boolean octets) throws IOException {
    RawHttp.Answer answer =
        octets
            ? http.post("/v1/claims", "application/octet-stream", claim)
            : http.post("/v1/claims", "{\"claim\":\"" + Claim.decode(claim).toBase64Url() + "\"}");
    JsonNode decision = answer.status() == 409 ? answer.json().path("answer") : answer.json();
    return Base64.getUrlDecoder().decode(decision.path("receipt").asText());
  }

  @Test
  void shouldAnswerTheSameClaimWithTheSameBytesAHundredTimesAndAfterARestart() throws IOException {
    byte[] claim = escrows.get(0).winner().encode();
    byte[] first = byStream(claim);
    Receipt receipt = Receipt.decode(first);
    assertEquals(AnswerCode.GRANTED, receipt.code());
    long mark = server.durable();
    for (int life = 0; life < 2; life++) {
      List<RawStream> streams = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        streams.add(RawStream.open(server.streamAddress()));
      }
      try (RawHttp http = RawHttp.open(server.httpUri())) {
        byte[] body = null;
        boolean covered = false;
        for (int i = 0; i < REPEATS / 2; i++) {
          for (RawStream stream : streams) {
            assertArrayEquals(first, stream.claim(i, claim).receipt());
          }
          assertArrayEquals(first, byHttp(http, claim, i % 2 == 0));
          byte[] again = http.post("/v1/claims", "application/octet-stream", claim).body();
          if (body == null || life == 1 && !covered && again.length > body.length) {
            // The checkpoint that a stop or a start signs may come between two answers, once.
            covered = body != null;
            body = again;
          }
          assertArrayEquals(body, again, "the whole HTTP body, too");
        }
        JsonNode decided = http.request("GET", "/v1/claims/" + Claim.decode(claim).id()).json();
        assertEquals(receipt.position(), decided.path("position").asLong());
      }
      for (RawStream stream : streams) {
        stream.close();
      }
      server.assertNothingJournaledAfter(mark);
      if (life == 0) {
        server.restart();
      }
    }
  }

  @Test
  void shouldKeepBothClaimsOfADoubleSpend() throws IOException {
    TestEscrow escrow = escrows.get(1);
    long mark = server.durable();
    byte[] first = escrow.winner().encode();
    byte[] second = escrow.winner().encode();
    byte[] third = escrow.winner().encode();
    Receipt granted = Receipt.decode(byStream(first));
    Receipt refused = Receipt.decode(byStream(second));
    assertEquals(AnswerCode.GRANTED, granted.code());
    assertEquals(AnswerCode.DOUBLE_SPEND, refused.code());
    assertNotEquals(granted.position(), refused.position());
    assertEquals(true, refused.counterSignature().isEmpty(), "nothing is signed for the second");
    Receipt later = Receipt.decode(byStream(third));
    assertEquals(AnswerCode.DOUBLE_SPEND, later.code());
    assertEquals(refused.position(), later.position(), "the first proof's position");
    assertEvidence(mark, granted, first, refused, second);
    server.restart();
    assertArrayEquals(granted.encode(), byStream(first));
    assertArrayEquals(refused.encode(), byStream(second));
    assertArrayEquals(later.encode(), byStream(third));
    try (RawHttp http = RawHttp.open(server.httpUri())) {
      assertArrayEquals(refused.encode(), byHttp(http, second, true));
      assertArrayEquals(later.encode(), byHttp(http, third, false));
    }
    assertEvidence(mark, granted, first, refused, second);
  }

  private static void assertEvidence(
      long mark, Receipt granted, byte[] first, Receipt refused, byte[] second) {
    List<JournalRecord> records = server.recordsAfter(mark);
    assertEquals(
        List.of(RecordType.GRANT, RecordType.DOUBLE_SPEND),
        records.stream().map(JournalRecord::type).toList());
    JournalRecord grant = records.get(0);
    assertEquals(granted.position(), grant.position());
    assertArrayEquals(granted.claimId().toArray(), Arrays.copyOf(grant.payload(), 32));
    assertArrayEquals(
        first, Arrays.copyOfRange(grant.payload(), GrantRecord.CLAIM, grant.payload().length));
    JournalRecord proof = records.get(1);
    assertEquals(refused.position(), proof.position());
    assertArrayEquals(refused.claimId().toArray(), Arrays.copyOf(proof.payload(), 32));
    assertEquals(
        granted.position(),
        ByteBuffer.wrap(proof.payload())
            .order(ByteOrder.LITTLE_ENDIAN)
            .getLong(DoubleSpendRecord.GRANT_POSITION));
    byte[] kept =
        Arrays.copyOfRange(proof.payload(), DoubleSpendRecord.CLAIM, proof.payload().length);
    assertArrayEquals(second, kept);
    assertEquals(0, new ClaimView().wrap(kept, 0, kept.length).checkWellFormed());
  }

  /** A re-signed ticket is the same claim: the id leaves the signatures out. */
  @Test
  void shouldGrantOneOfTwoClaimsThatDifferInTheirExpiryOnly() throws IOException {
    TestEscrow escrow = escrows.get(2);
    Claim claim = escrow.winner();
    Claim other =
        Claim.of(
            claim.terms(),
            org.micropay.vts.merchant.TicketSigner.ticket(
                escrow.key(),
                claim.terms(),
                new org.micropay.vts.ticket.Ask(claim.commitment(), claim.payoutScript()),
                claim.r2(),
                claim.expiry() + 1),
            claim.opening());
    assertEquals(AnswerCode.GRANTED, Receipt.decode(byStream(claim.encode())).code());
    assertEquals(AnswerCode.DOUBLE_SPEND, Receipt.decode(byStream(other.encode())).code());
  }

  @Test
  void shouldGrantExactlyOneOfManyWinnersThatRace() throws Exception {
    try (ExecutorService racers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int race = 0; race < RACES; race++) {
        raceOn(escrows.get(4 + race), racers);
      }
    }
  }

  private static void raceOn(TestEscrow escrow, ExecutorService racers) throws Exception {
    long mark = server.durable();
    CountDownLatch ready = new CountDownLatch(RACERS);
    CountDownLatch go = new CountDownLatch(1);
    List<Future<List<Receipt>>> running = new ArrayList<>();
    for (int i = 0; i < RACERS; i++) {
      boolean http = i % 4 == 3;
      byte[] claim = escrow.winner().encode();
      running.add(racers.submit(() -> run(claim, http, ready, go)));
    }
    ready.await();
    go.countDown();
    int grants = 0;
    Set<Long> proofs = new TreeSet<>();
    Set<Long> positions = new TreeSet<>();
    for (Future<List<Receipt>> racer : running) {
      List<Receipt> receipts = racer.get();
      assertEquals(receipts.get(0), receipts.get(1), "and again the same");
      if (receipts.get(0).code() == AnswerCode.GRANTED) {
        grants++;
        positions.add(receipts.get(0).position());
      } else {
        assertEquals(AnswerCode.DOUBLE_SPEND, receipts.get(0).code());
        proofs.add(receipts.get(0).position());
      }
    }
    assertEquals(1, grants);
    assertEquals(1, proofs.size(), "all losers are told the first proof");
    List<JournalRecord> records = server.recordsAfter(mark);
    assertEquals(2, records.size());
    assertEquals(positions, Set.of(records.get(0).position()));
    assertEquals(proofs, Set.of(records.get(1).position()));
  }

  private static List<Receipt> run(
      byte[] claim, boolean http, CountDownLatch ready, CountDownLatch go) throws Exception {
    List<Receipt> receipts = new ArrayList<>();
    if (http) {
      try (RawHttp connection = RawHttp.open(server.httpUri())) {
        ready.countDown();
        go.await();
        for (int i = 0; i < 2; i++) {
          receipts.add(Receipt.decode(byHttp(connection, claim, true)));
        }
      }
    } else {
      try (RawStream stream = RawStream.open(server.streamAddress())) {
        ready.countDown();
        go.await();
        for (int i = 0; i < 2; i++) {
          Frame reply = stream.claim(i, claim);
          receipts.add(Receipt.decode(reply.receipt()));
        }
      }
    }
    return receipts;
  }
}
