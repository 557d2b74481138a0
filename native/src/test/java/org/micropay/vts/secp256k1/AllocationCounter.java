package org.micropay.vts.secp256k1;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Bytes that a piece of work allocates on the Java heap, on the calling thread. */
final class AllocationCounter {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private AllocationCounter() {}

  /** The least of several runs, so that one-time work such as class loading does not count. */
  static long bytesPerRun(Runnable work) {
    long least = Long.MAX_VALUE;
    for (int run = 0; run < 20; run++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      work.run();
      least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
    }
    long own = THREADS.getCurrentThreadAllocatedBytes();
    own = THREADS.getCurrentThreadAllocatedBytes() - own;
    return least - own;
  }
}
