package org.micropay.vts.journal;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.micropay.vts.journal.JournalFiles.Epoch;
import org.micropay.vts.journal.QueueFile.Found;

/**
 * Reads the journal's files directly, without Chronicle: what checks the writer should not be the
 * writer, and a reader must neither wait on a half-written document nor write an index.
 *
 * <p>One thread. Owns one mapping of one file at a time.
 */
final class FileJournalReader implements JournalReader {
  private final List<Path> roots;
  private final long deliverFrom;
  private final FrameCodec codec;
  private List<Epoch> epochs;
  private int epochIndex;
  private List<Path> files;
  private int fileIndex;
  private QueueFile file;
  private long position;
  private Path lastFile;
  private int lastIndex;
  private long lastOffset;
  private int lastEpoch;
  // Whether the file before ended with the mark of a finished file, and no record came since.
  private boolean behindFinished;
  // Whether no record of this file was passed yet.
  private boolean atFileStart;
  private boolean anchored = true;
  private FramesAhead ahead;
  private boolean isAhead;
  private String fault;
  private JournalPoint expected;

  private FileJournalReader(
      List<Path> roots, long deliverFrom, List<Epoch> epochs, int epochIndex, JournalPoint before) {
    this.roots = roots;
    this.deliverFrom = deliverFrom;
    this.epochs = epochs;
    this.epochIndex = epochIndex;
    this.codec = new FrameCodec(before.chain());
    this.position = before.position();
    this.files = epochs.get(epochIndex).files();
    this.fileIndex = -1;
  }

  static FileJournalReader open(Path directory, long fromPosition) {
    return open(List.of(directory), fromPosition);
  }

  /** Opens a journal, or a journal and its archive. */
  static FileJournalReader open(List<Path> roots, long fromPosition) {
    if (fromPosition < 1) {
      throw new JournalException(
          JournalException.Reason.ILLEGAL_CALL,
          "cannot read from position " + fromPosition + "; positions begin at 1");
    }
    List<Epoch> epochs = JournalFiles.epochs(roots);
    if (epochs.isEmpty()) {
      throw new JournalException(
          JournalException.Reason.NOT_ACCESSIBLE, "no journal in " + roots.getFirst());
    }
    int index = epochs.size() - 1;
    EpochFile.Head head = epochs.get(index).head();
    while (index > 0 && head.firstPosition() > fromPosition) {
      head = epochs.get(--index).head();
    }
    JournalPoint before = new JournalPoint(head.firstPosition() - 1, head.chain());
    JournalPoint archived = roots.size() == 1 ? ArchivedMark.read(roots.getFirst()) : null;
    if (archived != null && archived.position() > before.position()) {
      before = archived;
    }
    if (before.position() >= fromPosition) {
      throw new JournalException(
          JournalException.Reason.NOT_ACCESSIBLE,
          "journal in %s begins at position %d; earlier records were archived: name the archive too"
              .formatted(roots.getFirst(), before.position() + 1));
    }
    FileJournalReader reader = new FileJournalReader(roots, fromPosition, epochs, index, before);
    reader.seekFile(fromPosition);
    return reader;
  }

  static FileJournalReader openNear(List<Path> roots, long fromPosition) {
    FileJournalReader reader = open(roots, fromPosition);
    reader.skipTo(fromPosition);
    return reader;
  }

  /**
   * Opens a journal behind a record that is known from elsewhere.
   *
   * @throws JournalException BEHIND when the journal does not hold that record with that chain hash
   */
  static FileJournalReader openAfter(List<Path> roots, JournalStart start) {
    JournalPoint after = start.after();
    if (after.position() == 0) {
      FileJournalReader reader = open(roots, 1);
      reader.compare(after);
      return reader;
    }
    FileJournalReader reader = null;
    if (start.location() != null) {
      reader = at(roots, after.position(), start.location());
    }
    if (reader == null) {
      reader = open(roots, after.position());
      reader.skipTo(after.position());
      if (!reader.step()) {
        long last = reader.position;
        reader.close();
        throw lacks(roots, after, last);
      }
    }
    reader.compare(after);
    return reader;
  }

