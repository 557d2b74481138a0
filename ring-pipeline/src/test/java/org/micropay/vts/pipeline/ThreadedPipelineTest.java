package org.micropay.vts.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.ledger.LedgerPolicy;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ticket.AnswerCode;

/** The same stages on real threads. */
@Timeout(60)
class ThreadedPipelineTest {
  private static final int ESCROWS = 2_000;
  private static final int PRODUCERS = 3;

  private final LedgerPolicy policy = TestEscrows.policy(ESCROWS, 100);
  private final MemoryJournal journal = new MemoryJournal();
  private final ReplyChecker checker = new ReplyChecker(journal);
  private final List<Throwable> halts = new ArrayList<>();
  private final Set<String> startedThreads = ConcurrentHashMap.newKeySet();

  private StagePlacement placement(String thread, String... stages) {
    return new StagePlacement(
        thread,
        List.of(stages),
        new BackoffIdleStrategy(),
        () -> startedThreads.add(Thread.currentThread().getName()));
  }

  /** Each sign stage gets a signer of its own: they run side by side. */
  private ClaimPipeline pipeline(Ledger ledger, IntFunction<CounterSigner> signers) {
    return ClaimPipeline.builder()
        .config(PipelineHarness.CONFIG)
        .ledger(ledger)
        .journal(journal)
        .verifiers(k -> new FakeEcdsa.Verifier())
        .signers(signers)
        .replyPort(checker)
        .grantPort(checker)
        .haltPort(
            (stage, cause) -> {
              checker.onHalt();
              halts.add(cause);
            })
        .placements(
            List.of(
                placement("front", "verify-0", "sign-0"),
                placement("middle", "verify-1", "decide"),
                placement("journal", "journal"),
                placement("back", "sign-1", "reply")))
        .build();
  }

  private static List<PipelineBench.Setup> setup() {
    List<PipelineBench.Setup> setup = new ArrayList<>();
    setup.add(
        new PipelineBench.Setup(
            RecordType.BLOCK_CONNECTED.number(), TestEscrows.blockPayload(TestEscrows.TIP)));
    for (int i = 0; i < ESCROWS; i++) {
      setup.add(
          new PipelineBench.Setup(
              RecordType.REGISTER.number(), TestEscrows.registerPayload(TestEscrows.terms(i))));
    }
    return setup;
  }

  @Test
  void shouldKeepEveryRuleWithProducersAndStagesOnThreads() throws Exception {
    try (Ledger ledger = Ledgers.createConfigured(policy, journal)) {
      ClaimPipeline pipeline =
          pipeline(ledger, k -> new FakeEcdsa.Signer(TestEscrows.VTS_KEY.toArray()));
      pipeline.start();
      PipelineBench.submitAll(pipeline, TestEscrows.NOW, setup());
      List<Thread> producers = new ArrayList<>();
      for (int p = 0; p < PRODUCERS; p++) {
        int producer = p;
        producers.add(Thread.ofPlatform().start(() -> produce(pipeline, producer)));
      }
      for (Thread producer : producers) {
        producer.join();
      }
      pipeline.close();

      assertEquals(List.of(), halts);
      assertEquals(Set.of("front", "middle", "journal", "back"), startedThreads);
      assertEquals(PRODUCERS * ESCROWS, checker.answers().size());
      assertEquals(ESCROWS, checker.streamed().size());
      assertTrue(checker.count(AnswerCode.GRANTED) >= ESCROWS);
      assertTrue(checker.count(AnswerCode.DOUBLE_SPEND) > 0);
      assertTrue(
          pipeline.counters().stages().stream().allMatch(counters -> counters.busyCycles() > 0));
      try (Ledger replayed = Ledgers.replay(policy, journal, journal.durablePosition())) {
        assertEquals(ledger.stateDigestLow(), replayed.stateDigestLow());
        assertEquals(ledger.stateDigestHigh(), replayed.stateDigestHigh());
      }
    }
  }

  /** Every producer claims every escrow; one in ten with a ticket of its own. */
  private static void produce(ClaimPipeline pipeline, int producer) {
    for (int i = 0; i < ESCROWS; i++) {
      int escrow = (i + producer * 7) % ESCROWS;
      byte[] claim = TestEscrows.claim(escrow, escrow % 10 == 0 ? producer : 0).encode();
      UnsafeBuffer buffer = new UnsafeBuffer(claim);
      long correlation = (long) producer * ESCROWS + i;
      while (true) {
        int code =
            pipeline
                .claims()
                .tryPublish(producer, correlation, TestEscrows.NOW, 0, buffer, 0, claim.length);
        if (code == ClaimIngress.ACCEPTED) {
          break;
        }
        if (code != AnswerCode.OVERLOADED.number()) {
          fail("refused with " + code);
        }
        assertFalse(Thread.interrupted(), "the test's time is over");
        Thread.yield();
      }
    }
  }

  @Test
  void shouldStopAllThreadsOnceAndRefuseMoreAfterAFailure() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    CountDownLatch halted = new CountDownLatch(1);
    CounterSigner failing =
        (digests, signatures, verdicts, count) -> {
          calls.incrementAndGet();
          halted.countDown();
          throw new IllegalStateException("injected");
        };
    try (Ledger ledger = Ledgers.createConfigured(policy, journal)) {
      ClaimPipeline pipeline = pipeline(ledger, k -> failing);
      pipeline.start();
      PipelineBench.submitAll(pipeline, TestEscrows.NOW, setup().subList(0, 10));
      byte[] claim = TestEscrows.claim(1, 0).encode();
      pipeline.claims().tryPublish(0, 1, TestEscrows.NOW, 0, claim, 0, claim.length);
      assertTrue(halted.await(30, TimeUnit.SECONDS));
      while (!pipeline.isHalted()) {
        assertFalse(Thread.interrupted(), "the test's time is over");
        Thread.yield();
      }
      assertEquals(
          AnswerCode.SHUTTING_DOWN.number(),
          pipeline.claims().tryPublish(0, 2, TestEscrows.NOW, 0, claim, 0, claim.length));
      pipeline.close();

      assertEquals(1, calls.get());
      assertEquals(1, halts.size());
      assertEquals(0, checker.answers().size());
    }
  }

  @Test
  void shouldHaltWhenAThreadCannotStart() {
    try (Ledger ledger = Ledgers.createConfigured(policy, journal)) {
      FakeEcdsa.Signer signer = new FakeEcdsa.Signer(TestEscrows.VTS_KEY.toArray());
      List<StagePlacement> placements =
          List.of(
              new StagePlacement(
                  "all",
                  ClaimPipeline.stageNames(PipelineHarness.CONFIG),
                  new BackoffIdleStrategy(),
                  () -> {
                    throw new IllegalStateException("injected: no such CPU");
                  }));
      ClaimPipeline pipeline =
          ClaimPipeline.builder()
              .config(PipelineHarness.CONFIG)
              .ledger(ledger)
              .journal(journal)
              .verifiers(k -> new FakeEcdsa.Verifier())
              .signers(k -> signer)
              .replyPort(checker)
              .haltPort((stage, cause) -> halts.add(cause))
              .placements(placements)
              .build();
      pipeline.start();
      while (!pipeline.isHalted()) {
        assertFalse(Thread.interrupted(), "the test's time is over");
        Thread.yield();
      }
      pipeline.close();
      assertEquals(1, halts.size());
    }
  }
}
