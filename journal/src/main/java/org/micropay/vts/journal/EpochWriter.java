package org.micropay.vts.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.core.time.TimeProvider;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.wire.DocumentContext;

/**
 * Writes the frames of one epoch into its Chronicle queue, and makes its files durable.
 *
 * <p>Chronicle stores through sparse mapped files, where a full disk is a SIGBUS. So each file is
 * created here with real blocks before Chronicle maps it, and blocks are added ahead of the writer,
 * filled with zeros: whatever Chronicle writes lies below {@code end + INDEX_ROOM} and so below
 * what is filled. Chronicle's clock is the time of the records, which makes the roll deterministic.
 *
 * <p>One thread, the journal's.
 */
final class EpochWriter implements AutoCloseable {
  /** Room for the index documents that Chronicle may put between two frames. */
  private static final int INDEX_ROOM = 1 << 20;

  /**
   * Zeros are written so far ahead at a time. A sync that covers blocks never written before waits
   * for the file system's own journal; one over written blocks waits for the data alone.
   */
  private static final int FILL_BYTES = 8 << 20;

  /**
   * So much behind the writer stays in the page cache, for those who follow the journal. What lies
   * before is given back: the writer then goes on in the same memory instead of taking a fresh page
   * for every eight records, which where the machine is virtual may first have to be found by the
   * host.
   */
  private static final long CACHED_BYTES = 64L << 20;

  /** How much is allocated at a time once a whole block cannot be had. */
  private static final int SMALL_STEP = 2 << 20;

  /** Nothing else writes here, so a lock or header that is waited for will not come. */
  private static final long TIMEOUT_MILLIS = 500;

  private static final int DOCUMENT_HEADER = 4;

  /** Time of the newest record. */
  private static final class RecordClock implements TimeProvider {
    private long millis;

    @Override
    public long currentTimeMillis() {
      return millis;
    }
  }

  private final Path directory;
  private final RollPeriod roll;
  private final int blockBytes;
  private final Storage storage;
  private final Ballast ballast;
  private final RecordClock clock = new RecordClock();
  private final WrittenPages written = new WrittenPages();
  private SingleChronicleQueue queue;
  private ExcerptAppender appender;
  private long periodStart = -1;
  private Path path;
  private Storage.Barrier current;
  private Storage.Barrier previous;
  private long allocated;
  private long filled;
  private long dropped;
  private long end;
  private boolean proven;
  private boolean namesDirty;

  private EpochWriter(Path directory, JournalConfig config, Storage storage, Ballast ballast) {
    this.directory = directory;
    this.roll = config.roll();
    this.blockBytes = config.blockBytes();
    this.storage = storage;
    this.ballast = ballast;
  }

  static EpochWriter open(Path directory, JournalConfig config, Storage storage, Ballast ballast)
      throws IOException {
    EpochWriter writer = new EpochWriter(directory, config, storage, ballast);
    writer.start();
    return writer;
  }

  private void start() throws IOException {
    ChronicleRuntime.prepare();
    ChronicleRuntime.clearError();
    try {
      queue =
          SingleChronicleQueueBuilder.binary(directory)
              .rollCycle(roll.cycle())
              .blockSize(blockBytes)
              .timeProvider(clock)
              .timeoutMS(TIMEOUT_MILLIS)
              .checkInterrupts(false)
              .build();
      appender = queue.createAppender();
    } catch (RuntimeException e) {
      // How Chronicle tells that one of its files cannot be opened or mapped.
      throw new IOException("Chronicle Queue cannot begin in " + directory + ": " + e, e);
    }
    // Opened by the thread that recovers, used by the journal's thread, never by both at once.
    appender.singleThreadedCheckDisabled(true);
    try (Storage.Barrier metadata = storage.open(directory.resolve("metadata.cq4t"))) {
      metadata.force();
    }
    storage.forceDirectory(directory);
    checkErrors();
  }

  /** Writes one frame. Allocates nothing but at a new file or block. */
  void write(byte[] bytes, int offset, int length, long timeMillis) throws IOException {
    long start = roll.startOf(timeMillis);
    if (start > periodStart) {
      roll(start);
    }
    while (end + length + INDEX_ROOM > allocated) {
      allocate();
    }
    while (end + length + INDEX_ROOM > filled) {
      long step = Math.min(FILL_BYTES, allocated - filled);
      current.fill(filled, step);
      filled += step;
      dropBehind();
    }
    written.beforeStore();
    long at;
    try (DocumentContext document = appender.writingDocument()) {
      Bytes<?> target = document.wire().bytes();
      at = target.writePosition();
      target.write(bytes, offset, length);
      end = target.writePosition();
      written.stored(target, at, length);
    }
    checkErrors();
    if (!proven) {
      prove(bytes, offset, length, at);
    }
  }

  private void dropBehind() throws IOException {
    long before = (end - CACHED_BYTES) & -FILL_BYTES;
    if (before > dropped) {
      PageCache.drop(path, dropped, before - dropped);
      dropped = before;
    }
  }

  /** A block more; on a full disk a small step, in the end from what was kept for this. */
  private void allocate() throws IOException {
    try {
      storage.allocate(path, allocated, blockBytes);
      allocated += blockBytes;
    } catch (IOException full) {
      while (true) {
        try {
          storage.allocate(path, allocated, SMALL_STEP);
          allocated += SMALL_STEP;
          return;
        } catch (IOException again) {
          if (!ballast.release()) {
            full.addSuppressed(again);
            throw full;
          }
        }
      }
    }
  }

  private void roll(long start) throws IOException {
    if (previous != null) {
      forcePrevious();
    }
    if (namesDirty) {
      // No third file before the second one's name is durable: a reader relies on it.
      storage.forceDirectory(directory);
      namesDirty = false;
    }
    previous = current;
    path = directory.resolve(JournalFiles.queueFileName(roll, start));
    current = storage.open(path);
    allocated = 0;
    filled = 0;
    dropped = 0;
    end = 0;
    proven = false;
    namesDirty = true;
    periodStart = start;
    clock.millis = start;
  }

  /**
   * Reads the first frame of a file back through the kernel: a queue that opened read-only or wrote
   * elsewhere would show here and not after the first loss.
   */
  private void prove(byte[] bytes, int offset, int length, long at) throws IOException {
    ByteBuffer back = ByteBuffer.allocate(DOCUMENT_HEADER + length);
    try (FileChannel channel = FileChannel.open(path)) {
      channel.read(back, at - DOCUMENT_HEADER);
    }
    int header = Integer.reverseBytes(back.getInt(0));
    if (header != length
        || !Arrays.equals(
            bytes, offset, offset + length, back.array(), DOCUMENT_HEADER, back.capacity())) {
      throw new IOException("the first record of " + path + " did not reach the file");
    }
    proven = true;
  }

  /** Makes everything written so far durable. */
  void force() throws IOException {
    written.beforeBarrier();
    if (previous != null) {
      forcePrevious();
    }
    if (current != null) {
      current.force();
    }
    if (namesDirty) {
      storage.forceDirectory(directory);
      namesDirty = false;
    }
  }

  private void forcePrevious() throws IOException {
    previous.force();
    previous.close();
    previous = null;
  }

  private static void checkErrors() throws IOException {
    String error = ChronicleRuntime.error();
    if (error != null) {
      throw new IOException("Chronicle Queue reported: " + error);
    }
  }

  @Override
  public void close() throws IOException {
    written.release();
    if (appender != null) {
      appender.close();
    }
    if (queue != null) {
      queue.close();
    }
    if (previous != null) {
      previous.close();
    }
    if (current != null) {
      current.close();
    }
  }
}