  private static JournalException lacks(List<Path> roots, JournalPoint point, long last) {
    return JournalException.behind(
        "journal in %s ends at position %d, but position %d was durable once; it is older than that"
            .formatted(roots.getFirst(), last, point.position()));
  }

  /** A reader that has just read the record at a location; null when it is not there. */
  private static FileJournalReader at(List<Path> roots, long wanted, FrameLocation where) {
    List<Epoch> epochs = JournalFiles.epochs(roots);
    for (int i = epochs.size() - 1; i >= 0; i--) {
      if (epochs.get(i).number() != where.epoch()) {
        continue;
      }
      EpochFile.Head head = epochs.get(i).head();
      FileJournalReader reader =
          new FileJournalReader(
              roots, wanted, epochs, i, new JournalPoint(head.firstPosition() - 1, head.chain()));
      for (int f = 0; f < reader.files.size(); f++) {
        if (JournalFiles.plainName(reader.files.get(f)).equals(where.file())
            && reader.goTo(f, where.offset(), wanted)) {
          return reader;
        }
      }
      reader.close();
    }
    return null;
  }

  private boolean goTo(int index, long offset, long wanted) {
    openFile(index);
    file.seek(offset);
    if (offset < 0
        || (offset & 3) != 0
        || file.look() != Found.DATA
        || file.frameLength() < FrameLayout.MIN_FRAME_LENGTH
        || file.frameLength() > FrameLayout.MAX_FRAME_LENGTH
        || FrameCodec.positionAt(file.mapping(), file.frameOffset()) != wanted) {
      return false;
    }
    position = wanted - 1;
    anchored = false;
    return accept();
  }

  private void compare(JournalPoint point) {
    if (position != point.position() || !Arrays.equals(codec.chain(), point.chain())) {
      long at = position;
      String here = new JournalPoint(at, codec.chain()).chainHex();
      close();
      throw JournalException.behind(
          "journal in %s has chain hash %s at position %d where %s was durable once; it is not the"
                  .formatted(roots.getFirst(), here, at, point.chainHex())
              + " journal that was written, or was changed");
    }
  }

  /**
   * Has the reader compare one record to come with what is known of it.
   *
   * <p>The exception is BEHIND.
   */
  void expect(JournalPoint point) {
    expected = point;
  }

  /** Chain hash of one record, without checking the way to it; null when it is not there. */
  static byte[] chainAt(List<Path> roots, long wanted) {
    try (FileJournalReader reader = open(roots, wanted)) {
      reader.skipTo(wanted);
      return reader.step() && reader.position == wanted ? reader.codec.chain() : null;
    }
  }

  @Override
  public FrameLocation location() {
    return lastFile == null
        ? null
        : new FrameLocation(lastEpoch, JournalFiles.plainName(lastFile), lastOffset);
  }

  @Override
  public JournalPoint point() {
    return new JournalPoint(position, codec.chain());
  }

  /** Goes to the newest file of the epoch that begins at or before a position. */
  private void seekFile(long target) {
    for (int i = files.size() - 1; i >= 0; i--) {
      QueueFile candidate = QueueFile.open(files.get(i));
      if (candidate.look() == Found.DATA
          && candidate.frameLength() >= FrameLayout.MIN_FRAME_LENGTH) {
        long first = FrameCodec.positionAt(candidate.mapping(), candidate.frameOffset());
        if (first > position && first <= target) {
          file = candidate;
          fileIndex = i;
          // Behind what was archived, and at the epoch's first record, the chain is known.
          anchored = first == position + 1;
          position = first - 1;
          return;
        }
      }
      candidate.close();
    }
  }

