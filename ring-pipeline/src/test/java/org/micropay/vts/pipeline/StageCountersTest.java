package org.micropay.vts.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Counting. */
class StageCountersTest {
  @Test
  void shouldCountStepsSlotsTimeAndBatchSizesByPowersOfTwo() {
    StageCounters counters = new StageCounters("verify-0");
    counters.idle();
    counters.busy(1, 10);
    counters.busy(2, 20);
    counters.busy(3, 30);
    counters.busy(Integer.MAX_VALUE, 40);

    assertEquals("verify-0", counters.stage());
    assertEquals(1, counters.idleCycles());
    assertEquals(4, counters.busyCycles());
    assertEquals(100, counters.busyNanos());
    assertEquals(6L + Integer.MAX_VALUE, counters.slots());
    assertEquals(1, counters.batches(0));
    assertEquals(2, counters.batches(1));
    assertEquals(1, counters.batches(StageCounters.BATCH_BUCKETS - 1));
  }
}
