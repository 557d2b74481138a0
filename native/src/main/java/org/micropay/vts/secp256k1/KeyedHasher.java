package org.micropay.vts.secp256k1;

import java.lang.foreign.MemorySegment;

/**
 * SipHash-2-4 (J.-P. Aumasson, D. J. Bernstein: SipHash, a fast short-input PRF, 2012), 64 bits, of
 * many messages of one length in one call of C, eight at a time.
 *
 * <p>Stateless: any thread may call it. Calls allocate nothing. The caller owns the segments and
 * keeps them alive during the call.
 */
public final class KeyedHasher {
  /** Bytes of a key: two longs, little-endian. */
  public static final int KEY_BYTES = 16;

  KeyedHasher() {}

  /**
   * Hashes {@code count} messages under each of {@code keyCount} keys.
   *
   * @param keys {@value #KEY_BYTES} bytes each
   * @param messages {@code length} bytes every {@code stride} bytes
   * @param stride bytes from one message to the next, at least {@code length}
   * @param length of each message, 0 or more
   * @param hashes out: 8 bytes each in native order; of message i under key j at j * count + i
   * @param count number of messages, 0 or more
   * @throws IllegalArgumentException when a column is on the heap, too short or read-only, or
   *     {@code stride} less than {@code length}
   * @throws IllegalStateException when a column is closed
   */
  public void hash(
      MemorySegment keys,
      int keyCount,
      MemorySegment messages,
      int stride,
      int length,
      MemorySegment hashes,
      int count) {
    if (length < 0 || stride < length) {
      throw new IllegalArgumentException(
          "messages of " + length + " bytes every " + stride + " bytes");
    }
    long items = Columns.count(count);
    long all = Columns.count(keyCount) * items;
    Columns.input(keys, keyCount, KEY_BYTES, "keys");
    Columns.input(messages, items, stride, "messages");
    Columns.output(hashes, all, Long.BYTES, "hashes");
    VectorLibrary.sipHash(keys, keyCount, messages, stride, length, hashes, items);
  }
}
