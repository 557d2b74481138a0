package org.micropay.vts.audit;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Items of one width outside the heap, as the kernels take them: item i is bytes {@code [i * width,
 * (i + 1) * width)}. Owned by one checker and its arena.
 */
final class Column {
  private static final int ALIGNMENT = 64;

  final MemorySegment segment;
  final UnsafeBuffer buffer;
  final int width;

  Column(Arena arena, int items, int width) {
    this.segment = arena.allocate((long) items * width, ALIGNMENT);
    // The same memory through Agrona: its copies cannot allocate, whatever the compiler inlines.
    this.buffer = new UnsafeBuffer(segment.address(), items * width);
    this.width = width;
  }

  void put(int item, UnsafeBuffer source, int offset) {
    buffer.putBytes(item * width, source, offset, width);
  }

  void put(int item, Column source, int from) {
    buffer.putBytes(item * width, source.buffer, from * width, width);
  }

  boolean sameAt(int item, UnsafeBuffer other, int offset) {
    for (int i = 0; i < width; i += Long.BYTES) {
      if (buffer.getLong(item * width + i) != other.getLong(offset + i)) {
        return false;
      }
    }
    return true;
  }

  byte get(int item) {
    return buffer.getByte(item * width);
  }

  void clear(int items) {
    buffer.setMemory(0, items * width, (byte) 0);
  }
}
