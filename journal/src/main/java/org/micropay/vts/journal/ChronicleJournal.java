package org.micropay.vts.journal;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.agrona.DirectBuffer;
import org.micropay.vts.journal.JournalException.Reason;
import org.micropay.vts.journal.JournalFiles.Epoch;

/**
 * The journal on disk, its frames in Chronicle Queue files.
 *
 * <p>Chronicle appends; durability, framing, recovery and exclusion are done here (see {@link
 * FrameLayout} and {@link JournalFiles}). Opening checks what is there, leaves out an interrupted
 * write at the end, refuses damage, makes what it found durable, and begins a new epoch.
 *
 * <p>One writer thread, which must not be interrupted: an interrupt closes the channel of the
 * barrier and the journal fails.
 */
public final class ChronicleJournal implements Journal {
  private static final int APPENDS_PER_SPACE_CHECK = 4096;
  private static final int PAGE = 4096;
  private static final long MAX_BALLAST = 64L << 20;

  private final File directory;
  private final long reserveBytes;
  private final Storage storage;
  private final int epoch;
  private final JournalLock lock;
  private final EpochFile epochFile;
  private final EpochWriter writer;
  private final Ballast ballast;
  private final FrameCodec codec;
  private final DurablePoint durablePoint = new DurablePoint();
  private final TailReport recovery;
  private long lastPosition;
  private volatile long durablePosition;
  private volatile boolean belowReserve;
  private int appendsToSpaceCheck = APPENDS_PER_SPACE_CHECK;
  private JournalException failure;
  private boolean closed;

  private ChronicleJournal(
      JournalConfig config,
      Storage storage,
      JournalLock lock,
      EpochFile.Head head,
      EpochFile epochFile,
      EpochWriter writer,
      Ballast ballast,
      TailReport recovery) {
    this.directory = config.directory().toFile();
    this.reserveBytes = config.reserveBytes();
    this.storage = storage;
    this.epoch = head.epoch();
    this.lock = lock;
    this.epochFile = epochFile;
    this.writer = writer;
    this.ballast = ballast;
    this.codec = new FrameCodec(head.chain());
    this.recovery = recovery;
    this.lastPosition = head.firstPosition() - 1;
    this.durablePosition = lastPosition;
    durablePoint.set(lastPosition, codec.bytes(), FrameCodec.CHAIN_IN);
  }

  /** Opens a journal, checking every record; creates an empty one if there is none. */
  public static ChronicleJournal open(JournalConfig config) {
    return open(config, 1, FrameHandler.NONE);
  }

  /**
   * Opens a journal and hands its records to {@code replay} on the way, checked, in one pass.
   *
   * @param fromPosition first record to hand over; records in older files are not read
   */
  public static ChronicleJournal open(
      JournalConfig config, long fromPosition, FrameHandler replay) {
    return open(config, fromPosition, replay, new LinuxStorage());
  }

  /**
   * Opens a journal as {@code opening} says: behind a snapshot, or compared with an anchor.
   *
   * @throws JournalException BEHIND when the journal lacks or contradicts what is known of it;
   *     nothing was changed then
   */
  public static ChronicleJournal open(JournalConfig config, JournalOpening opening) {
    return open(config, () -> Source.of(config, opening), new LinuxStorage());
  }

  /** The same over another storage, for tests and simulation. */
  public static ChronicleJournal open(
      JournalConfig config, long fromPosition, FrameHandler replay, Storage storage) {
    return open(config, () -> Source.of(config, fromPosition, replay), storage);
  }

  /** Opens the source under the lock: what it looks at must not change under it. */
  private static ChronicleJournal open(
      JournalConfig config, Supplier<Source> source, Storage storage) {
    JournalLock lock = null;
    try {
      createDirectory(config.directory(), storage);
      lock = JournalLock.acquire(config.directory());
      ChronicleJournal journal = recover(config, source, storage, lock);
      journal.checkSpace();
      return journal;
    } catch (IOException e) {
      release(lock);
      throw new JournalException(
          Reason.NOT_ACCESSIBLE,
          "cannot open the journal in " + config.directory() + " for writing: " + e,
          e);
    } catch (RuntimeException e) {
      release(lock);
      throw e;
    } catch (LinkageError e) {
      release(lock);
      throw new JournalException(
          Reason.NOT_ACCESSIBLE,
          "Chronicle Queue cannot start: " + e + "; start the JVM with the flags of the launcher",
          e);
    }
  }

