package org.micropay.vts.audit;

import java.security.SecureRandom;
import org.agrona.DirectBuffer;

/**
 * 64-bit hashes under keys that are drawn anew for each audit, so that whoever wrote the journal
 * cannot have chosen what collides. Not a cryptographic hash: it stands for the bytes within one
 * run of the program and nowhere else. Immutable; any thread.
 */
final class Fingerprint {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final long seed;
  private final long factor;

  Fingerprint() {
    seed = RANDOM.nextLong();
    factor = RANDOM.nextLong() | 1;
  }

  /** Of {@code length} bytes, 8 or more, continuing {@code before}; 0 to begin with. */
  long of(long before, DirectBuffer buffer, int offset, int length) {
    long hash = mix(before ^ seed, factor ^ length);
    int end = offset + length;
    for (int at = offset; at + Long.BYTES <= end; at += Long.BYTES) {
      hash = mix(hash ^ buffer.getLong(at), factor);
    }
    // The last bytes once more, overlapping: cheaper than one by one.
    return mix(hash ^ buffer.getLong(end - Long.BYTES), factor + 2 * length);
  }

  private static long mix(long a, long b) {
    long low = a * b;
    return low ^ Math.unsignedMultiplyHigh(a, b) ^ Long.rotateLeft(a, 32);
  }
}
