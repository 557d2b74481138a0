package org.micropay.vts.journal;

import static org.micropay.vts.journal.FrameLayout.CHAIN_LENGTH;
import static org.micropay.vts.journal.FrameLayout.CRC_LENGTH;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.journal.QueueFile.Found;

/**
 * Frames of one file that were checked many at a time, ahead of the reader that hands them on one
 * by one. It takes only what is right in every way; at the first frame that is not it stops, and
 * the reader finds out by itself what is wrong there.
 *
 * <p>Each frame is copied once, behind the chain hash that it continues, which is how it is hashed.
 * So a file that cannot be read fails in Java and not in native code.
 *
 * <pre>
 *  memory:  | chain before | frame | its chain | frame | its chain | frame ...
 * </pre>
 *
 * <p>One thread. Owns its native memory until {@link #close}; no allocation after construction.
 */
final class FramesAhead implements AutoCloseable {
  private static final int FRAMES = 128;
  private static final int SPAN = 1 << 17;
  private static final int BLOCK = 64;

  private final BatchHasher hasher;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment prefix = arena.allocate(2L * CHAIN_LENGTH, BLOCK);
  private final MemorySegment memory = arena.allocate(SPAN, BLOCK);
  private final UnsafeBuffer buffer = new UnsafeBuffer(memory.asByteBuffer());
  private final ByteBuffer bytes = memory.asByteBuffer();
  private final MemorySegment tasks = arena.allocate(FRAMES * BatchHasher.TASK_BYTES, Long.BYTES);
  private final UnsafeBuffer task = new UnsafeBuffer(tasks.asByteBuffer());
  private final MemorySegment digests = arena.allocate(FRAMES * CHAIN_LENGTH, Long.BYTES);
  private final UnsafeBuffer digest = new UnsafeBuffer(digests.asByteBuffer());
  private final CRC32C crc32c = new CRC32C();
  private final long[] offsets = new long[FRAMES];
  private final int[] at = new int[FRAMES];
  private final int[] lengths = new int[FRAMES];
  private int count;
  private int next;

  FramesAhead(BatchHasher hasher) {
    this.hasher = hasher;
    byte[] tag = FrameCodec.tag();
    MemorySegment.copy(tag, 0, prefix, ValueLayout.JAVA_BYTE, 0, tag.length);
    MemorySegment.copy(tag, 0, prefix, ValueLayout.JAVA_BYTE, tag.length, tag.length);
  }

  /**
   * Takes frames from the file's place on, and leaves the file behind the last that is right.
   *
   * @param position of the record before
   * @param chain array with that record's chain hash at {@code chainAt}
   * @return whether there is one
   */
  boolean take(QueueFile file, long position, int epoch, byte[] chain, int chainAt) {
    buffer.putBytes(0, chain, chainAt, CHAIN_LENGTH);
    int taken = 0;
    int end = CHAIN_LENGTH;
    while (taken < FRAMES && file.look() == Found.DATA) {
      int length = file.frameLength();
      if (length < FrameLayout.MIN_FRAME_LENGTH || end + length + CHAIN_LENGTH > SPAN) {
        break;
      }
      MemorySegment.copy(file.mapping(), file.frameOffset(), memory, end, length);
      if (!isWhole(end, length) || !isNext(end, position + taken + 1, epoch)) {
        break;
      }
      offsets[taken] = file.offset();
      at[taken] = end;
      lengths[taken++] = length;
      end += length;
      buffer.putBytes(end, buffer, end - CRC_LENGTH - CHAIN_LENGTH, CHAIN_LENGTH);
      end += CHAIN_LENGTH;
      file.advance();
    }
    next = 0;
    count = taken == 0 ? 0 : chained(taken);
    if (count < taken) {
      file.seek(offsets[count]);
    }
    return count > 0;
  }

  private int intAt(int offset) {
    return buffer.getInt(offset, ByteOrder.LITTLE_ENDIAN);
  }

