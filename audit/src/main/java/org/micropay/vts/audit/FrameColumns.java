package org.micropay.vts.audit;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.journal.FrameLayout;
import org.micropay.vts.journal.FrameRange;
import org.micropay.vts.ticket.Sha256;

/**
 * The frames of one range: lengths, checksum, place, hash chain. It reads {@link FrameLayout} by
 * itself and shares no code with the journal's writer. Each frame is copied once into memory of its
 * own, right behind the chain hash that it continues, as it is hashed; so a file that cannot be
 * read fails in Java and not in native code.
 *
 * <p>One thread; no allocation as long as nothing is found.
 */
final class FrameColumns {
  private static final int CHAIN = FrameLayout.CHAIN_LENGTH;
  private static final int TAIL = CHAIN + FrameLayout.CRC_LENGTH;

  private final CRC32C crc32c = new CRC32C();
  private final Column memory;
  private final ByteBuffer bytes;
  private final MemorySegment prefix;
  private final MessageHashes hashes;
  private final int[] at;
  private final int[] lengths;
  private final int[] chainAt;
  private final Column chains;

  FrameColumns(Arena arena, MessageHashes.Hasher hasher, int capacity, int span) {
    memory = new Column(arena, 1, span + (capacity + 1) * CHAIN);
    bytes = memory.segment.asByteBuffer();
    byte[] tag = Sha256.of("vts/journal/frame".getBytes(StandardCharsets.US_ASCII)).toArray();
    prefix = arena.allocate(2L * tag.length, 64);
    MemorySegment.copy(tag, 0, prefix, ValueLayout.JAVA_BYTE, 0, tag.length);
    MemorySegment.copy(tag, 0, prefix, ValueLayout.JAVA_BYTE, tag.length, tag.length);
    hashes = new MessageHashes(arena, hasher, capacity);
    at = new int[capacity];
    lengths = new int[capacity];
    chainAt = new int[capacity];
    chains = new Column(arena, capacity, CHAIN);
  }

  /** What the offsets of {@link #load} and {@link #at} are in. */
  UnsafeBuffer buffer() {
    return memory.buffer;
  }

  MemorySegment segment() {
    return memory.segment;
  }

  /** Copies the range in. */
  void load(FrameRange range) {
    memory.buffer.putBytes(0, range.chainBefore());
    int next = CHAIN;
    for (int i = 0; i < range.count(); i++) {
      int length = range.length(i);
      at[i] = next;
      lengths[i] = length;
      MemorySegment.copy(range.mapping(), range.offset(i), memory.segment, next, length);
      memory.buffer.putBytes(next + length, memory.buffer, next + length - TAIL, CHAIN);
      next += length + CHAIN;
    }
  }

  /** Length of the frame at {@code index}, with its checksum. */
  int length(int index) {
    return lengths[index];
  }

  /** Where the frame at {@code index} begins. */
  int at(int index) {
    return at[index];
  }

  /** Checks all but the chain of one frame; false when its payload cannot be relied on. */
  boolean checkFrame(FrameRange range, int index, RangeResult result) {
    int at = at(index);
    int length = range.length(index);
    chainAt[index] = -1;
    UnsafeBuffer buffer = memory.buffer;
    int payload = buffer.getInt(at + FrameLayout.PAYLOAD_LENGTH_OFFSET);
    if (buffer.getInt(at + FrameLayout.LENGTH_OFFSET) != length
        || payload < 0
        || payload > FrameLayout.MAX_PAYLOAD_LENGTH
        || FrameLayout.frameLength(payload) != length) {
      result.find(
          range,
          index,
          AuditFinding.FRAME_LENGTH,
          "payload of %d bytes in a frame of %d in a document of %d"
              .formatted(payload, buffer.getInt(at), length));
      return false;
    }
    crc32c.reset();
    crc32c.update(bytes.limit(at + length - FrameLayout.CRC_LENGTH).position(at));
    if (buffer.getInt(at + length - FrameLayout.CRC_LENGTH) != (int) crc32c.getValue()) {
      result.find(range, index, AuditFinding.FRAME_CHECKSUM, "CRC32C over " + length + " bytes");
      return false;
    }
    int version = buffer.getShort(at + FrameLayout.VERSION_OFFSET) & 0xFFFF;
    if (version != FrameLayout.VERSION) {
      result.find(range, index, AuditFinding.FRAME_VERSION, "version " + version);
      return false;
    }
    checkPlace(range, index, at, result);
    chainAt[index] = at + length - TAIL;
    return true;
  }

  private void checkPlace(FrameRange range, int index, int at, RangeResult result) {
    long expected = range.position(index);
    long position = memory.buffer.getLong(at + FrameLayout.POSITION_OFFSET);
    if (position != expected) {
      result.find(
          range, index, AuditFinding.POSITION, "position " + position + ", not " + expected);
    }
    int epoch = memory.buffer.getInt(at + FrameLayout.EPOCH_OFFSET);
    if (epoch != range.epoch()) {
      result.find(
          range, index, AuditFinding.EPOCH, "epoch " + epoch + " in a file of " + range.epoch());
    }
    long durable = memory.buffer.getLong(at + FrameLayout.DURABLE_OFFSET);
    if (durable < 0 || durable >= position) {
      result.find(
          range,
          index,
          AuditFinding.DURABLE_MARK,
          "durable position " + durable + " in record " + position);
    }
  }

  /** Takes a frame that {@link #checkFrame} passed for the hash chain. */
  void addToChain(int index) {
    hashes.add(at[index] - CHAIN, CHAIN + chainAt[index] - at[index], index * CHAIN);
  }

  /** Checks that each frame taken continues the one before it. */
  void checkChain(FrameRange range, RangeResult result) {
    hashes.run(prefix, memory.segment, chains.segment);
    for (int i = 0; i < range.count(); i++) {
      if (chainAt[i] >= 0 && !chains.sameAt(i, memory.buffer, chainAt[i])) {
        result.find(
            range,
            i,
            AuditFinding.HASH_CHAIN,
            "its chain hash is not that of its bytes behind the record before");
      }
    }
  }
}
