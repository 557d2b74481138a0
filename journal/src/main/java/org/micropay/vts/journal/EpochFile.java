package org.micropay.vts.journal;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Head of one epoch: which journal it belongs to, where it begins and how far it was acknowledged.
 *
 * <pre>
 *  offset   size
 *       0      8  magic "VTSEPOCH"
 *       8      4  version, 1
 *      12      4  epoch, from 1
 *      16     32  identity of the journal
 *      48      8  position of the first record of this epoch
 *      56     32  chain hash in front of that record
 *      88      4  CRC32C of bytes 0..88
 *      96     16  durable mark, slot 0: position u64, CRC32C of it u32, zero u32
 *     112     16  durable mark, slot 1
 * </pre>
 *
 * <p>The mark is stored into a shared mapping after each sync, in alternating slots so that one is
 * always whole. It outlives the process; after a loss of power it may be older than the truth,
 * never newer. It lets recovery refuse a journal whose last acknowledged records are gone. Owned by
 * the writer's thread; readers take a snapshot through {@link #read}.
 */
final class EpochFile implements AutoCloseable {
  private static final long MAGIC = 0x48434F5045535456L;
  private static final int VERSION = 1;
  private static final int CRC_OFFSET = 88;
  private static final int MARK_OFFSET = 96;
  private static final int MARK_SIZE = 16;
  private static final int FILE_SIZE = 4096;

  /** Contents of an epoch file. */
  record Head(int epoch, byte[] identity, long firstPosition, byte[] chain, long durableMark) {}

  private final Arena arena;
  private final MemorySegment mapping;
  private final byte[] markBytes = new byte[8];
  private final ByteBuffer mark = ByteBuffer.wrap(markBytes).order(ByteOrder.LITTLE_ENDIAN);
  private final CRC32C crc32c = new CRC32C();
  private int slot;

  private EpochFile(Arena arena, MemorySegment mapping) {
    this.arena = arena;
    this.mapping = mapping;
  }

  /** Creates the file; the caller makes file and directory durable. */
  static EpochFile create(Path directory, Head head) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(FILE_SIZE).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(MAGIC).putInt(VERSION).putInt(head.epoch()).put(head.identity());
    bytes.putLong(head.firstPosition()).put(head.chain());
    CRC32C crc = new CRC32C();
    crc.update(bytes.array(), 0, CRC_OFFSET);
    bytes.putInt((int) crc.getValue()).rewind();
    Arena arena = Arena.ofShared();
    try (FileChannel channel =
        FileChannel.open(
            directory.resolve(JournalFiles.EPOCH),
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      while (bytes.hasRemaining()) {
        channel.write(bytes, bytes.position());
      }
      EpochFile file =
          new EpochFile(arena, channel.map(FileChannel.MapMode.READ_WRITE, 0, FILE_SIZE, arena));
      file.mark(head.durableMark());
      file.mark(head.durableMark());
      channel.force(true);
      return file;
    } catch (IOException | RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  /** Reads and checks the head of an epoch. */
  static Head read(Path directory) {
    Path path = directory.resolve(JournalFiles.EPOCH);
    ByteBuffer bytes = ByteBuffer.allocate(FILE_SIZE).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel channel = FileChannel.open(path)) {
      while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
        // Reads on until the buffer is full or the file ends.
      }
    } catch (IOException e) {
      throw new JournalException(
          JournalException.Reason.NOT_ACCESSIBLE, "cannot read " + path + ": " + e, e);
    }
    CRC32C crc = new CRC32C();
    crc.update(bytes.array(), 0, CRC_OFFSET);
    if (bytes.position() != FILE_SIZE
        || bytes.getLong(0) != MAGIC
        || bytes.getInt(8) != VERSION
        || bytes.getInt(CRC_OFFSET) != (int) crc.getValue()) {
      throw JournalException.corrupt("this head of an epoch is not whole", 0, path.toString(), 0);
    }
    long mark = Math.max(slot(bytes, 0), slot(bytes, 1));
    if (mark < 0) {
      throw JournalException.corrupt("both durable marks are damaged", 0, path.toString(), 96);
    }
    return new Head(
        bytes.getInt(12),
        Arrays.copyOfRange(bytes.array(), 16, 48),
        bytes.getLong(48),
        Arrays.copyOfRange(bytes.array(), 56, 88),
        mark);
  }

  private static long slot(ByteBuffer bytes, int slot) {
    int at = MARK_OFFSET + slot * MARK_SIZE;
    CRC32C crc = new CRC32C();
    crc.update(bytes.array(), at, 8);
    return bytes.getInt(at + 8) == (int) crc.getValue() ? bytes.getLong(at) : -1;
  }

  /** Notes that everything up to {@code position} is durable. Allocates nothing. */
  void mark(long position) {
    int at = MARK_OFFSET + slot * MARK_SIZE;
    mark.putLong(0, position);
    crc32c.reset();
    crc32c.update(markBytes, 0, 8);
    mapping.set(ValueLayout.JAVA_LONG, at, position);
    mapping.set(ValueLayout.JAVA_INT, at + 8, (int) crc32c.getValue());
    slot ^= 1;
  }

  @Override
  public void close() {
    arena.close();
  }
}
