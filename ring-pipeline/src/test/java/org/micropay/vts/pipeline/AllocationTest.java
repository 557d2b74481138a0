package org.micropay.vts.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.ledger.LedgerPolicy;
import org.micropay.vts.ledger.RecordType;

/** The claims' path allocates nothing: zero bytes on every stage's thread and on the producer. */
@Timeout(120)
class AllocationTest {
  private static final int WARM_UP = 60_000;
  private static final int MEASURED = 100_000;
  private static final int ATTEMPTS = 2;
  private static final int ESCROWS = (WARM_UP + ATTEMPTS * MEASURED) / 2;

  /** Takes records and forgets them. */
  private static final class NullJournal implements DecisionJournal {
    private long next = 1;
    private long durable;

    @Override
    public long nextPosition() {
      return next;
    }

    @Override
    public void append(
        long position, int type, long timeMillis, DirectBuffer payload, int offset, int length) {
      next = position + 1;
    }

    @Override
    public void sync() {
      durable = next - 1;
    }

    @Override
    public long durablePosition() {
      return durable;
    }

    @Override
    public boolean belowReserve() {
      return false;
    }
  }

  /**
   * Encoded beforehand: every second claim wins an escrow of its own, the one after it is its
   * repeat, a second winner, forged, or for another network.
   */
  private static byte[][] claims(int count) {
    byte[][] encoded = new byte[count][];
    for (int i = 0; i < count; i++) {
      int escrow = i / 2;
      boolean first = i % 2 == 0;
      encoded[i] =
          first || i % 4 == 1
              ? first ? TestEscrows.claim(escrow, 0).encode() : encoded[i - 1]
              : TestEscrows.claim(escrow, 1).encode();
      if (i % 8 == 3) {
        encoded[i][i % 16 == 3 ? 0 : encoded[i].length - 9] ^= 1;
      }
    }
    return encoded;
  }

  @Test
  void shouldAllocateNothingOnAnyStageThread() {
    NullJournal journal = new NullJournal();
    LedgerPolicy policy = TestEscrows.policy(ESCROWS, 1_000);
    try (Ledger ledger = Ledgers.createConfigured(policy, journal)) {
      PipelineBench bench = new PipelineBench(null);
      PipelineConfig config = PipelineConfig.defaults().withRingSize(1024);
      List<StagePlacement> placements = new ArrayList<>();
      for (String stage : ClaimPipeline.stageNames(config)) {
        placements.add(
            new StagePlacement(stage, List.of(stage), new BackoffIdleStrategy(), () -> {}));
      }
      ClaimPipeline pipeline =
          ClaimPipeline.builder()
              .config(config)
              .ledger(ledger)
              .journal(journal)
              .verifiers(k -> new FakeEcdsa.Verifier())
              .signers(k -> new FakeEcdsa.Signer(TestEscrows.VTS_KEY.toArray()))
              .replyPort(bench.replyPort())
              .haltPort((stage, cause) -> cause.printStackTrace())
              .placements(placements)
              .build();
      pipeline.start();
      PipelineBench.submitAll(pipeline, TestEscrows.NOW, setup());
      Producer producer = new Producer(pipeline);
      producer.run(WARM_UP);
      // What the compiler still does while it warms up differs; steady state must come and stay.
      Map<String, Long> allocated = Map.of();
      for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        allocated = producer.measure(MEASURED);
        if (allocated.values().stream().allMatch(bytes -> bytes == 0)) {
          break;
        }
      }
      pipeline.close();
      Map<String, Long> expected = new TreeMap<>();
      allocated.keySet().forEach(name -> expected.put(name, 0L));
      assertEquals(expected, allocated, "bytes allocated by thread");
      assertEquals(ClaimPipeline.stageNames(config).size() + 1, allocated.size());
      assertTrue(journal.durablePosition() > 2 * ESCROWS - MEASURED / 2, "grants were measured");
    }
  }

  /** Publishes from the test's thread without allocating, so that it can be measured, too. */
  private static final class Producer {
    private final ClaimPipeline pipeline;
    private final byte[][] claims = claims(2 * ESCROWS);
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[0]);
    private int next;

    Producer(ClaimPipeline pipeline) {
      this.pipeline = pipeline;
    }

    void run(int count) {
      for (int i = 0; i < count; i++) {
        byte[] claim = claims[next++];
        buffer.wrap(claim);
        while (pipeline.claims().tryPublish(0, i, TestEscrows.NOW, 0, buffer, 0, claim.length)
            != ClaimIngress.ACCEPTED) {
          requireRunning();
        }
      }
      while (!pipeline.isDrained()) {
        requireRunning();
      }
    }

    private void requireRunning() {
      if (pipeline.isHalted()) {
        throw new AssertionError("halted");
      }
      assertFalse(Thread.interrupted(), "the test's time is over");
      Thread.yield();
    }

    Map<String, Long> measure(int count) {
      ThreadMXBean bean = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      Map<String, Long> ids = new TreeMap<>(pipeline.threadIds());
      ids.put("producer", Thread.currentThread().threadId());
      long[] before = new long[ids.size()];
      long[] after = new long[ids.size()];
      long[] threads = ids.values().stream().mapToLong(Long::longValue).toArray();
      read(bean, threads, before);
      read(bean, threads, before);
      run(count);
      read(bean, threads, after);
      Map<String, Long> allocated = new TreeMap<>();
      int i = 0;
      for (String name : ids.keySet()) {
        allocated.put(name, after[i] - before[i]);
        i++;
      }
      return allocated;
    }

    private static void read(ThreadMXBean bean, long[] threads, long[] into) {
      for (int i = 0; i < threads.length; i++) {
        into[i] = bean.getThreadAllocatedBytes(threads[i]);
      }
    }
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
}
