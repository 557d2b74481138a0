package org.micropay.vts.appliance.server;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;

/**
 * SipHash-1-3 with 128 bits of output (J.-P. Aumasson, D. J. Bernstein: SipHash, a fast short-input
 * PRF, 2012, and the authors' reference code) of an outpoint's 36 bytes: the variant for hash
 * tables, one round a word and three at each end. Keeps its result; one thread; allocates nothing.
 */
final class SipHash128 {
  private static final int LENGTH = 36;
  private static final long LAST = (long) LENGTH << 56;

  private final long key0;
  private final long key1;
  private long v0;
  private long v1;
  private long v2;
  private long v3;
  private long low;
  private long high;

  SipHash128(long key0, long key1) {
    this.key0 = key0;
    this.key1 = key1;
  }

  /** Hashes the 36 bytes at {@code offset}. */
  void hash(DirectBuffer source, int offset) {
    long word0 = source.getLong(offset, ByteOrder.LITTLE_ENDIAN);
    long word1 = source.getLong(offset + 8, ByteOrder.LITTLE_ENDIAN);
    long word2 = source.getLong(offset + 16, ByteOrder.LITTLE_ENDIAN);
    long word3 = source.getLong(offset + 24, ByteOrder.LITTLE_ENDIAN);
    long word4 = LAST | source.getInt(offset + 32, ByteOrder.LITTLE_ENDIAN) & 0xFFFFFFFFL;
    v0 = key0 ^ 0x736f6d6570736575L;
    v1 = key1 ^ 0x646f72616e646f6dL ^ 0xee;
    v2 = key0 ^ 0x6c7967656e657261L;
    v3 = key1 ^ 0x7465646279746573L;
    compress(word0);
    compress(word1);
    compress(word2);
    compress(word3);
    compress(word4);
    v2 ^= 0xee;
    low = finish();
    v1 ^= 0xdd;
    high = finish();
  }

  private void compress(long word) {
    v3 ^= word;
    round();
    v0 ^= word;
  }

  private long finish() {
    round();
    round();
    round();
    return v0 ^ v1 ^ v2 ^ v3;
  }

  private void round() {
    v0 += v1;
    v1 = Long.rotateLeft(v1, 13) ^ v0;
    v0 = Long.rotateLeft(v0, 32);
    v2 += v3;
    v3 = Long.rotateLeft(v3, 16) ^ v2;
    v0 += v3;
    v3 = Long.rotateLeft(v3, 21) ^ v0;
    v2 += v1;
    v1 = Long.rotateLeft(v1, 17) ^ v2;
    v2 = Long.rotateLeft(v2, 32);
  }

  /** First eight bytes of the result, little-endian. */
  long low() {
    return low;
  }

  /** Last eight bytes of the result, little-endian. */
  long high() {
    return high;
  }
}
