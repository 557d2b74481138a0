package org.micropay.vts.ledger;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Components of a {@link StateDigest} that wait to be hashed many at a time: the digest is a sum,
 * and does not depend on when a component is added. Only the lengths that nearly all components
 * have are taken; each has a lot of its own.
 *
 * <p>Belongs to the digest's thread; memory is the arena's. Allocates nothing after construction.
 */
final class DigestLots {
  private static final int CAPACITY = 256;
  private static final int KEYS = 2;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

  private final KeyedHashes hashes;
  private final MemorySegment keys;
  private final MemorySegment results;
  private final Lot[] lots;
  private long low;
  private long high;

  /** Components of one length. */
  private static final class Lot {
    final int length;
    final int stride;
    final MemorySegment messages;
    final long[] signs = new long[CAPACITY];
    int count;

    Lot(Arena arena, int length) {
      this.length = length;
      stride = (length + 7) & -8;
      messages = arena.allocate((long) CAPACITY * stride, 64);
    }
  }

  /**
   * Empty lots.
   *
   * @param keys the low half's key and the high half's, two longs each
   * @param lengths of the components that are taken, longest first
   */
  DigestLots(KeyedHashes hashes, Arena arena, long[] keys, int[] lengths) {
    this.hashes = hashes;
    this.keys = arena.allocate((long) KEYS * KeyedHashes.KEY_BYTES, 64);
    for (int i = 0; i < keys.length; i++) {
      this.keys.setAtIndex(LONG.withOrder(ByteOrder.LITTLE_ENDIAN), i, keys[i]);
    }
    results = arena.allocate((long) KEYS * CAPACITY * Long.BYTES, 64);
    lots = new Lot[lengths.length];
    for (int i = 0; i < lots.length; i++) {
      lots[i] = new Lot(arena, lengths[i]);
    }
  }

  /**
   * Takes a component, if its length is one of the lots'.
   *
   * @param sign 1 to add it, -1 to subtract it
   * @return whether it was taken
   */
  boolean take(byte[] component, int length, long sign) {
    for (Lot lot : lots) {
      if (lot.length == length) {
        MemorySegment.copy(
            component,
            0,
            lot.messages,
            ValueLayout.JAVA_BYTE,
            (long) lot.count * lot.stride,
            length);
        lot.signs[lot.count++] = sign;
        if (lot.count == CAPACITY) {
          hash(lot);
        }
        return true;
      }
    }
    return false;
  }

  /** Hashes whatever waits; afterwards {@link #takeLow} and {@link #takeHigh} have all of it. */
  void hashAll() {
    for (Lot lot : lots) {
      hash(lot);
    }
  }

  private void hash(Lot lot) {
    int count = lot.count;
    if (count == 0) {
      return;
    }
    hashes.hash(keys, KEYS, lot.messages, lot.stride, lot.length, results, count);
    for (int i = 0; i < count; i++) {
      low += lot.signs[i] * results.getAtIndex(LONG, i);
      high += lot.signs[i] * results.getAtIndex(LONG, count + i);
    }
    lot.count = 0;
  }

  /** The sum of the low halves since the last call. */
  long takeLow() {
    long sum = low;
    low = 0;
    return sum;
  }

  /** The sum of the high halves since the last call. */
  long takeHigh() {
    long sum = high;
    high = 0;
    return sum;
  }
}
