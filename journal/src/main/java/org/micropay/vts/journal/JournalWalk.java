package org.micropay.vts.journal;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.micropay.vts.journal.JournalFiles.Epoch;
import org.micropay.vts.journal.QueueFile.Found;

/**
 * Steps over a journal's frames without checking them, so that others can check many ranges at the
 * same time: each frame names its predecessor's hash, which is stored in the predecessor. What the
 * walk itself holds to is the order of files, the heads of the epochs, and that no acknowledged
 * record is missing.
 *
 * <p>It covers the journal as it is when it is opened: of one that is being written the records up
 * to the durable mark, of any other all whole records; with an archive, both as one journal.
 * Without one it begins at the first record that was not archived. Never writes and takes no lock.
 * One thread at a time.
 */
public final class JournalWalk implements AutoCloseable {
  /** How a walk ended. */
  public enum Ending {
    /** At the last record; nothing follows. */
    CLEAN,
    /** At the last record; an interrupted write follows that was never acknowledged. */
    UNFINISHED_WRITE,
    /** At the durable mark of a journal that is being written. */
    DURABLE_MARK,
    /** A record is missing, or not even its length can be read. */
    RECORD_MISSING,
    /** An epoch's head is damaged, or does not continue the epoch before. */
    EPOCH_HEAD
  }

  /**
   * Where and why a walk ended.
   *
   * @param ending how
   * @param position of the record that should come next
   * @param file where that is
   * @param offset in it
   * @param text one line for people
   */
  public record End(Ending ending, long position, String file, long offset, String text) {}

  /** A file that stays mapped as long as the walk or a range needs it. */
  static final class OpenFile {
    final QueueFile queue;
    int users = 1;

    OpenFile(QueueFile queue) {
      this.queue = queue;
    }

    void closeIfUnused() {
      if (users == 0) {
        queue.close();
      }
    }
  }

  private static final int CACHE_LINE = 64;

  private final List<Path> roots;
  private final List<Epoch> epochs;
  private final boolean live;
  private final byte[] identity;
  private final JournalPoint before;
  private final FrameCodec witness = new FrameCodec(new byte[FrameLayout.CHAIN_LENGTH]);
  private final byte[] chain = new byte[FrameLayout.CHAIN_LENGTH];
  private int epochIndex;
  private EpochFile.Head head;
  private EpochFile.Head nextHead;
  private List<Path> files;
  private int fileIndex = -1;
  private OpenFile file;
  private long position;
  private long lastSpan;
  private long unused;
  private End end;

  private JournalWalk(List<Path> roots, List<Epoch> epochs, JournalPoint before) {
    this.roots = roots;
    this.epochs = epochs;
    this.live = isLocked(roots.getFirst().resolve(JournalFiles.LOCK));
    this.head = epochs.getFirst().head();
    this.identity = head.identity();
    this.before =
        before != null ? before : new JournalPoint(head.firstPosition() - 1, head.chain());
    this.position = this.before.position();
    System.arraycopy(this.before.chain(), 0, chain, 0, chain.length);
    readNextHead();
    this.files = epochs.getFirst().files();
  }

  /**
   * Opens a walk at the first record that the folder holds.
   *
   * @throws JournalException NOT_ACCESSIBLE when there is no journal or it cannot be read, CORRUPT
   *     when the head of its first epoch is damaged
   */
  public static JournalWalk open(Path directory) {
    return open(new JournalPlaces(directory, null));
  }

  /** The same over a journal and the archive that its older files went to, as over one journal. */
  public static JournalWalk open(JournalPlaces places) {
    List<Path> roots = places.roots();
    List<Epoch> epochs = epochs(roots);
    JournalPoint archived = roots.size() == 1 ? ArchivedMark.read(roots.getFirst()) : null;
    boolean within =
        archived != null && archived.position() >= epochs.getFirst().head().firstPosition();
    JournalWalk walk = new JournalWalk(roots, epochs, within ? archived : null);
    if (within) {
      walk.skipArchived();
    }
    return walk;
  }

  /**
   * Opens a walk behind a record that is known from elsewhere, such as a snapshot's.
   *
   * @throws JournalException BEHIND when the journal does not hold that record with that chain hash
   */
  public static JournalWalk openAfter(JournalPlaces places, JournalStart start) {
    List<Path> roots = places.roots();
    FrameLocation location;
    try (FileJournalReader reader = FileJournalReader.openAfter(roots, start)) {
      location = reader.location();
    }
    List<Epoch> epochs = epochs(roots);
    int first = 0;
    while (epochs.get(first).number() != location.epoch()) {
      first++;
    }
    JournalWalk walk = new JournalWalk(roots, epochs.subList(first, epochs.size()), start.after());
    walk.seek(location);
    return walk;
  }

  private static List<Epoch> epochs(List<Path> roots) {
    List<Epoch> epochs = JournalFiles.epochs(roots);
    if (epochs.isEmpty()) {
      throw new JournalException(
          JournalException.Reason.NOT_ACCESSIBLE, "no journal in " + roots.getFirst());
    }
    return epochs;
  }

