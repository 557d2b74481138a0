package org.micropay.vts.pipeline;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Off-heap array of fixed-width items, as the kernels read and write them: item i occupies bytes
 * {@code [i * width, (i + 1) * width)}. Owned by one stage and its arena.
 */
final class Column {
  /** One cache line, and the width of the widest vector register. */
  private static final int ALIGNMENT = 64;

  private final MemorySegment segment;
  private final UnsafeBuffer buffer;
  private final int width;

  Column(Arena arena, int items, int width) {
    this.segment = arena.allocate((long) items * width, ALIGNMENT);
    // The same memory through Agrona: its copies cannot allocate, whatever the compiler inlines.
    this.buffer = new UnsafeBuffer(segment.address(), items * width);
    this.width = width;
  }

  MemorySegment segment() {
    return segment;
  }

  void put(int item, byte[] source, int offset) {
    buffer.putBytes(item * width, source, offset, width);
  }

  void get(int item, byte[] target, int offset) {
    buffer.getBytes(item * width, target, offset, width);
  }

  /** Copies item {@code from} of another column of the same width. */
  void put(int item, Column source, int from) {
    buffer.putBytes(item * width, source.buffer, from * width, width);
  }

  byte get(int item) {
    return buffer.getByte(item * width);
  }

  void clear(int items) {
    buffer.setMemory(0, items * width, (byte) 0);
  }

  /** Moves {@code items} items that begin at {@code from} to the front; the ranges are disjoint. */
  void moveToFront(int from, int items) {
    buffer.putBytes(0, buffer, from * width, items * width);
  }
}
