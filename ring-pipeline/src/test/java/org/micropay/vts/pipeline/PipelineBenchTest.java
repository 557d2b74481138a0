package org.micropay.vts.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.ledger.LedgerPolicy;
import org.micropay.vts.ledger.RecordType;

/** The measuring itself: everything sent is answered and counted, whatever the times are. */
@Timeout(60)
class PipelineBenchTest {
  private static final int CLAIMS = 600;

  private static final class Source implements ClaimSource {
    @Override
    public int count() {
      return CLAIMS;
    }

    @Override
    public int copyTo(int index, byte[] target, int offset) {
      byte[] claim = TestEscrows.claim(index, 0).encode();
      System.arraycopy(claim, 0, target, offset, claim.length);
      return claim.length;
    }
  }

  @Test
  void shouldCountEveryClaimInClosedAndOpenLoop() {
    LedgerPolicy policy = TestEscrows.policy(CLAIMS, 100);
    MemoryJournal journal = new MemoryJournal();
    try (Ledger ledger = Ledgers.createConfigured(policy, journal)) {
      PipelineBench bench = new PipelineBench(new Source());
      ClaimPipeline pipeline =
          ClaimPipeline.builder()
              .config(PipelineHarness.CONFIG)
              .ledger(ledger)
              .journal(journal)
              .verifiers(k -> new FakeEcdsa.Verifier())
              .signers(k -> new FakeEcdsa.Signer(TestEscrows.VTS_KEY.toArray()))
              .replyPort(bench.replyPort())
              .haltPort((stage, cause) -> {})
              .placements(
                  List.of(
                      new StagePlacement(
                          "all",
                          ClaimPipeline.stageNames(PipelineHarness.CONFIG),
                          new BackoffIdleStrategy(),
                          () -> {})))
              .build();
      pipeline.start();
      List<PipelineBench.Setup> setup = new ArrayList<>();
      setup.add(
          new PipelineBench.Setup(
              RecordType.BLOCK_CONNECTED.number(), TestEscrows.blockPayload(TestEscrows.TIP)));
      for (int i = 0; i < CLAIMS; i++) {
        setup.add(
            new PipelineBench.Setup(
                RecordType.REGISTER.number(), TestEscrows.registerPayload(TestEscrows.terms(i))));
      }
      PipelineBench.submitAll(pipeline, TestEscrows.NOW, setup);

      BenchResult closed = bench.runClosedLoop(pipeline, 0, 400, TestEscrows.NOW);
      assertEquals(400, closed.claims());
      assertEquals(400, closed.granted());
      assertTrue(closed.claimsPerSecond() > 0);
      assertTrue(closed.p50Micros() <= closed.p999Micros());
      assertTrue(closed.p999Micros() <= closed.maxMicros() * 1.01);

      BenchResult open = bench.runOpenLoop(pipeline, 400, CLAIMS, TestEscrows.NOW, 20_000);
      assertEquals(CLAIMS - 400, open.claims() + open.overloaded());
      assertEquals(open.claims(), open.granted());

      // Refused set-up is an error, not a slow benchmark.
      List<PipelineBench.Setup> again = setup.subList(0, 1);
      assertThrows(
          IllegalStateException.class,
          () -> PipelineBench.submitAll(pipeline, TestEscrows.NOW, again));
      pipeline.close();
    }
  }

  @Test
  void shouldRunTheKernelsAloneOverTheSameClaims() {
    try (KernelBench kernels =
        new KernelBench(
            new FakeEcdsa.Verifier(), new FakeEcdsa.Signer(TestEscrows.VTS_KEY.toArray()), 8)) {
      assertTrue(kernels.run(new Source(), 0, 64).claimsPerSecond() > 0);
    }
    ClaimSource forged =
        new ClaimSource() {
          @Override
          public int count() {
            return 8;
          }

          @Override
          public int copyTo(int index, byte[] target, int offset) {
            int length = new Source().copyTo(index, target, offset);
            target[offset + length - 1] ^= 1;
            return length;
          }
        };
    try (KernelBench kernels =
        new KernelBench(
            new FakeEcdsa.Verifier(), new FakeEcdsa.Signer(TestEscrows.VTS_KEY.toArray()), 8)) {
      assertThrows(IllegalStateException.class, () -> kernels.run(forged, 0, 8));
    }
  }
}