  /** Creates what is missing and makes its name durable, or a power loss takes all of it away. */
  private static void createDirectory(Path directory, Storage storage) throws IOException {
    Path absolute = directory.toAbsolutePath();
    Path parent = absolute.getParent();
    if (parent == null) {
      return;
    }
    if (!Files.isDirectory(parent)) {
      createDirectory(parent, storage);
    }
    // Also when it is there: a start that was interrupted may have created it.
    Files.createDirectories(absolute);
    storage.forceDirectory(parent);
  }

  private static void release(JournalLock lock) {
    if (lock != null) {
      lock.close();
    }
  }

  private static ChronicleJournal recover(
      JournalConfig config, Supplier<Source> source, Storage storage, JournalLock lock)
      throws IOException {
    Path directory = config.directory();
    List<Epoch> epochs = JournalFiles.epochs(directory);
    checkIdentity(config, epochs);
    Source.Result read = source.get().read();
    long newest = lock.newestEpoch();
    if (!epochs.isEmpty()) {
      Epoch last = epochs.getLast();
      settle(last, storage);
      newest = Math.max(newest, last.number());
    }
    if (newest < 0 || newest >= Integer.MAX_VALUE) {
      throw JournalException.corrupt(
          "the fence names epoch " + newest,
          0,
          directory.resolve(JournalFiles.FENCE).toString(),
          0);
    }
    int number = (int) newest + 1;
    TailReport tail = read.tail();
    long first = tail.lastPosition() + 1;
    EpochFile.Head head =
        new EpochFile.Head(
            number, config.identity(), first, read.end().chain(), tail.lastPosition());
    Ballast ballast =
        new Ballast(
            directory.resolve(JournalFiles.BALLAST),
            Math.min(config.reserveBytes() / 2, MAX_BALLAST),
            storage);
    ballast.find();
    EpochFile epochFile = createEpoch(directory, head, storage);
    lock.announce(number);
    EpochWriter writer =
        EpochWriter.open(JournalFiles.epochDirectory(directory, number), config, storage, ballast);
    return new ChronicleJournal(config, storage, lock, head, epochFile, writer, ballast, tail);
  }

  private static void checkIdentity(JournalConfig config, List<Epoch> epochs) {
    for (Epoch epoch : epochs) {
      EpochFile.Head head = epoch.head();
      if (!Arrays.equals(head.identity(), config.identity())) {
        throw new JournalException(
            Reason.WRONG_IDENTITY,
            "journal in %s belongs to another identity; check network and key, or the directory"
                .formatted(config.directory()));
      }
    }
  }

