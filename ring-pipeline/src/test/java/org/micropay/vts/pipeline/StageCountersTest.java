package org.micropay.vts.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import org.junit.jupiter.api.Test;

/** What a stage counts, and that other threads see it. */
class StageCountersTest {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  /** Processor time after which a loop runs as the compiler leaves it. */
  private static final long COMPILED_NANOS = 60_000_000;

  private static final int PATIENCE_MILLIS = 20_000;

  private final StageCounters counters = new StageCounters("stage");

  @Test
  void shouldCountStepsSlotsTimeAndBatchSizesByPowersOfTwo() {
    counters.idle();
    counters.busy(1, 10);
    counters.busy(2, 20);
    counters.busy(3, 30);
    counters.busy(Integer.MAX_VALUE, 40);

    assertEquals("stage", counters.stage());
    assertEquals(1, counters.idleCycles());
    assertEquals(4, counters.busyCycles());
    assertEquals(100, counters.busyNanos());
    assertEquals(6L + Integer.MAX_VALUE, counters.slots());
    assertEquals(1, counters.batches(0));
    assertEquals(2, counters.batches(1));
    assertEquals(1, counters.batches(StageCounters.BATCH_BUCKETS - 1));
  }

  /**
   * A loop of nothing but a read ends when the stage counts. A plain read is taken out of the loop
   * by the compiler. Each loop is a method of its own, so that the read is compiled into it.
   */
  @Test
  void shouldBeSeenByAThreadThatWaits() throws InterruptedException {
    assertSeen(this::awaitBusyCycles);
    assertSeen(this::awaitIdleCycles);
    assertSeen(this::awaitBusyNanos);
    assertSeen(this::awaitSlots);
    assertSeen(this::awaitBatches);
  }

  private void awaitBusyCycles() {
    long before = counters.busyCycles();
    while (counters.busyCycles() == before) {
      // Nothing in the loop but the read.
    }
  }

  private void awaitIdleCycles() {
    long before = counters.idleCycles();
    while (counters.idleCycles() == before) {
      // Nothing in the loop but the read.
    }
  }

  private void awaitBusyNanos() {
    long before = counters.busyNanos();
    while (counters.busyNanos() == before) {
      // Nothing in the loop but the read.
    }
  }

  private void awaitSlots() {
    long before = counters.slots();
    while (counters.slots() == before) {
      // Nothing in the loop but the read.
    }
  }

  private void awaitBatches() {
    long before = counters.batches(0);
    while (counters.batches(0) == before) {
      // Nothing in the loop but the read.
    }
  }

  private void assertSeen(Runnable loop) throws InterruptedException {
    Thread reader = Thread.ofPlatform().daemon().start(loop);
    for (int i = 0; THREADS.getThreadCpuTime(reader.threadId()) < COMPILED_NANOS; i++) {
      assertTrue(reader.isAlive(), "it ended before anything was counted");
      assertTrue(i < PATIENCE_MILLIS, "the reader gets no processor");
      Thread.sleep(1);
    }
    counters.busy(1, 1);
    counters.idle();
    reader.join(PATIENCE_MILLIS);
    assertFalse(reader.isAlive(), "it waits for ever");
  }
}
