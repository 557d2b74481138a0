package org.micropay.vts.settlement;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * The embedded chain's append-only file. Records are on the device when {@link #force} returns. A
 * record cut short at the end of the file (a crash while appending) is removed on open; damage
 * anywhere else refuses the file.
 *
 * <pre>
 * file:    magic "VTSCHAIN" 8 | version u32 = 1 | zero u32 | record...
 * record:  length u32 (of the payload) | crc32c u32 (of kind and payload) | kind u8 | payload
 * kind 1:  block, serialized with witnesses
 * kind 2:  invalidation, the hash (32 bytes, internal order) of the block at the tip then
 * </pre>
 *
 * Integers little-endian. Not thread-safe; holds an exclusive lock on the file.
 */
final class BlockFile implements AutoCloseable {
  /** A block connected to the tip. */
  static final byte BLOCK = 1;

  /** The tip declared invalid. */
  static final byte INVALIDATE = 2;

  /** Receives the records of an existing file in order. */
  @FunctionalInterface
  interface RecordHandler {
    void onRecord(byte kind, byte[] payload);
  }

  private static final byte[] MAGIC = {
    'V', 'T', 'S', 'C', 'H', 'A', 'I', 'N', 1, 0, 0, 0, 0, 0, 0, 0
  };
  private static final int RECORD_HEADER = 9;
  private static final int MAX_PAYLOAD = 4_000_000;

  private final Path path;
  private final FileChannel channel;
  private final FileLock lock;

  private BlockFile(Path path, FileChannel channel, FileLock lock) {
    this.path = path;
    this.channel = channel;
    this.lock = lock;
  }

  /** Opens or creates the file and plays its records to {@code handler}. */
  static BlockFile open(Path path, RecordHandler handler) {
    try {
      Files.createDirectories(path.toAbsolutePath().getParent());
      FileChannel channel =
          FileChannel.open(
              path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      try {
        BlockFile file = new BlockFile(path, channel, lock(path, channel));
        file.load(handler);
        return file;
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("chain file " + path + ": " + e.getMessage(), e);
    }
  }

  private static FileLock lock(Path path, FileChannel channel) throws IOException {
    FileLock lock = null;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // Held by this very process: the same refusal as for another one.
    }
    if (lock == null) {
      throw new IllegalStateException("chain file " + path + " is in use by another process");
    }
    return lock;
  }

  private void load(RecordHandler handler) throws IOException {
    long size = channel.size();
    if (size < MAGIC.length) {
      channel.truncate(0);
      writeFully(ByteBuffer.wrap(MAGIC), 0);
      channel.force(true);
      channel.position(MAGIC.length);
      return;
    }
    if (!Arrays.equals(read(0, MAGIC.length), MAGIC)) {
      throw damaged("it does not begin like one; is it another program's file?");
    }
    long offset = MAGIC.length;
    while (offset < size) {
      long next = loadRecord(offset, size, handler);
      if (next < 0) {
        channel.truncate(offset);
        channel.force(true);
        break;
      }
      offset = next;
    }
    channel.position(offset);
  }

  /** Returns the offset behind the record, or -1 when it is cut short by the end of the file. */
  private long loadRecord(long offset, long size, RecordHandler handler) throws IOException {
    if (size - offset < RECORD_HEADER) {
      return -1;
    }
    ByteBuffer header = ByteBuffer.wrap(read(offset, RECORD_HEADER)).order(ByteOrder.LITTLE_ENDIAN);
    int length = header.getInt();
    int crc = header.getInt();
    byte kind = header.get();
    if (length < 0 || length > MAX_PAYLOAD) {
      throw damaged("record at offset " + offset + " has length " + length);
    }
    long end = offset + RECORD_HEADER + length;
    if (end > size) {
      return -1;
    }
    byte[] payload = read(offset + RECORD_HEADER, length);
    if (crc(kind, payload) != crc) {
      if (end == size) {
        return -1;
      }
      throw damaged("checksum of the record at offset " + offset + " is wrong");
    }
    handler.onRecord(kind, payload);
    return end;
  }

  /** Appends one record; durable after {@link #force}. */
  void append(byte kind, byte[] payload) {
    ByteBuffer buffer =
        ByteBuffer.allocate(RECORD_HEADER + payload.length).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putInt(payload.length).putInt(crc(kind, payload)).put(kind).put(payload).flip();
    try {
      long offset = channel.position();
      writeFully(buffer, offset);
      channel.position(offset + RECORD_HEADER + payload.length);
    } catch (IOException e) {
      throw new UncheckedIOException("chain file " + path + ": " + e.getMessage(), e);
    }
  }

  /** Makes all appended records durable. */
  void force() {
    try {
      channel.force(false);
    } catch (IOException e) {
      throw new UncheckedIOException("chain file " + path + ": " + e.getMessage(), e);
    }
  }

  private byte[] read(long offset, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, offset + buffer.position()) < 0) {
        throw new IOException("file ends at offset " + (offset + buffer.position()));
      }
    }
    return buffer.array();
  }

  private void writeFully(ByteBuffer buffer, long offset) throws IOException {
    long at = offset;
    while (buffer.hasRemaining()) {
      at += channel.write(buffer, at);
    }
  }

  private static int crc(byte kind, byte[] payload) {
    CRC32C crc = new CRC32C();
    crc.update(kind);
    crc.update(payload);
    return (int) crc.getValue();
  }

  private ChainException damaged(String what) {
    return new ChainException(
        ChainException.Kind.PROTOCOL,
        "chain file " + path + " is damaged: " + what + "; restore it or remove it");
  }

  @Override
  public void close() {
    try {
      lock.release();
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("chain file " + path + ": " + e.getMessage(), e);
    }
  }
}