  /** Leaves out files that an archiving which was interrupted did not delete. */
  private void skipArchived() {
    while (fileIndex + 1 < files.size()) {
      try (QueueFile next = QueueFile.open(files.get(fileIndex + 1))) {
        if (next.look() != Found.DATA
            || FrameCodec.positionAt(next.mapping(), next.frameOffset()) > position) {
          return;
        }
      }
      fileIndex++;
    }
  }

  private void seek(FrameLocation location) {
    while (!JournalFiles.plainName(files.get(++fileIndex)).equals(location.file())) {
      // The reader has just found the record in one of them.
    }
    file = new OpenFile(QueueFile.openFixed(files.get(fileIndex)));
    file.queue.seek(location.offset());
    file.queue.look();
    file.queue.advance();
  }

  /**
   * Whether a process holds the writer's lock, asked of the kernel's table: trying the lock itself
   * could keep a starting writer out, and closing the file would drop a lock of this very process.
   */
  static boolean isLocked(Path lock) {
    try (Stream<String> lines = Files.lines(Path.of("/proc/locks"), StandardCharsets.US_ASCII)) {
      String inode = ":" + Files.getAttribute(lock, "unix:ino") + " ";
      return lines.anyMatch(line -> line.contains("WRITE") && line.contains(inode));
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  /** Whether this is the newest epoch, whose end no later head fixes. */
  public boolean isLastEpoch(int epoch) {
    return epochs.getLast().number() == epoch;
  }

  /** The journal's identity, 32 bytes. */
  public byte[] identity() {
    return identity.clone();
  }

  /** Whether a writer has the journal open: the walk ends at the durable mark. */
  public boolean isLive() {
    return live;
  }

  /** Position of the first record that is walked over. */
  public long firstPosition() {
    return before.position() + 1;
  }

  /** The hash that the first record continues: of the journal's identity when that is record 1. */
  public byte[] firstChain() {
    return before.chain();
  }

  /** The genesis hash that record 1 of a journal with this walk's identity continues. */
  public byte[] genesis() {
    return FrameCodec.genesis(identity);
  }

  /** Position of the last frame that was stepped over. */
  public long position() {
    return position;
  }

  /** Highest position that the newest epoch's durable mark names. */
  public long durableMark() {
    return epochs.getLast().head().durableMark();
  }

  /** Bytes of all queue files, an upper bound of what a walk reads. */
  public long bytes() {
    long sum = 0;
    for (Epoch epoch : epochs) {
      for (Path path : epoch.files()) {
        sum += path.toFile().length();
      }
    }
    return sum;
  }

  /** Where the walk ended; null until {@link #next} has returned false. */
  public End end() {
    return end;
  }

  /**
   * Steps over the next frames, all in one file.
   *
   * @param range gets them; what it held before is given back
   * @return false when nothing is left; {@link #end} says why
   */
  public boolean next(FrameRange range) {
    range.release();
    readAhead();
    boolean room = true;
    while (end == null && room) {
      if (position == limit()) {
        if (range.count() > 0) {
          break;
        }
        finishEpoch();
      } else if (file == null || file.queue.look() != Found.DATA) {
        if (range.count() > 0) {
          break;
        }
        moveOn();
      } else {
        room = take(range);
      }
    }
    return range.count() > 0;
  }

  /**
   * Reads about as many bytes as the last range had, line by line. Steps over frames wait for
   * memory one after the other, because each says where the next one is; these reads do not.
   */
  private void readAhead() {
    if (file == null) {
      return;
    }
    MemorySegment bytes = file.queue.mapping();
    long from = file.queue.offset();
    long end = Math.min(bytes.byteSize() - Long.BYTES, from + lastSpan);
    long sum = 0;
    for (long at = from; at < end; at += CACHE_LINE) {
      sum += bytes.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
    }
    unused = sum; // a field, so that the compiler keeps the loads
  }

  /** Highest position that belongs to this epoch, as far as that is known. */
  private long limit() {
    if (nextHead != null) {
      return nextHead.firstPosition() - 1;
    }
    return live ? head.durableMark() : Long.MAX_VALUE;
  }

  /** Adds the frame at the current place; false when the range has no room for it. */
  private boolean take(FrameRange range) {
    int length = file.queue.frameLength();
    long at = file.queue.frameOffset();
    if (!range.hasRoomFor(at + length)) {
      return false;
    }
    if (length < FrameLayout.MIN_FRAME_LENGTH || length > FrameLayout.MAX_FRAME_LENGTH) {
      if (range.count() == 0) {
        stop("document length " + length + " is out of range");
      }
      return false;
    }
    if (range.count() == 0) {
      range.begin(file, head.epoch(), position + 1, chain);
    }
    range.add(at, length);
    lastSpan = at + length - range.offset(0);
    long chainAt = at + length - FrameLayout.CRC_LENGTH - FrameLayout.CHAIN_LENGTH;
    MemorySegment.copy(
        file.queue.mapping(), ValueLayout.JAVA_BYTE, chainAt, chain, 0, chain.length);
    position++;
    file.queue.advance();
    return true;
  }

  private void moveOn() {
    Found found = file == null ? Found.FINISHED : file.queue.look();
    boolean ends = found == Found.FINISHED || found == Found.NOTHING;
    if (ends && fileIndex + 1 < files.size()) {
      closeFile();
      file = new OpenFile(QueueFile.openFixed(files.get(++fileIndex)));
      long first = firstInFile();
      if (first > position + 1) {
        stop("the next file, " + file.queue.path() + ", begins at position " + first);
      }
      return;
    }
    stop(found == Found.IMPOSSIBLE ? "its document ends behind the file's end" : "it is missing");
  }

  /** Position of the file's first record, if that is whole; else the one that should come. */
  private long firstInFile() {
    QueueFile queue = file.queue;
    if (queue.look() != Found.DATA
        || queue.frameLength() < FrameLayout.MIN_FRAME_LENGTH
        || queue.frameLength() > FrameLayout.MAX_FRAME_LENGTH) {
      return position + 1;
    }
    witness.load(queue.mapping(), queue.frameOffset(), queue.frameLength());
    return witness.checkShape(queue.frameLength()) == null ? witness.position() : position + 1;
  }

  private void finishEpoch() {
    if (nextHead == null) {
      end = end(Ending.DURABLE_MARK, "the journal is being written; what follows is not durable");
      return;
    }
    if (!Arrays.equals(nextHead.chain(), chain)) {
      end = end(Ending.EPOCH_HEAD, "epoch " + nextHead.epoch() + " begins with another chain hash");
      return;
    }
    if (!Arrays.equals(nextHead.identity(), identity)) {
      end = end(Ending.EPOCH_HEAD, "epoch " + nextHead.epoch() + " has another identity");
      return;
    }
    closeFile();
    head = nextHead;
    epochIndex++;
    fileIndex = -1;
    files = epochs.get(epochIndex).files();
    readNextHead();
  }

  private void readNextHead() {
    nextHead = null;
    int folder = epochs.get(epochIndex).number();
    if (head.epoch() != folder) {
      end = end(Ending.EPOCH_HEAD, "the head in epoch folder " + folder + " is of " + head.epoch());
    } else if (epochIndex + 1 < epochs.size()) {
      try {
        nextHead = epochs.get(epochIndex + 1).head();
      } catch (JournalException e) {
        if (e.reason() != JournalException.Reason.CORRUPT) {
          throw e;
        }
        String path = epochs.get(epochIndex + 1).directory().resolve(JournalFiles.EPOCH).toString();
        end = new End(Ending.EPOCH_HEAD, position + 1, path, 0, e.getMessage());
        return;
      }
      if (nextHead.firstPosition() <= position) {
        end = end(Ending.EPOCH_HEAD, "epoch " + nextHead.epoch() + " begins before this one ends");
      }
    }
  }

  private void stop(String what) {
    end = classify(position + 1, what);
  }

  /**
   * Whether the record at {@code broken}, which is missing or not whole, was ever acknowledged.
   *
   * @param what what is wrong with it
   * @return UNFINISHED_WRITE or CLEAN when it never was, else RECORD_MISSING
   */
  public End classify(long broken, String what) {
    if (epochIndex + 1 < epochs.size()) {
      return end(
          Ending.RECORD_MISSING,
          what + ", and epoch " + epochs.get(epochIndex + 1).number() + " goes on behind it");
    }
    long mark = durableMark();
    if (mark >= broken) {
      return end(
          Ending.RECORD_MISSING,
          what + ", and positions up to " + mark + " were acknowledged as durable");
    }
    if (file != null && broken == position + 1 && file.queue.isZeroBehind()) {
      return end(Ending.CLEAN, "ends cleanly at position " + position);
    }
    try (JournalReader reader = FileJournalReader.open(roots, Math.max(broken, 1))) {
      TailReport tail = reader.tail();
      Ending ending = tail.torn() ? Ending.UNFINISHED_WRITE : Ending.CLEAN;
      return new End(ending, broken, tail.file(), tail.offset(), tail.toString());
    } catch (JournalException e) {
      // Of damage before it the tail says nothing; whoever checks the frames names that.
      boolean here = e.position() == broken || e.reason() != JournalException.Reason.CORRUPT;
      return end(here ? Ending.RECORD_MISSING : Ending.CLEAN, e.getMessage());
    }
  }

  private End end(Ending ending, String text) {
    Path where =
        file != null
            ? file.queue.path()
            : epochs.get(epochIndex).directory().resolve(JournalFiles.EPOCH);
    return new End(
        ending, position + 1, where.toString(), file == null ? 0 : file.queue.offset(), text);
  }

  private void closeFile() {
    if (file != null) {
      file.users--;
      file.closeIfUnused();
      file = null;
    }
  }

  /** Ends the walk; ranges that were not released yet stay readable until they are. */
  @Override
  public void close() {
    closeFile();
  }
}
