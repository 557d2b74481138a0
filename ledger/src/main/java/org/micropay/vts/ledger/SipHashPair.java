package org.micropay.vts.ledger;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * {@link SipHash} of one message under two keys at the same time. Each is a chain of operations
 * that wait for one another; side by side the processor works on both while it waits, which takes
 * little more time than one. Keeps its results; one thread; allocates nothing.
 */
final class SipHashPair {
  private static final VarHandle LONG_LE =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN)
          .withInvokeExactBehavior();

  private final long a0;
  private final long a1;
  private final long b0;
  private final long b1;
  private long first;
  private long second;

  /** The first key's two halves, then the second's. */
  SipHashPair(long a0, long a1, long b0, long b1) {
    this.a0 = a0;
    this.a1 = a1;
    this.b0 = b0;
    this.b1 = b1;
  }

  /** Result under the first key. */
  long first() {
    return first;
  }

  /** Result under the second key. */
  long second() {
    return second;
  }

  /** Hashes the first {@code length} bytes; the array has eight more, which may be anything. */
  void hash(byte[] source, int length) {
    long v0 = a0 ^ 0x736f6d6570736575L;
    long v1 = a1 ^ 0x646f72616e646f6dL;
    long v2 = a0 ^ 0x6c7967656e657261L;
    long v3 = a1 ^ 0x7465646279746573L;
    long w0 = b0 ^ 0x736f6d6570736575L;
    long w1 = b1 ^ 0x646f72616e646f6dL;
    long w2 = b0 ^ 0x6c7967656e657261L;
    long w3 = b1 ^ 0x7465646279746573L;
    int whole = length & ~7;
    for (int i = 0; i <= whole + 16; i += 8) {
      // The message words, the last bytes padded with the length, then two times two rounds more.
      long word = 0;
      if (i <= whole) {
        word = (long) LONG_LE.get(source, i);
        if (i == whole) {
          word = word & (1L << 8 * (length & 7)) - 1 | (long) length << 56;
        }
      } else if (i == whole + 8) {
        v2 ^= 0xff;
        w2 ^= 0xff;
      }
      v3 ^= word;
      w3 ^= word;
      for (int round = 0; round < 2; round++) {
        v0 += v1;
        w0 += w1;
        v2 += v3;
        w2 += w3;
        v1 = Long.rotateLeft(v1, 13) ^ v0;
        w1 = Long.rotateLeft(w1, 13) ^ w0;
        v3 = Long.rotateLeft(v3, 16) ^ v2;
        w3 = Long.rotateLeft(w3, 16) ^ w2;
        v0 = Long.rotateLeft(v0, 32) + v3;
        w0 = Long.rotateLeft(w0, 32) + w3;
        v2 += v1;
        w2 += w1;
        v3 = Long.rotateLeft(v3, 21) ^ v0;
        w3 = Long.rotateLeft(w3, 21) ^ w0;
        v1 = Long.rotateLeft(v1, 17) ^ v2;
        w1 = Long.rotateLeft(w1, 17) ^ w2;
        v2 = Long.rotateLeft(v2, 32);
        w2 = Long.rotateLeft(w2, 32);
      }
      v0 ^= word;
      w0 ^= word;
    }
    first = v0 ^ v1 ^ v2 ^ v3;
    second = w0 ^ w1 ^ w2 ^ w3;
  }
}
