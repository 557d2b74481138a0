package org.micropay.vts.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** The rate of a busy pipeline, and only of a busy one. */
class ServiceRateTest {
  private static final long MILLI = 1_000_000L;

  private final ServiceRate rate = new ServiceRate();

  @Test
  void shouldKnowNothingBeforeTheFirstBusyWindow() {
    rate.onBatch(100, 0, 0);
    rate.onBatch(100, 0, 1_000 * MILLI);
    assertEquals(0, rate.perSecond());
  }

  @Test
  void shouldMeasureAWindowWithoutIdleMoment() {
    for (int i = 0; i <= 100; i++) {
      rate.onBatch(50, 1, i * 10 * MILLI);
    }
    assertEquals(5_000, rate.perSecond(), 1);
  }

  @Test
  void shouldLeaveOutWindowsInWhichThePipelineRanDry() {
    for (int i = 0; i <= 100; i++) {
      rate.onBatch(50, 1, i * 10 * MILLI);
    }
    rate.onBatch(1, 0, 1_010 * MILLI);
    for (int i = 2; i < 50; i++) {
      rate.onBatch(1, 0, i * 1_000 * MILLI);
    }
    assertEquals(5_000, rate.perSecond(), 100);
  }

  @Test
  void shouldFollowAChangeOfSpeed() {
    for (int i = 0; i <= 100; i++) {
      rate.onBatch(50, 1, i * 10 * MILLI);
    }
    for (int i = 1; i <= 200; i++) {
      rate.onBatch(20, 1, (1_000 + i * 10) * MILLI);
    }
    assertEquals(2_000, rate.perSecond(), 20);
  }
}
