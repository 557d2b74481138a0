package org.micropay.vts.merchant;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/**
 * A file of records, appended to and never changed:
 *
 * <pre>
 *   0          4          8
 *   +----------+----------+-----------+
 *   | length   | CRC32C   | payload   |    little-endian; the checksum covers length and payload
 *   +----------+----------+-----------+
 * </pre>
 *
 * Opening reads every record. A torn record at the very end was never acknowledged: it is cut off.
 * Damage before that is refused, with the offset. One thread writes.
 */
final class RecordLog implements AutoCloseable {
  private static final int HEADER = 8;
  private static final int MAX_PAYLOAD = 4096;

  private final Path file;
  private final FileChannel channel;
  private long end;

  private RecordLog(Path file, FileChannel channel, long end) {
    this.file = file;
    this.channel = channel;
    this.end = end;
  }

  /** Opens or makes the file and hands every record to {@code reader}. */
  static RecordLog open(Path file, Consumer<ByteBuffer> reader) {
    try {
      boolean isNew = !Files.exists(file);
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      long end = read(file, reader);
      if (end < channel.size()) {
        channel.truncate(end);
        channel.force(true);
      }
      if (isNew) {
        forceDirectory(file.toAbsolutePath().getParent());
      }
      return new RecordLog(file, channel, end);
    } catch (IOException e) {
      throw new MerchantStorageException(file + ": " + e.getMessage(), e);
    }
  }

  /**
   * Reads a file that nobody writes any more, and gives the offset behind the last whole record.
   */
  static long read(Path file, Consumer<ByteBuffer> reader) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer all = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int at = 0;
    while (bytes.length - at >= HEADER) {
      int length = all.getInt(at);
      boolean whole = length > 0 && length <= MAX_PAYLOAD && length <= bytes.length - at - HEADER;
      if (!whole || checksum(all, at, length) != all.getInt(at + 4)) {
        requireTorn(file, bytes, at);
        return at;
      }
      reader.accept(all.slice(at + HEADER, length).order(ByteOrder.LITTLE_ENDIAN));
      at += HEADER + length;
    }
    return at;
  }

  /** A record behind the broken one means damage: an interrupted write leaves none. */
  private static void requireTorn(Path file, byte[] bytes, int brokenAt) {
    ByteBuffer all = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = brokenAt + 1; bytes.length - at >= HEADER; at++) {
      int length = all.getInt(at);
      if (length > 0
          && length <= MAX_PAYLOAD
          && length <= bytes.length - at - HEADER
          && checksum(all, at, length) == all.getInt(at + 4)) {
        throw new MerchantStorageException(
            "%s is damaged at offset %d; restore it from a copy".formatted(file, brokenAt));
      }
    }
  }

  private static int checksum(ByteBuffer all, int at, int length) {
    CRC32C crc = new CRC32C();
    crc.update(all.slice(at, 4));
    crc.update(all.slice(at + HEADER, length));
    return (int) crc.getValue();
  }

  /** Writes records behind the last one, in one call to the operating system. */
  void append(List<byte[]> payloads) throws IOException {
    int size = 0;
    for (byte[] payload : payloads) {
      size += HEADER + payload.length;
    }
    ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    for (byte[] payload : payloads) {
      int at = out.position();
      out.putInt(payload.length).putInt(0).put(payload);
      out.putInt(at + 4, checksum(out, at, payload.length));
    }
    out.flip();
    while (out.hasRemaining()) {
      end += channel.write(out, end);
    }
  }

  /** Makes all that was appended durable. */
  void force() throws IOException {
    channel.force(false);
  }

  Path file() {
    return file;
  }

  /** Bytes in the file. */
  long length() {
    return end;
  }

  static void forceDirectory(Path directory) throws IOException {
    try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
      entries.force(true);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new MerchantStorageException(file + ": " + e.getMessage(), e);
    }
  }
}
