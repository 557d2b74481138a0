package org.micropay.vts.journal;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.zip.GZIPInputStream;

/**
 * Walks the documents of one Chronicle Queue file through a read-only mapping.
 *
 * <p>A document begins at a multiple of 4 with a little-endian header word: bit 31 not complete,
 * bit 30 metadata (Chronicle's own index, skipped here), bits 0 to 29 the length of what follows.
 * Zero means nothing was written yet; {@code 0xC0000000} that the file is finished. Chronicle
 * stores the header last, with release semantics, so a complete header publishes its document.
 *
 * <p>One thread. The mapping is read-only and grows with the file, unless it was opened fixed.
 */
final class QueueFile implements AutoCloseable {
  private static final int NOT_COMPLETE = 0x80000000;
  private static final int META_DATA = 0x40000000;
  private static final int LENGTH_MASK = 0x3FFFFFFF;
  private static final int END_OF_FILE = NOT_COMPLETE | META_DATA;
  private static final int HEADER = 4;
  private static final int ZEROS = 1 << 16;
  private static final VarHandle WORD = ValueLayout.JAVA_INT.varHandle();

  /** What stands at the current place. */
  enum Found {
    /** A complete document with our data; see {@link #frameOffset()} and {@link #frameLength()}. */
    DATA,
    /** Nothing yet. */
    NOTHING,
    /** A document that was begun and not finished. */
    INCOMPLETE,
    /** The mark that this file is finished. */
    FINISHED,
    /** A header that cannot be: its document would end behind the end of the file. */
    IMPOSSIBLE
  }

  private final Path path;
  private final FileChannel channel;
  private final boolean fixed;
  private Arena arena;
  private MemorySegment mapping = MemorySegment.NULL;
  private long offset;
  private int length;

  private QueueFile(Path path, FileChannel channel, boolean fixed) {
    this.path = path;
    this.channel = channel;
    this.fixed = fixed;
    this.arena = newArena();
  }

  /** Opens a file of a journal, or a compressed one of an archive. */
  static QueueFile open(Path path) {
    return open(path, false);
  }

  /**
   * Opens a file as it is now: one mapping of its present size, which stays as it is until {@link
   * #close} and may be read by any thread.
   */
  static QueueFile openFixed(Path path) {
    QueueFile file = open(path, true);
    file.mapped(Long.MAX_VALUE);
    return file;
  }

  private static QueueFile open(Path path, boolean fixed) {
    try {
      return new QueueFile(
          path,
          path.getFileName().toString().endsWith(JournalFiles.GZIP_SUFFIX)
              ? inflate(path)
              : FileChannel.open(path),
          fixed);
    } catch (IOException e) {
      throw new JournalException(
          JournalException.Reason.NOT_ACCESSIBLE, "cannot read " + path + ": " + e, e);
    }
  }

  /** Looks at the current place, stepping over Chronicle's own documents. */
  Found look() {
    while (true) {
      if (!mapped(offset + HEADER)) {
        return Found.NOTHING;
      }
      int header = (int) WORD.getAcquire(mapping, offset);
      if (header == 0) {
        return Found.NOTHING;
      }
      if (header == END_OF_FILE) {
        return Found.FINISHED;
      }
      if ((header & NOT_COMPLETE) != 0) {
        return Found.INCOMPLETE;
      }
      length = header & LENGTH_MASK;
      if (!mapped(offset + HEADER + length)) {
        return Found.IMPOSSIBLE;
      }
      if ((header & META_DATA) == 0) {
        return Found.DATA;
      }
      advance();
    }
  }

  /** Writes what a compressed file holds to one that goes with its channel. */
  private static FileChannel inflate(Path path) throws IOException {
    Path plain = Files.createTempFile("vts-journal-", JournalFiles.QUEUE_SUFFIX);
    try (InputStream in = new GZIPInputStream(Files.newInputStream(path), 1 << 16)) {
      Files.copy(in, plain, StandardCopyOption.REPLACE_EXISTING);
      return FileChannel.open(plain, StandardOpenOption.READ, StandardOpenOption.DELETE_ON_CLOSE);
    } catch (IOException e) {
      Files.deleteIfExists(plain);
      throw e;
    }
  }

  /** Goes to a document's place. */
  void seek(long place) {
    offset = place;
  }

  /** Steps over the document that {@link #look} found. */
  void advance() {
    offset = (offset + HEADER + length + 3) & ~3L;
  }

  Path path() {
    return path;
  }

  /** Offset in the file of the document at the current place. */
  long offset() {
    return offset;
  }

  long frameOffset() {
    return offset + HEADER;
  }

  int frameLength() {
    return length;
  }

  MemorySegment mapping() {
    return mapping;
  }

  /** Highest end of a non-zero byte behind the current place, as an offset; else the place. */
  long lastNonZero() {
    mapped(Long.MAX_VALUE);
    for (long at = mapping.byteSize(); at - 8 >= offset + HEADER; at -= 8) {
      if (mapping.get(ValueLayout.JAVA_LONG_UNALIGNED, at - 8) != 0) {
        return at;
      }
    }
    return offset < mapping.byteSize() && mapping.get(ValueLayout.JAVA_INT, offset) != 0
        ? offset + HEADER
        : offset;
  }

  /** Whether nothing but zeros stands from the current place to the end of the file. */
  boolean isZeroBehind() {
    mapped(Long.MAX_VALUE);
    MemorySegment zeros = MemorySegment.ofArray(new byte[ZEROS]);
    for (long at = offset; at < mapping.byteSize(); at += ZEROS) {
      long end = Math.min(at + ZEROS, mapping.byteSize());
      if (MemorySegment.mismatch(mapping, at, end, zeros, 0, end - at) >= 0) {
        return false;
      }
    }
    return true;
  }

  private Arena newArena() {
    return fixed ? Arena.ofShared() : Arena.ofConfined();
  }

  /** Makes sure that bytes up to {@code end} are mapped, if the file has them. */
  private boolean mapped(long end) {
    if (end <= mapping.byteSize()) {
      return true;
    }
    if (fixed && mapping.byteSize() > 0) {
      return false;
    }
    try {
      long size = channel.size();
      if (size > mapping.byteSize()) {
        arena.close();
        arena = newArena();
        mapping = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
      }
    } catch (IOException e) {
      throw new JournalException(JournalException.Reason.IO, "cannot map " + path + ": " + e, e);
    }
    return end <= mapping.byteSize();
  }

  @Override
  public void close() {
    arena.close();
    try {
      channel.close();
    } catch (IOException e) {
      throw new JournalException(JournalException.Reason.IO, "cannot close " + path, e);
    }
  }
}
