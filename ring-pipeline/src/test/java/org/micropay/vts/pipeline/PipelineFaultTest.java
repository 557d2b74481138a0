package org.micropay.vts.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import org.agrona.concurrent.SystemNanoClock;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ticket.AnswerCode;

/** What happens when a part fails: everything stops, once, and nothing more is said. */
class PipelineFaultTest {
  private static final int CLAIMS = 40;

  @Test
  void shouldHaltAndAnswerNothingMoreWhenASyncFails() {
    for (long seed = 0; seed < 50; seed++) {
      try (PipelineHarness harness = new PipelineHarness(seed).withEscrows(CLAIMS)) {
        harness.journal.failSyncAfter((int) (seed % 5));
        run(harness, "journal");
      }
    }
  }

  @Test
  void shouldHaltAndAnswerNothingMoreWhenAnAppendFails() {
    for (long seed = 0; seed < 50; seed++) {
      try (PipelineHarness harness = new PipelineHarness(seed).withEscrows(CLAIMS)) {
        harness.journal.failAppendAfter((int) seed % CLAIMS);
        run(harness, "journal");
      }
    }
  }

  @Test
  void shouldHaltWhenASignatureDoesNotVerify() {
    for (long seed = 0; seed < 50; seed++) {
      FakeEcdsa.Signer signer =
          new FakeEcdsa.Signer(TestEscrows.VTS_KEY.toArray()).failAfter(seed % CLAIMS);
      try (PipelineHarness harness =
          new PipelineHarness(seed, PipelineHarness.CONFIG, signer, 7).withEscrows(CLAIMS)) {
        run(harness, "sign-");
        assertTrue(harness.checker.count(AnswerCode.GRANTED) <= seed % CLAIMS);
      }
    }
  }

  @Test
  void shouldHaltWhenASyncReturnsWithoutHavingSynced() {
    try (PipelineHarness harness = new PipelineHarness(1).withEscrows(CLAIMS)) {
      harness.journal.stopSyncing();
      run(harness, "journal");
      assertEquals(0, harness.checker.answers().size());
    }
  }

  private static void run(PipelineHarness harness, String stage) {
    for (int i = 0; i < CLAIMS; i++) {
      harness.trySend(TestEscrows.claim(i, 0).encode());
      harness.stepper.step(3);
    }
    harness.stepper.runUntilQuiet();
    assertTrue(harness.pipeline.isHalted());
    assertEquals(1, harness.halts.size(), "halt is called once");
    assertTrue(harness.haltedStages.getFirst().startsWith(stage), harness.haltedStages.toString());
    assertFalse(harness.halts.getFirst() instanceof AssertionError, "a checker's rule was broken");

    int answered = harness.checker.answers().size();
    assertEquals(0, harness.stepper.step(100));
    assertEquals(answered, harness.checker.answers().size());
    assertEquals(
        AnswerCode.SHUTTING_DOWN.number(), harness.trySend(TestEscrows.claim(0, 0).encode()));
  }

  @Test
  void shouldTellTheHaltPortOnceWhoeverFailsNext() {
    List<String> stages = new ArrayList<>();
    HaltSwitch haltSwitch = new HaltSwitch((stage, cause) -> stages.add(stage));
    haltSwitch.halt("first", new IllegalStateException());
    haltSwitch.halt("second", new IllegalStateException());
    assertEquals(List.of("first"), stages);
  }

  /** Another stage may fail while the reply stage is in the middle of a batch. */
  @Test
  void shouldStopAnsweringInTheMiddleOfABatch() {
    HaltSwitch haltSwitch = new HaltSwitch((stage, cause) -> {});
    RingBuffer<ClaimSlot> ring =
        RingBuffer.createMultiProducer(ClaimSlot::new, 16, new PollingWaitStrategy());
    List<Long> answered = new ArrayList<>();
    ReplyPort port =
        new ReplyPort() {
          @Override
          public void onReply(ClaimSlot slot) {
            answered.add(slot.correlationId());
            if (answered.size() == 2) {
              haltSwitch.halt("journal", new IllegalStateException());
            }
          }

          @Override
          public void endOfBatch() {
            answered.add(-1L);
          }
        };
    ReplyStage reply =
        new ReplyStage(
            new StageContext(ring, haltSwitch, SystemNanoClock.INSTANCE),
            PipelineHarness.CONFIG,
            port,
            slot -> {},
            new ServiceRate(),
            new AtomicLongArray(PipelineCounters.CODES));
    for (int i = 0; i < 5; i++) {
      long sequence = ring.next();
      ring.get(sequence).kind = SlotKind.CLAIM;
      ring.get(sequence).correlationId = sequence;
      ring.publish(sequence);
    }

    assertEquals(0, reply.doWork());
    assertEquals(List.of(0L, 1L), answered);
    assertEquals(-1, reply.position());
  }

