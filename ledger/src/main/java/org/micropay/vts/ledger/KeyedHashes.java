package org.micropay.vts.ledger;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * SipHash-2-4 of many messages of one length in one call: whoever has something faster than one
 * after the other gives it to a replay.
 */
@FunctionalInterface
public interface KeyedHashes {
  /** Bytes of a key. */
  int KEY_BYTES = 16;

  /**
   * Hashes {@code count} messages under each of {@code keyCount} keys. All memory is native.
   *
   * @param keys {@value #KEY_BYTES} bytes each: two longs, little-endian
   * @param messages {@code length} bytes every {@code stride} bytes
   * @param hashes out: 8 bytes each in native order; of message i under key j at j * count + i
   */
  void hash(
      MemorySegment keys,
      int keyCount,
      MemorySegment messages,
      int stride,
      int length,
      MemorySegment hashes,
      int count);

  /** One after the other; for messages of up to {@code longest} bytes and one thread. */
  static KeyedHashes oneByOne(int longest) {
    ValueLayout.OfLong little = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    byte[] message = new byte[longest];
    return (keys, keyCount, messages, stride, length, hashes, count) -> {
      for (int key = 0; key < keyCount; key++) {
        long key0 = keys.get(little, (long) key * KEY_BYTES);
        long key1 = keys.get(little, (long) key * KEY_BYTES + Long.BYTES);
        for (int i = 0; i < count; i++) {
          long at = (long) i * stride;
          MemorySegment.copy(messages, ValueLayout.JAVA_BYTE, at, message, 0, length);
          hashes.set(
              ValueLayout.JAVA_LONG_UNALIGNED,
              ((long) key * count + i) * Long.BYTES,
              SipHash.hash(key0, key1, message, 0, length));
        }
      }
    };
  }
}
