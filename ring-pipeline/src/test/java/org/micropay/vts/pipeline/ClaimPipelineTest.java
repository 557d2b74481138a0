package org.micropay.vts.pipeline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.micropay.vts.ledger.DoubleSpendRecord;
import org.micropay.vts.ledger.GrantRecord;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.ClaimLayout;
import org.micropay.vts.ticket.TermsLayout;

/** What the pipeline answers, journals and streams, over the production stages. */
class ClaimPipelineTest {
  private static final long SEED = 1;

  @Test
  void shouldGrantFirstWinnerDurablyAndSigned() {
    try (PipelineHarness harness = new PipelineHarness(SEED).withEscrows(3)) {
      Claim claim = TestEscrows.claim(1, 0);

      ReplyChecker.Answer answer = harness.ask(claim);

      assertEquals(AnswerCode.GRANTED.number(), answer.code());
      assertEquals(claim.id(), answer.claimId());
      assertArrayEquals(TestEscrows.counterSignature(claim), answer.signature());
      MemoryJournal.Entry entry = harness.journal.entries().get((int) answer.position() - 1);
      assertEquals(RecordType.GRANT.number(), entry.type());
      byte[] payload = new byte[GrantRecord.CLAIM + claim.encode().length];
      claim.id().copyTo(payload, GrantRecord.CLAIM_ID);
      System.arraycopy(
          claim.encode(), 0, payload, GrantRecord.CLAIM, payload.length - GrantRecord.CLAIM);
      assertArrayEquals(payload, entry.payload());
      assertArrayEquals(answer.signature(), harness.checker.streamed().get(answer.position()));
    }
  }

  @Test
  void shouldAnswerRepeatsWithTheSameBytesAlsoAfterExpiryAndJournalThemOnce() {
    try (PipelineHarness harness = new PipelineHarness(SEED).withEscrows(1)) {
      Claim claim = TestEscrows.claim(0, 0);
      ReplyChecker.Answer first = harness.ask(claim);
      long records = harness.journal.nextPosition();

      for (int i = 0; i < 100; i++) {
        harness.now += 3_600_000;
        assertTrue(first.sameReceipt(harness.ask(claim)));
      }

      assertEquals(1, harness.recordsOf(RecordType.GRANT));
      assertEquals(records, harness.journal.nextPosition());
      assertEquals(1, harness.checker.streamed().size());
    }
  }

  /** The view is read before the decision; between the two the same claim may be granted. */
  @Test
  void shouldTellNothingFinalToARepeatThatTheViewRefusedTooEarly() {
    try (PipelineHarness harness = new PipelineHarness(SEED).withEscrows(1)) {
      Claim claim = TestEscrows.claim(0, 0);
      long first = harness.send(claim);
      harness.now = (TestEscrows.EXPIRY + 1) * 1000;
      long second = harness.send(claim);
      harness.pipeline.stages().stream()
          .filter(stage -> stage.name().startsWith("verify"))
          .forEach(Stage::doWork);
      harness.stepper.runUntilQuiet();

      assertEquals(AnswerCode.GRANTED.number(), harness.checker.answer(first).code());
      assertEquals(AnswerCode.OVERLOADED.number(), harness.checker.answer(second).code());
      assertTrue(harness.checker.answer(first).sameReceipt(harness.ask(claim)));
    }
  }

  @Test
  void shouldCatchSecondWinnerAndKeepBothClaims() {
    try (PipelineHarness harness = new PipelineHarness(SEED).withEscrows(1)) {
      ReplyChecker.Answer grant = harness.ask(TestEscrows.claim(0, 0));
      Claim second = TestEscrows.claim(0, 1);

      ReplyChecker.Answer caught = harness.ask(second);
      ReplyChecker.Answer again = harness.ask(second);
      ReplyChecker.Answer third = harness.ask(TestEscrows.claim(0, 2));

      assertEquals(AnswerCode.DOUBLE_SPEND.number(), caught.code());
      assertTrue(caught.sameReceipt(again));
      assertEquals(caught.position(), third.position());
      assertArrayEquals(new byte[64], caught.signature());
      assertEquals(1, harness.recordsOf(RecordType.DOUBLE_SPEND));
      byte[] proof = harness.journal.entries().get((int) caught.position() - 1).payload();
      assertEquals(second.id(), Bytes32.copyOf(proof, DoubleSpendRecord.CLAIM_ID));
      assertEquals(grant.position(), DoubleSpendRecord.grantPosition(new UnsafeBuffer(proof), 0));
      assertEquals(
          second, Claim.decode(Arrays.copyOfRange(proof, DoubleSpendRecord.CLAIM, proof.length)));
    }
  }

