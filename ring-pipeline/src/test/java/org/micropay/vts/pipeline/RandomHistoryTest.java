package org.micropay.vts.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Claim;

/**
 * Long random histories, claims and commands mixed, through the production stages in random order.
 * The checker holds every answer against its rules; the journal must replay to the same state.
 * Repeat one history with {@code -Dvts.seed=N}.
 */
class RandomHistoryTest {
  private static final int HISTORIES = 40;
  private static final int EVENTS = 400;
  private static final int ESCROWS = 24;

  @Test
  void shouldKeepEveryRuleInRandomOrdersAndReplayToTheSameDigest() {
    Long fixed = Long.getLong("vts.seed");
    long base = fixed != null ? fixed : System.nanoTime();
    for (long seed = base; seed < base + (fixed != null ? 1 : HISTORIES); seed++) {
      try {
        runHistory(seed);
      } catch (RuntimeException | Error failure) {
        throw new AssertionError("repeat with -Dvts.seed=" + seed, failure);
      }
    }
  }

  private static void runHistory(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    PipelineConfig config =
        PipelineHarness.CONFIG
            .withRingSize(32 << random.nextInt(4))
            .withShards(1 + random.nextInt(3), 1 + random.nextInt(3))
            .withKernel(1 << random.nextInt(4), 8, 8);
    FakeEcdsa.Signer signer = new FakeEcdsa.Signer(TestEscrows.VTS_KEY.toArray());
    try (PipelineHarness harness =
        new PipelineHarness(seed, config, signer, 1 + random.nextInt(20)).withEscrows(ESCROWS)) {
      List<Long> sent = new ArrayList<>();
      int height = TestEscrows.TIP;
      for (int i = 0; i < EVENTS; i++) {
        harness.now += random.nextInt(2_000) - 100;
        int kind = random.nextInt(100);
        if (kind < 88) {
          sent.add(harness.send(randomClaim(random, harness.now)));
        } else if (kind < 92) {
          harness.submit(RecordType.TICK, new byte[0]);
        } else if (kind < 94) {
          harness.submit(RecordType.BLOCK_CONNECTED, TestEscrows.blockPayload(++height));
        } else if (kind < 96 && height > TestEscrows.TIP) {
          harness.submit(RecordType.BLOCK_DISCONNECTED, TestEscrows.blockPayload(height--));
        } else if (kind < 98) {
          harness.register(TestEscrows.terms(random.nextInt(2 * ESCROWS)));
        } else {
          harness.journal.belowReserve(random.nextInt(3) == 0);
        }
        harness.stepper.step(random.nextInt(8));
      }
      harness.stepper.runUntilQuiet();
      check(harness, sent);
    }
  }

  private static byte[] randomClaim(SplittableRandom random, long now) {
    int escrow = random.nextInt(ESCROWS + 2);
    int variant = random.nextInt(8) == 0 ? 1 + random.nextInt(3) : 0;
    long expiry =
        random.nextInt(6) == 0 ? now / 1000 - 30 + random.nextInt(60) : TestEscrows.EXPIRY;
    Claim claim = TestEscrows.claim(TestEscrows.terms(escrow), variant, expiry);
    byte[] bytes = claim.encode();
    if (random.nextInt(10) == 0) {
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return bytes;
  }

  private static void check(PipelineHarness harness, List<Long> sent) {
    assertEquals(List.of(), harness.halts);
    sent.forEach(harness.checker::answer);
    assertEquals(sent.size(), harness.checker.answers().size());
    assertTrue(harness.pipeline.isDrained());
    assertTrue(harness.checker.count(AnswerCode.GRANTED) > 0);
    assertEquals(harness.recordsOf(RecordType.GRANT), harness.checker.streamed().size());
    assertEquals(harness.journal.durablePosition(), harness.ledger.lastPosition());
    try (Ledger replayed =
        Ledgers.replay(harness.policy, harness.journal, harness.journal.durablePosition())) {
      assertEquals(harness.ledger.stateDigestLow(), replayed.stateDigestLow());
      assertEquals(harness.ledger.stateDigestHigh(), replayed.stateDigestHigh());
    }
  }

  /** A crash between any two steps forgets no answer that left, and grants nothing anew. */
  @Test
  void shouldForgetNoAnswerInACrashBetweenAnyTwoSteps() {
    for (long seed = 0; seed < 40; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      try (PipelineHarness harness = new PipelineHarness(seed).withEscrows(ESCROWS)) {
        for (int i = 0; i < 200; i++) {
          harness.send(randomClaim(random, harness.now));
          harness.stepper.step(random.nextInt(4));
        }
        // Here the process dies: what was not synced is gone.
        try (Ledger recovered =
            Ledgers.replay(harness.policy, harness.journal, harness.journal.durablePosition())) {
          for (ReplyChecker.Answer answer : harness.checker.answers()) {
            if (answer.code() == AnswerCode.GRANTED.number()) {
              assertEquals(
                  answer.position(),
                  recovered.view().lookupClaim(answer.claimId()).orElseThrow().grantPosition());
            }
          }
        }
      }
    }
  }
}