  /** As {@link FrameCodec#checkShape}. */
  private boolean isWhole(int frame, int length) {
    int payload = intAt(frame + FrameLayout.PAYLOAD_LENGTH_OFFSET);
    if ((length & 3) != 0
        || intAt(frame + FrameLayout.LENGTH_OFFSET) != length
        || payload < 0
        || payload > FrameLayout.MAX_PAYLOAD_LENGTH
        || FrameLayout.frameLength(payload) != length) {
      return false;
    }
    int crcAt = frame + length - CRC_LENGTH;
    crc32c.reset();
    crc32c.update(bytes.limit(crcAt).position(frame));
    return intAt(crcAt) == (int) crc32c.getValue()
        && buffer.getShort(frame + FrameLayout.VERSION_OFFSET, ByteOrder.LITTLE_ENDIAN)
            == FrameLayout.VERSION;
  }

  private boolean isNext(int frame, long position, int epoch) {
    return buffer.getLong(frame + FrameLayout.POSITION_OFFSET, ByteOrder.LITTLE_ENDIAN) == position
        && intAt(frame + FrameLayout.EPOCH_OFFSET) == epoch;
  }

  /** How many from the first on continue the chain. */
  private int chained(int taken) {
    // Messages of one number of blocks go side by side at the least cost.
    int blocks = hashed(0) / BLOCK;
    int added = 0;
    for (int i = 0; i < taken; i++) {
      if (hashed(i) / BLOCK == blocks) {
        addTask(added++, i);
      }
    }
    for (int i = 0; i < taken; i++) {
      if (hashed(i) / BLOCK != blocks) {
        addTask(added++, i);
      }
    }
    hasher.hash(prefix, memory, tasks, digests, taken);
    for (int i = 0; i < taken; i++) {
      int stored = at[i] + lengths[i] - CRC_LENGTH - CHAIN_LENGTH;
      for (int word = 0; word < CHAIN_LENGTH; word += Long.BYTES) {
        if (buffer.getLong(stored + word) != digest.getLong(i * CHAIN_LENGTH + word)) {
          return i;
        }
      }
    }
    return taken;
  }

  /** Bytes of a frame's message: the chain before it, and the frame up to its chain hash. */
  private int hashed(int index) {
    return lengths[index] - CRC_LENGTH;
  }

  private void addTask(int number, int index) {
    int offset = number * BatchHasher.TASK_BYTES;
    task.putInt(offset, at[index] - CHAIN_LENGTH, ByteOrder.LITTLE_ENDIAN);
    task.putInt(offset + 4, hashed(index), ByteOrder.LITTLE_ENDIAN);
    task.putInt(offset + 8, index * CHAIN_LENGTH, ByteOrder.LITTLE_ENDIAN);
  }

  /** Goes to the next frame, if one is left. */
  boolean advance() {
    if (next == count) {
      return false;
    }
    next++;
    return true;
  }

  /** Where the frame's document begins in its file. */
  long offset() {
    return offsets[next - 1];
  }

  /** Copies the frame's chain hash. */
  void copyChain(byte[] target, int targetAt) {
    int index = next - 1;
    buffer.getBytes(
        at[index] + lengths[index] - CRC_LENGTH - CHAIN_LENGTH, target, targetAt, CHAIN_LENGTH);
  }

  void deliver(FrameHandler handler) {
    int frame = at[next - 1];
    handler.onFrame(
        buffer.getLong(frame + FrameLayout.POSITION_OFFSET, ByteOrder.LITTLE_ENDIAN),
        buffer.getShort(frame + FrameLayout.TYPE_OFFSET, ByteOrder.LITTLE_ENDIAN) & 0xFFFF,
        buffer.getLong(frame + FrameLayout.TIME_OFFSET, ByteOrder.LITTLE_ENDIAN),
        buffer,
        frame + FrameLayout.PAYLOAD_OFFSET,
        intAt(frame + FrameLayout.PAYLOAD_LENGTH_OFFSET));
  }

  @Override
  public void close() {
    arena.close();
  }
}
