package org.micropay.vts.pipeline;

/**
 * Whether the journal's disk is down to its reserve: found by the journal stage after each sync,
 * asked by the decide stage before each claim, so that a refusal comes before the ledger changes.
 *
 * <p>It lags by what is on the ring between the two, so the reserve must hold at least one full
 * ring of grants (450 bytes each, and a frame). It clears by itself: clock ticks keep being
 * journaled, and each sync asks again.
 */
final class DiskReserve {
  private volatile boolean reached;

  void update(boolean belowReserve) {
    if (reached != belowReserve) {
      reached = belowReserve;
    }
  }

  boolean isReached() {
    return reached;
  }
}