  /**
   * Makes durable what recovery has just read (after a kill it may be in the page cache alone), and
   * gives unused blocks back.
   *
   * <p>What lies beyond the durable mark is stored again first. The process before may have died of
   * a failed sync, and after one Linux takes the pages for clean: a sync alone would succeed and
   * write nothing, and a power loss would take what answers were built on meanwhile.
   */
  private static void settle(Epoch epoch, Storage storage) throws IOException {
    List<Path> files = JournalFiles.queueFiles(epoch.directory());
    long mark = EpochFile.read(epoch.directory()).durableMark();
    // Older files were made durable when the one after the next began.
    for (Path file : files.subList(Math.max(0, files.size() - 2), files.size())) {
      long used;
      long beyond;
      try (QueueFile queueFile = QueueFile.open(file)) {
        beyond = firstBeyond(mark, queueFile);
        used = queueFile.lastNonZero();
      }
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        // One page more, so that a reader that looks behind the last record stays in the file.
        channel.truncate((used / PAGE + 2) * PAGE);
      }
      try (Storage.Barrier barrier = storage.open(file)) {
        barrier.rewrite(beyond, used - beyond);
        barrier.force();
      }
    }
    storage.forceDirectory(epoch.directory());
  }

  /**
   * Offset of the page with the first record beyond the mark; 0 when the file has no other, because
   * then its head is as uncertain as they are.
   */
  private static long firstBeyond(long mark, QueueFile file) {
    boolean marked = false;
    while (file.look() == QueueFile.Found.DATA
        && file.frameLength() >= FrameLayout.MIN_FRAME_LENGTH
        && FrameCodec.positionAt(file.mapping(), file.frameOffset()) <= mark) {
      file.advance();
      marked = true;
    }
    return marked ? file.offset() / PAGE * PAGE : 0;
  }

  /** Creates the directory under another name first, so that it is whole or not there. */
  private static EpochFile createEpoch(Path journal, EpochFile.Head head, Storage storage)
      throws IOException {
    Path directory = JournalFiles.epochDirectory(journal, head.epoch());
    Path unfinished = journal.resolve("epoch.unfinished");
    Files.deleteIfExists(unfinished.resolve(JournalFiles.EPOCH));
    Files.deleteIfExists(unfinished);
    Files.createDirectory(unfinished);
    EpochFile file = EpochFile.create(unfinished, head);
    storage.forceDirectory(unfinished);
    Files.move(unfinished, directory, StandardCopyOption.ATOMIC_MOVE);
    storage.forceDirectory(journal);
    return file;
  }

  /** How the journal ended before this opening. */
  public TailReport recovery() {
    return recovery;
  }

  /** Number of this opening, from 1. */
  public int epoch() {
    return epoch;
  }

  @Override
  public long nextPosition() {
    return lastPosition + 1;
  }

  @Override
  public void append(
      long position, int type, long timeMillis, DirectBuffer payload, int offset, int length) {
    checkUsable();
    checkCall(position, type, timeMillis, length);
    int frameLength =
        codec.encode(position, type, timeMillis, durablePosition, epoch, payload, offset, length);
    try {
      writer.write(codec.bytes(), FrameCodec.FRAME, frameLength, timeMillis);
    } catch (IOException | RuntimeException | Error e) {
      throw fail(Reason.IO, "cannot write position " + position + " of the journal: " + e, e);
    }
    lastPosition = position;
    if (--appendsToSpaceCheck == 0) {
      checkSpace();
    }
  }

  private void checkCall(long position, int type, long timeMillis, int length) {
    if (position != lastPosition + 1) {
      throw fail(
          Reason.ILLEGAL_CALL,
          "append of position " + position + ", but the next is " + (lastPosition + 1),
          null);
    }
    if (type < 1 || type > 0xFFFF) {
      throw fail(Reason.ILLEGAL_CALL, "record type " + type + " is not in 1..65535", null);
    }
    if (timeMillis < 0) {
      throw fail(Reason.ILLEGAL_CALL, "record time " + timeMillis + " is negative", null);
    }
    if (length < 0 || length > FrameLayout.MAX_PAYLOAD_LENGTH) {
      throw fail(
          Reason.ILLEGAL_CALL,
          "payload of " + length + " bytes; at most " + FrameLayout.MAX_PAYLOAD_LENGTH,
          null);
    }
  }

  @Override
  public void sync() {
    checkUsable();
    if (lastPosition == durablePosition) {
      return;
    }
    try {
      writer.force();
    } catch (IOException | RuntimeException | Error e) {
      throw fail(Reason.IO, "cannot make the journal durable: " + e, e);
    }
    if (lock.newestEpoch() != epoch) {
      throw fail(
          Reason.FENCED,
          "epoch " + lock.newestEpoch() + " has taken over from epoch " + epoch,
          null);
    }
    epochFile.mark(lastPosition);
    durablePoint.set(lastPosition, codec.bytes(), FrameCodec.CHAIN_IN);
    durablePosition = lastPosition;
    checkSpace();
  }

  @Override
  public long durablePosition() {
    return durablePosition;
  }

  /** The newest durable record with its chain hash; any thread. */
  public JournalPoint durablePoint() {
    return durablePoint.get();
  }

  @Override
  public boolean belowReserve() {
    return belowReserve;
  }

  private void checkSpace() {
    appendsToSpaceCheck = APPENDS_PER_SPACE_CHECK;
    long usable = storage.usableBytes(directory);
    belowReserve = usable < reserveBytes;
    if (!ballast.isHeld()) {
      ballast.take(usable, reserveBytes);
    }
  }

  private void checkUsable() {
    if (failure != null) {
      throw new JournalException(
          Reason.CLOSED, "the journal has failed before: " + failure.getMessage(), failure);
    }
    if (closed) {
      throw new JournalException(Reason.CLOSED, "the journal is closed");
    }
  }

  private JournalException fail(Reason reason, String message, Throwable cause) {
    failure = new JournalException(reason, message, cause);
    return failure;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    try {
      if (failure == null) {
        sync();
      }
    } finally {
      closed = true;
      try {
        writer.close();
      } catch (IOException e) {
        failure = new JournalException(Reason.IO, "cannot close the journal: " + e, e);
      }
      epochFile.close();
      lock.close();
    }
  }
}
