package org.micropay.vts.appliance.testing;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for something that another thread does, up to a deadline that only a defect reaches. */
public final class Poll {
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final long PAUSE_NANOS = 1_000_000;

  private Poll() {}

  /** Returns once {@code condition} holds; fails when it does not come to hold. */
  public static void until(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + DEADLINE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("still not so after " + DEADLINE + ": " + what);
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }
}
