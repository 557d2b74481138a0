package org.micropay.vts.secp256k1;

import java.lang.foreign.MemorySegment;

/**
 * Checks of the columns that go to native code: what passes here cannot make C read or write beyond
 * them. Without allocation unless a check fails.
 */
final class Columns {
  private Columns() {}

  /** Number of items, checked against overflow. */
  static int items(int keys, int signaturesPerKey) {
    if (keys < 0 || signaturesPerKey < 1) {
      throw new IllegalArgumentException(
          "batch of %d keys with %d signatures each; 0 or more with 1 or more are possible"
              .formatted(keys, signaturesPerKey));
    }
    long items = (long) keys * signaturesPerKey;
    if (items > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("batch of " + items + " items is too large");
    }
    return (int) items;
  }

  static int count(int count) {
    if (count < 0) {
      throw new IllegalArgumentException("batch of " + count + " items");
    }
    return count;
  }

  static long input(MemorySegment column, long items, int itemBytes, String name) {
    if (!column.isNative()) {
      throw new IllegalArgumentException("column " + name + " is on the heap; use native memory");
    }
    if (column.byteSize() < items * itemBytes) {
      throw new IllegalArgumentException(
          "column %s has %d bytes, needs %d".formatted(name, column.byteSize(), items * itemBytes));
    }
    if (!column.scope().isAlive()) {
      throw new IllegalStateException("column " + name + " is closed");
    }
    if (!column.isAccessibleBy(Thread.currentThread())) {
      throw new IllegalArgumentException("column " + name + " belongs to another thread");
    }
    return column.address();
  }

  static long output(MemorySegment column, long items, int itemBytes, String name) {
    if (column.isReadOnly()) {
      throw new IllegalArgumentException("column " + name + " is read-only");
    }
    return input(column, items, itemBytes, name);
  }
}