  @Test
  void shouldRefuseCheaplyWhatIsWrongAndJournalNothing() {
    try (PipelineHarness harness = new PipelineHarness(SEED).withEscrows(2)) {
      harness.register(TestEscrows.terms(5, TestEscrows.NO_WIN));
      harness.stepper.runUntilQuiet();
      long records = harness.journal.nextPosition();
      byte[] good = TestEscrows.claim(0, 0).encode();

      assertEquals(AnswerCode.MALFORMED, harness.askCode(with(good, ClaimLayout.SCRIPT_LENGTH)));
      assertEquals(AnswerCode.WRONG_NETWORK, harness.askCode(with(good, TermsLayout.NETWORK)));
      assertEquals(AnswerCode.WRONG_VTS_KEY, harness.askCode(with(good, TermsLayout.VTS_KEY + 20)));
      assertEquals(AnswerCode.UNKNOWN_ESCROW, harness.askCode(TestEscrows.claim(9, 0)));
      assertEquals(
          AnswerCode.TERMS_MISMATCH,
          harness.askCode(TestEscrows.claim(TestEscrows.terms(0, 2), 0, TestEscrows.EXPIRY)));
      assertEquals(
          AnswerCode.EXPIRED,
          harness.askCode(TestEscrows.claim(TestEscrows.terms(0), 0, TestEscrows.NOW / 1000 - 1)));
      assertEquals(AnswerCode.WRONG_OPENING, harness.askCode(with(good, ClaimLayout.R1)));
      assertEquals(
          AnswerCode.LOSING_TICKET,
          harness.askCode(
              TestEscrows.claim(TestEscrows.terms(5, TestEscrows.NO_WIN), 0, TestEscrows.EXPIRY)));
      assertEquals(0, harness.verifier.calls, "junk must not reach the signature kernel");

      assertEquals(
          AnswerCode.BAD_TICKET_SIGNATURE, harness.askCode(with(good, good.length - 64 - 20)));
      assertEquals(AnswerCode.BAD_SPEND_SIGNATURE, harness.askCode(with(good, good.length - 20)));
      assertEquals(records, harness.journal.nextPosition());
      assertEquals(AnswerCode.GRANTED, harness.askCode(good));
    }
  }

  private static byte[] with(byte[] claim, int flippedAt) {
    byte[] changed = claim.clone();
    changed[flippedAt] ^= 1;
    return changed;
  }

  @Test
  void shouldRefuseLengthsAtTheIngress() {
    try (PipelineHarness harness = new PipelineHarness(SEED)) {
      assertEquals(
          AnswerCode.MALFORMED.number(), harness.trySend(new byte[ClaimLayout.MIN_LENGTH - 1]));
      assertEquals(
          AnswerCode.TOO_LARGE.number(), harness.trySend(new byte[ClaimLayout.MAX_LENGTH + 1]));
      assertEquals(AnswerCode.MALFORMED.number(), harness.trySend(new byte[0]));
      assertTrue(harness.pipeline.isDrained());
    }
  }

