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
  /** Spins, yields, then sleeps for up to 100 microseconds. */
  BACKOFF;

  private static final int MAX_SPINS = 100;
  private static final int MAX_YIELDS = 20;
  private static final long MIN_PARK = TimeUnit.MICROSECONDS.toNanos(1);
  private static final long MAX_PARK = TimeUnit.MICROSECONDS.toNanos(100);

  /** A new strategy, to be used by one thread. */
  public IdleStrategy newStrategy() {
    return switch (this) {
      case BUSY_SPIN -> new BusySpinIdleStrategy();
      case YIELD -> new YieldingIdleStrategy();
      case BACKOFF -> new BackoffIdleStrategy(MAX_SPINS, MAX_YIELDS, MIN_PARK, MAX_PARK);
    };
  }
}