  /** A pipeline whose reply stage does not wait for the journal must not get past the checker. */
  @Test
  void shouldCatchARemovedReplyGate() {
    int caught = 0;
    for (long seed = 0; seed < 20; seed++) {
      caught += isCaught(seed, false) ? 1 : 0;
      assertFalse(isCaught(seed, true), "the right wiring breaks no rule");
    }
    assertTrue(caught > 0, "no seed caught the missing gate");
  }

  private static boolean isCaught(long seed, boolean gated) {
    try (PipelineHarness harness = new PipelineHarness(seed);
        Ledger ledger = Ledgers.createConfigured(harness.policy, new MemoryJournal())) {
      MemoryJournal journal = new MemoryJournal();
      Ledgers.appendConfig(harness.policy, journal);
      ReplyChecker checker = new ReplyChecker(journal);
      List<Throwable> halts = new ArrayList<>();
      HaltSwitch haltSwitch = new HaltSwitch((stage, cause) -> halts.add(cause));
      PipelineConfig config = PipelineHarness.CONFIG.withShards(1, 1);
      RingBuffer<ClaimSlot> ring =
          RingBuffer.createMultiProducer(
              ClaimSlot::new, config.ringSize(), new PollingWaitStrategy());
      List<Stage> stages = wire(config, ring, haltSwitch, ledger, journal, checker, gated);
      ring.addGatingSequences(stages.getLast().sequence());
      ServiceRate rate = new ServiceRate();
      ClaimIngress claims = new ClaimIngress(ring, config.commandReserve(), rate, haltSwitch);
      CommandIngress commands = new CommandIngress(ring, haltSwitch);
      PipelineStepper stepper = new PipelineStepper(stages, seed);
      submit(commands, RecordType.BLOCK_CONNECTED, TestEscrows.blockPayload(TestEscrows.TIP));
      for (int i = 0; i < CLAIMS; i++) {
        submit(commands, RecordType.REGISTER, TestEscrows.registerPayload(TestEscrows.terms(i)));
      }
      inOrder(stages);
      for (int i = 0; i < CLAIMS; i++) {
        byte[] claim = TestEscrows.claim(i, 0).encode();
        claims.tryPublish(0, i, TestEscrows.NOW, 0, claim, 0, claim.length);
        stepper.step(5);
      }
      stepper.runUntilQuiet();
      stages.forEach(Stage::close);
      if (halts.isEmpty()) {
        return false;
      }
      ReplyChecker.Violation violation =
          assertInstanceOf(ReplyChecker.Violation.class, halts.getFirst());
      assertEquals(ReplyChecker.Rule.REPLY_IMPLIES_DURABLE, violation.rule);
      return true;
    }
  }

  /** One order in which even the wrong wiring journals before it answers. */
  private static void inOrder(List<Stage> stages) {
    for (Stage stage : stages) {
      while (stage.doWork() > 0) {
        assertFalse(stage.isHalted());
      }
    }
  }

  private static List<Stage> wire(
      PipelineConfig config,
      RingBuffer<ClaimSlot> ring,
      HaltSwitch haltSwitch,
      Ledger ledger,
      MemoryJournal journal,
      ReplyChecker checker,
      boolean gated) {
    StageContext context = new StageContext(ring, haltSwitch, SystemNanoClock.INSTANCE);
    DiskReserve reserve = new DiskReserve();
    VerifyStage verify =
        new VerifyStage(
            context,
            config,
            new WorkerGroup(1),
            0,
            ledger,
            new JavaClaimDigests(),
            new FakeEcdsa.Verifier());
    DecideStage decide =
        new DecideStage(
            context, config, ledger, journal.nextPosition(), reserve, verify.sequence());
    JournalStage journalStage =
        new JournalStage(context, config, journal, reserve, decide.sequence());
    SignStage sign =
        new SignStage(
            context,
            config,
            new WorkerGroup(1),
            0,
            new FakeEcdsa.Signer(TestEscrows.VTS_KEY.toArray()),
            decide.sequence());
    Sequence[] gates =
        gated
            ? new Sequence[] {journalStage.sequence(), sign.sequence()}
            : new Sequence[] {sign.sequence()};
    ReplyStage reply =
        new ReplyStage(
            context,
            config,
            checker,
            checker,
            new ServiceRate(),
            new AtomicLongArray(PipelineCounters.CODES),
            gates);
    return List.of(verify, decide, journalStage, sign, reply);
  }

  private static void submit(CommandIngress commands, RecordType type, byte[] payload) {
    assertTrue(
        commands.trySubmit(
            type.number(),
            TestEscrows.NOW,
            new UnsafeBuffer(payload),
            0,
            payload.length,
            CommandCompletion.NONE));
  }
}
