package org.micropay.vts.affinity;

import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.YieldingIdleStrategy;

/** What a thread does when it finds no work. */
public enum IdleMode {
  /** Keeps the core busy: lowest latency, only for a core of one's own. */
  BUSY_SPIN,
  /** Lets others run first, but never sleeps. */
  YIELD,
  /**
   * Spins and yields briefly, then sleeps for 50 to 200 microseconds. Shorter sleeps than the
   * kernel's timer slack of 50 us only cost wake-ups, in the place of threads that have work.
   */
  BACKOFF;

  private static final int MAX_SPINS = 20;
  private static final int MAX_YIELDS = 2;
  private static final long MIN_PARK = TimeUnit.MICROSECONDS.toNanos(50);
  private static final long MAX_PARK = TimeUnit.MICROSECONDS.toNanos(200);

  /** A new strategy, to be used by one thread. */
  public IdleStrategy newStrategy() {
    return switch (this) {
      case BUSY_SPIN -> new BusySpinIdleStrategy();
      case YIELD -> new YieldingIdleStrategy();
      case BACKOFF -> new BackoffIdleStrategy(MAX_SPINS, MAX_YIELDS, MIN_PARK, MAX_PARK);
    };
  }
}