  @Test
  void shouldKeepTheRingGoingWhenAProducerFailsInTheMiddle() {
    try (PipelineHarness harness = new PipelineHarness(SEED).withEscrows(1)) {
      byte[] tooShort = new byte[10];
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> harness.pipeline.claims().tryPublish(1, 99, 0, 0, tooShort, 0, 370));

      assertEquals(AnswerCode.GRANTED, harness.askCode(TestEscrows.claim(0, 0)));
      assertEquals(1, harness.checker.answers().size());
    }
  }

  @Test
  void shouldRefuseGrantsBelowTheDiskReserveButAnswerRepeatsAndTakeChainEvents() {
    try (PipelineHarness harness = new PipelineHarness(SEED).withEscrows(3)) {
      Claim granted = TestEscrows.claim(0, 0);
      ReplyChecker.Answer first = harness.ask(granted);
      harness.journal.belowReserve(true);
      harness.submit(RecordType.TICK, new byte[0]);
      harness.now += 1;
      harness.submit(RecordType.TICK, new byte[0]);
      harness.stepper.runUntilQuiet();

      assertEquals(AnswerCode.DISK_RESERVE, harness.askCode(TestEscrows.claim(1, 0)));
      assertEquals(AnswerCode.DISK_RESERVE, harness.askCode(TestEscrows.claim(0, 1)));
      assertTrue(first.sameReceipt(harness.ask(granted)));
      harness.register(TestEscrows.terms(7));
      harness.stepper.runUntilQuiet();
      assertEquals(AnswerCode.DISK_RESERVE.number(), harness.outcomes.getLast().code());
      harness.submit(RecordType.BLOCK_CONNECTED, TestEscrows.blockPayload(TestEscrows.TIP + 1));
      harness.stepper.runUntilQuiet();
      assertNotEquals(0, harness.outcomes.getLast().position());

      harness.journal.belowReserve(false);
      harness.now += 1;
      harness.submit(RecordType.TICK, new byte[0]);
      harness.stepper.runUntilQuiet();
      assertEquals(AnswerCode.GRANTED, harness.askCode(TestEscrows.claim(1, 0)));
    }
  }

  @Test
  void shouldAnswerOverloadedWhileCommandsStillFindRoom() {
    PipelineConfig config = PipelineHarness.CONFIG.withRingSize(64);
    FakeEcdsa.Signer signer = new FakeEcdsa.Signer(TestEscrows.VTS_KEY.toArray());
    try (PipelineHarness harness = new PipelineHarness(SEED, config, signer, 1000).withEscrows(1)) {
      byte[] claim = TestEscrows.claim(0, 0).encode();
      int accepted = 0;
      while (harness.trySend(claim) == ClaimIngress.ACCEPTED) {
        accepted++;
      }

      assertEquals(config.ringSize() - config.commandReserve(), accepted);
      assertEquals(AnswerCode.OVERLOADED.number(), harness.trySend(claim));
      assertTrue(harness.pipeline.claims().retryAfterMillis() >= 1);
      for (int i = 0; i < config.commandReserve(); i++) {
        assertTrue(harness.trySubmit(RecordType.TICK, new byte[0]));
      }
      assertFalse(harness.trySubmit(RecordType.TICK, new byte[0]), "the ring is full");

      harness.stepper.runUntilQuiet();
      assertEquals(accepted, harness.checker.count(AnswerCode.GRANTED));
      assertEquals(2, harness.pipeline.counters().overloaded());
      assertEquals(0, harness.pipeline.counters().queueDepth());
      assertEquals(AnswerCode.GRANTED, harness.askCode(claim));
    }
  }

  @Test
  void shouldCarryCommandsOfAnyLength() {
    try (PipelineHarness harness = new PipelineHarness(SEED).withEscrows(0)) {
      byte[] large = new byte[20_000];
      Arrays.fill(large, (byte) 7);
      harness.submit(RecordType.BATCH_STORED, large);
      harness.submit(RecordType.BATCH_STORED, new byte[ClaimSlot.INLINE_PAYLOAD]);
      harness.stepper.runUntilQuiet();

      long position = harness.outcomes.getLast().position() - 1;
      assertArrayEquals(large, harness.journal.entries().get((int) position - 1).payload());
      assertEquals(2, harness.recordsOf(RecordType.BATCH_STORED));
    }
  }

  @Test
  void shouldRefuseCommandsThatOnlyTheVtsItselfMayDecide() {
    try (PipelineHarness harness = new PipelineHarness(SEED)) {
      for (RecordType type :
          List.of(RecordType.GRANT, RecordType.DOUBLE_SPEND, RecordType.STATE_DIGEST)) {
        assertThrows(IllegalArgumentException.class, () -> harness.trySubmit(type, new byte[16]));
      }
      byte[] tooLong = new byte[CommandIngress.MAX_PAYLOAD + 1];
      assertThrows(
          IllegalArgumentException.class,
          () -> harness.trySubmit(RecordType.BATCH_STORED, tooLong));
      assertTrue(harness.pipeline.isDrained());
    }
  }

  @Test
  void shouldRefuseEverythingOnceClosed() {
    PipelineHarness harness = new PipelineHarness(SEED).withEscrows(1);
    byte[] claim = TestEscrows.claim(0, 0).encode();
    harness.close();

    assertEquals(AnswerCode.SHUTTING_DOWN.number(), harness.trySend(claim));
    assertFalse(harness.trySubmit(RecordType.TICK, new byte[0]));
    assertFalse(harness.pipeline.commands().isOpen());
  }

  @Test
  void shouldRefuseAJournalThatIsNotDurable() {
    MemoryJournal journal = new MemoryJournal();
    journal.append(1, RecordType.CONFIG.number(), 0, new UnsafeBuffer(new byte[0]), 0, 0);
    try (PipelineHarness harness = new PipelineHarness(SEED)) {
      ClaimPipeline.Builder builder = builder(harness).journal(journal);
      assertThrows(IllegalStateException.class, builder::build);
    }
  }

  @Test
  void shouldRefusePlansThatForgetOrRepeatAStage() {
    try (PipelineHarness harness = new PipelineHarness(SEED)) {
      List<String> names = harness.pipeline.stageNames();
      assertEquals(ClaimPipeline.stageNames(PipelineHarness.CONFIG), names);
      assertThrows(
          IllegalArgumentException.class, () -> place(harness, names.subList(0, names.size() - 1)));
      assertThrows(IllegalArgumentException.class, () -> place(harness, List.of("reply", "reply")));
      assertThrows(IllegalStateException.class, harness.pipeline::start);
    }
  }

  private static void place(PipelineHarness harness, List<String> stages) {
    StagePlacement placement =
        new StagePlacement("all", stages, BusySpinIdleStrategy.INSTANCE, () -> {});
    builder(harness).placements(List.of(placement)).build();
  }

  private static ClaimPipeline.Builder builder(PipelineHarness harness) {
    return ClaimPipeline.builder()
        .config(PipelineHarness.CONFIG)
        .ledger(harness.ledger)
        .journal(harness.journal)
        .verifiers(k -> harness.verifier)
        .signers(k -> new FakeEcdsa.Signer(TestEscrows.VTS_KEY.toArray()))
        .replyPort(harness.checker)
        .haltPort((stage, cause) -> {});
  }
}
