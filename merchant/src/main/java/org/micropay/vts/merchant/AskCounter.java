package org.micropay.vts.merchant;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Numbers of asks that never repeat, not even after a crash or when the clock is set back: the
 * second in which the ask was made, and a number within it.
 *
 * <pre>
 *   63                        24                       0
 *   +-------------------------+------------------------+
 *   | Unix second             | number                 |
 *   +-------------------------+------------------------+
 * </pre>
 *
 * Numbers are reserved on disk a minute ahead, so the file is synced about once a minute; a new
 * process starts behind everything that was reserved. More than 2^24 asks a second run on into the
 * next. Thread-safe; the file (8 bytes, little-endian) belongs to one process.
 */
final class AskCounter {
  private static final int NUMBER_BITS = 24;
  private static final long AHEAD_SECONDS = 60;

  private final Path file;
  private final AtomicLong last;
  private volatile long reserved;

  private AskCounter(Path file, long last, long reserved) {
    this.file = file;
    this.last = new AtomicLong(last);
    this.reserved = reserved;
  }

  /** Continues behind what the file reserves; makes the file when it is missing. */
  static AskCounter open(Path file, long nowSeconds) throws IOException {
    long reserved = 0;
    if (Files.exists(file)) {
      byte[] bytes = Files.readAllBytes(file);
      if (bytes.length != Long.BYTES) {
        throw new IOException(
            file
                + " has "
                + bytes.length
                + " bytes, not 8; restore it, or remove the whole folder");
      }
      reserved = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }
    AskCounter counter =
        new AskCounter(file, Math.max(reserved, nowSeconds << NUMBER_BITS), reserved);
    counter.reserve();
    return counter;
  }

  /** The next number. */
  long next(long nowSeconds) {
    long floor = nowSeconds << NUMBER_BITS;
    long next = last.updateAndGet(previous -> Math.max(previous + 1, floor));
    if (next >= reserved) {
      reserve();
    }
    return next;
  }

  /** Reserves ahead of need when half of what was reserved is used; called by a housekeeper. */
  void refill(long nowSeconds) {
    if (Math.max(last.get(), nowSeconds << NUMBER_BITS) + (AHEAD_SECONDS / 2 << NUMBER_BITS)
        >= reserved) {
      reserveUpTo(nowSeconds);
    }
  }

  private void reserve() {
    reserveUpTo(0);
  }

  private synchronized void reserveUpTo(long nowSeconds) {
    long target = Math.max(last.get(), nowSeconds << NUMBER_BITS) + (AHEAD_SECONDS << NUMBER_BITS);
    if (target <= reserved) {
      return;
    }
    ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(target).flip();
    // Eight bytes in one sector: written whole or not at all.
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.write(bytes, 0);
      channel.force(true);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot reserve ask numbers in " + file, e);
    }
    reserved = target;
  }

  /** Whether this number has been given out, by this process or before. */
  boolean isIssued(long counter) {
    return counter >= 0 && counter <= last.get();
  }

  /** The second in which an ask was made. */
  static long secondOf(long counter) {
    return counter >>> NUMBER_BITS;
  }

  /** The number within its second. */
  static int numberOf(long counter) {
    return (int) counter & (1 << NUMBER_BITS) - 1;
  }
}
