package org.micropay.vts.appliance.demo;

import java.util.concurrent.locks.LockSupport;

/** Short waits between two questions to another process. */
final class Pauses {
  private Pauses() {}

  /** Waits, and gives up when the thread was interrupted. */
  static void millis(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DemoException("interrupted", e);
    }
  }

  /** Waits until {@link System#nanoTime} has passed {@code nanos}. */
  static void untilNanos(long nanos) {
    long left;
    while ((left = nanos - System.nanoTime()) > 0) {
      LockSupport.parkNanos(left);
    }
  }
}
