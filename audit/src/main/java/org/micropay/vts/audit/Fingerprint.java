package org.micropay.vts.audit;

import java.security.SecureRandom;
import org.agrona.DirectBuffer;

/**
 * 64-bit hashes under keys that are drawn anew for each audit, so that whoever wrote the journal
 * cannot have chosen what collides. Not a cryptographic hash: it stands for the bytes within one
 * run of the program and nowhere else. One thread.
 */
final class Fingerprint {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final long seed;
  private final long factor;
  private long second;

  Fingerprint() {
    seed = RANDOM.nextLong();
    factor = RANDOM.nextLong();
  }

  /** Of {@code length} bytes, 16 or more, continuing {@code before}; 0 to begin with. */
  long of(long before, DirectBuffer buffer, int offset, int length) {
    // Two independent chains: the processor multiplies for both at the same time.
    long even = before ^ seed;
    long odd = factor ^ length;
    int end = offset + length;
    int at = offset;
    for (; at + 4 * Long.BYTES <= end; at += 4 * Long.BYTES) {
      even = mix(even ^ buffer.getLong(at), factor ^ buffer.getLong(at + 8));
      odd = mix(odd ^ buffer.getLong(at + 16), seed ^ buffer.getLong(at + 24));
    }
    if (at + 2 * Long.BYTES <= end) {
      even = mix(even ^ buffer.getLong(at), factor ^ buffer.getLong(at + 8));
    }
    // The last bytes once more, overlapping: cheaper than one by one.
    odd = mix(odd ^ buffer.getLong(end - 16), seed ^ buffer.getLong(end - 8));
    second = mix(even ^ seed, Long.rotateLeft(odd, 23));
    return mix(even ^ factor, odd ^ seed);
  }

  /** 64 bits more of the same bytes as the last call was about. */
  long second() {
    return second;
  }

  private static long mix(long a, long b) {
    long low = a * b;
    return low ^ Math.unsignedMultiplyHigh(a, b) ^ Long.rotateLeft(a, 32) ^ b;
  }
}
