package org.micropay.vts.pipeline;

/**
 * How many slots per second the pipeline finishes while it is busy; the base of the retry hint. The
 * reply stage writes, producers read.
 *
 * <p>Only windows without an idle moment count: the rate of an idle pipeline is its clients', not
 * its own. Smoothed over about eight windows.
 */
final class ServiceRate {
  private static final long WINDOW_NANOS = 20_000_000L;
  private static final double WEIGHT = 1.0 / 8;
  private static final double NANOS_PER_SECOND = 1e9;

  private long windowStart;
  private long windowSlots;
  private boolean open;
  private volatile double perSecond;

  /**
   * One batch of {@code slots} was finished at {@code nanos}, leaving {@code backlog} behind it.
   */
  void onBatch(int slots, long backlog, long nanos) {
    if (!open) {
      open = backlog > 0;
      windowStart = nanos;
      windowSlots = 0;
      return;
    }
    windowSlots += slots;
    long elapsed = nanos - windowStart;
    if (elapsed >= WINDOW_NANOS) {
      double rate = windowSlots * NANOS_PER_SECOND / elapsed;
      double known = perSecond;
      perSecond = known == 0 ? rate : known + WEIGHT * (rate - known);
      windowStart = nanos;
      windowSlots = 0;
    }
    open = backlog > 0;
  }

  /** Slots per second; 0 before the first busy window. */
  double perSecond() {
    return perSecond;
  }
}