  @Override
  public boolean next(FrameHandler handler) {
    while (step()) {
      if (position >= deliverFrom) {
        if (isAhead) {
          ahead.deliver(handler);
        } else {
          codec.deliver(handler);
        }
        return true;
      }
    }
    return false;
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public boolean read(long wanted, FrameHandler handler) {
    if (wanted < JournalFiles.firstPosition(roots)) {
      return false;
    }
    try (FileJournalReader reader = open(roots, wanted)) {
      reader.skipTo(wanted - 1);
      return reader.next(handler) && reader.position == wanted;
    }
  }

  /** Steps over frames before {@code target} without checking them. */
  private void skipTo(long target) {
    while (file != null || openFile(fileIndex + 1)) {
      if (file.look() != Found.DATA || file.frameLength() < FrameLayout.MIN_FRAME_LENGTH) {
        return;
      }
      long at = FrameCodec.positionAt(file.mapping(), file.frameOffset());
      if (at != position + 1 || at >= target) {
        return;
      }
      position = at;
      anchored = false;
      lastIndex = fileIndex;
      lastOffset = file.offset();
      lastEpoch = epoch();
      atFileStart = false;
      file.advance();
    }
  }

  /** Chain hash of the record at {@link #position()}. */
  byte[] chain() {
    return codec.chain();
  }

  /** Number of the epoch that is being read. */
  int epoch() {
    return epochs.get(epochIndex).number();
  }

  /** Checks one more record. */
  private boolean step() {
    while (true) {
      if (file == null && !openFile(fileIndex + 1)) {
        if (!enterNextEpoch()) {
          return false;
        }
        continue;
      }
      if (fault == null && acceptAhead()) {
        return true;
      }
      Found found = fault == null ? file.look() : Found.IMPOSSIBLE;
      if (found == Found.DATA) {
        if (accept()) {
          return true;
        }
        refuseIfAcknowledged();
      } else if (!moveOn(found)) {
        return false;
      }
    }
  }

  /** Takes the next frame of those that were checked ahead, or checks some more. */
  private boolean acceptAhead() {
    if (ahead == null || !ahead.advance() && !(anchored && takeAhead())) {
      return false;
    }
    isAhead = true;
    ahead.copyChain(codec.bytes(), FrameCodec.CHAIN_IN);
    passed(ahead.offset());
    return true;
  }

  private boolean takeAhead() {
    return ahead.take(file, position, epoch(), codec.bytes(), FrameCodec.CHAIN_IN)
        && ahead.advance();
  }

  /** Loads and checks the frame at the current place; notes what is wrong with a broken one. */
  private boolean accept() {
    int length = file.frameLength();
    if (length > FrameLayout.MAX_FRAME_LENGTH || length < FrameLayout.MIN_FRAME_LENGTH) {
      fault = "document length " + length + " is out of range";
      return false;
    }
    codec.load(file.mapping(), file.frameOffset(), length);
    fault = codec.checkShape(length);
    if (fault != null) {
      return false;
    }
    if (codec.position() != position + 1) {
      String found = "found position " + codec.position() + " in its place";
      if (atFileStart && !behindFinished && codec.position() > position + 1) {
        // A batch over a roll of which a power loss kept the end and not the beginning: pages reach
        // the disk in any order. As with a torn frame, what was acknowledged decides. Behind a file
        // that is finished right here nothing was lost at its end, and the writer begins no third
        // file before the second one's name is durable: there a whole file is gone, or this record
        // was put here.
        fault = found;
        return false;
      }
      // Any other whole frame in the wrong place is never an interrupted write.
      throw corrupt(found);
    }
    if (codec.epoch() != epoch()) {
      throw corrupt("its epoch is " + codec.epoch() + " in the files of epoch " + epoch());
    }
    if (anchored && !codec.checkChain()) {
      throw corrupt("it does not continue the hash chain");
    }
    if (!anchored) {
      codec.trustChain();
      anchored = true;
    }
    isAhead = false;
    long offset = file.offset();
    file.advance();
    passed(offset);
    return true;
  }

  /** Notes that the record at {@code offset} is right. */
  private void passed(long offset) {
    position++;
    lastFile = file.path();
    lastIndex = fileIndex;
    lastOffset = offset;
    lastEpoch = epoch();
    atFileStart = false;
    if (expected != null && position == expected.position()) {
      compare(expected);
    }
  }

  /** Goes to the next file or epoch if nothing more can come here. */
  private boolean moveOn(Found found) {
    if (found == Found.IMPOSSIBLE && fault == null) {
      fault = "its document would end behind the end of the file";
      refuseIfAcknowledged();
    }
    if (fault == null && found != Found.INCOMPLETE && nextFileHasBegun()) {
      // The writer may have added here between the look at this file and at the next.
      if (found == Found.FINISHED || file.look() == Found.NOTHING) {
        boolean finished = found == Found.FINISHED && (!atFileStart || behindFinished);
        boolean opened = openFile(fileIndex + 1);
        behindFinished = finished;
        return opened;
      }
      return true;
    }
    return enterNextEpoch();
  }

  private boolean nextFileHasBegun() {
    if (fileIndex + 1 >= files.size()) {
      files = epochs.get(epochIndex).files();
    }
    if (fileIndex + 1 >= files.size()) {
      return false;
    }
    try (QueueFile next = QueueFile.open(files.get(fileIndex + 1))) {
      return next.look() != Found.NOTHING || next.offset() > 0;
    }
  }

  private boolean openFile(int index) {
    if (index >= files.size()) {
      files = epochs.get(epochIndex).files();
      if (index >= files.size()) {
        return false;
      }
    }
    closeFile();
    file = QueueFile.open(files.get(index));
    fileIndex = index;
    atFileStart = true;
    behindFinished = false;
    return true;
  }

  private boolean enterNextEpoch() {
    if (epochIndex + 1 >= epochs.size()) {
      epochs = JournalFiles.epochs(roots);
      if (epochIndex + 1 >= epochs.size()) {
        return false;
      }
    }
    EpochFile.Head head = epochs.get(epochIndex + 1).head();
    if (head.firstPosition() != position + 1) {
      String what = fault == null ? "it is missing" : fault;
      throw corrupt(what + ", and the next epoch begins at position " + head.firstPosition());
    }
    if (anchored && !Arrays.equals(head.chain(), codec.chain())) {
      throw corrupt("the next epoch does not continue the hash chain");
    }
    codec.chain(head.chain());
    anchored = true;
    fault = null;
    closeFile();
    behindFinished = false;
    epochIndex++;
    fileIndex = -1;
    files = epochs.get(epochIndex).files();
    return true;
  }

  @Override
  public TailReport tail() {
    while (step()) {
      // Checks what is left, delivering nothing.
    }
    refuseIfAcknowledged();
    if (file == null) {
      return new TailReport(position, "", 0, 0);
    }
    long torn = file.look() == Found.FINISHED ? 0 : file.lastNonZero() - file.offset();
    return new TailReport(position, file.path().toString(), file.offset(), torn);
  }

  /** Throws if the record that should come next was acknowledged once. */
  private void refuseIfAcknowledged() {
    long next = position + 1;
    String what = fault == null ? "it is missing" : fault;
    if (epochIndex + 1 < epochs.size()) {
      return;
    }
    long mark = epochs.get(epochIndex).head().durableMark();
    if (mark >= next) {
      throw corrupt(what + ", and positions up to " + mark + " were acknowledged as durable");
    }
    if (file != null && laterFrameSaysDurable(next)) {
      throw corrupt(what + ", and a later record says that it was durable");
    }
  }

  /**
   * From the last whole record on: behind a hole at a file's end the reader has gone on to the next
   * file, but what follows the hole may say that the hole was once a record.
   */
  private boolean laterFrameSaysDurable(long missing) {
    boolean movedOn = lastEpoch == epoch() && lastIndex < fileIndex;
    return new DurableEvidence()
        .isIn(
            files.subList(movedOn ? lastIndex : fileIndex, files.size()),
            movedOn ? lastOffset : file.offset(),
            missing);
  }

  private JournalException corrupt(String what) {
    String path =
        file == null ? epochs.get(epochIndex).directory().toString() : file.path().toString();
    return JournalException.corrupt(what, position + 1, path, file == null ? 0 : file.offset());
  }

  private void closeFile() {
    if (file != null) {
      file.close();
      file = null;
    }
  }

  /** Checks the frames from here on many at a time. */
  FileJournalReader with(BatchHasher hasher) {
    if (hasher != null && ahead == null) {
      ahead = new FramesAhead(hasher);
    }
    return this;
  }

  @Override
  public void close() {
    closeFile();
    if (ahead != null) {
      ahead.close();
      ahead = null;
    }
  }
}
