package org.micropay.vts.journal;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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
  private final Path directory;
  private final long deliverFrom;
  private final FrameCodec codec;
  private FrameCodec witness;
  private List<Epoch> epochs;
  private int epochIndex;
  private List<Path> files;
  private int fileIndex;
  private QueueFile file;
  private long position;
  private boolean anchored = true;
  private String fault;

  private FileJournalReader(
      Path directory, long deliverFrom, List<Epoch> epochs, int epochIndex, EpochFile.Head head) {
    this.directory = directory;
    this.deliverFrom = deliverFrom;
    this.epochs = epochs;
    this.epochIndex = epochIndex;
    this.codec = new FrameCodec(head.chain());
    this.position = head.firstPosition() - 1;
    this.files = JournalFiles.queueFiles(epochs.get(epochIndex).directory());
    this.fileIndex = -1;
  }

  static FileJournalReader open(Path directory, long fromPosition) {
    if (fromPosition < 1) {
      throw new JournalException(
          JournalException.Reason.ILLEGAL_CALL,
          "cannot read from position " + fromPosition + "; positions begin at 1");
    }
    List<Epoch> epochs = JournalFiles.epochs(directory);
    if (epochs.isEmpty()) {
      throw new JournalException(
          JournalException.Reason.NOT_ACCESSIBLE, "no journal in " + directory);
    }
    int index = epochs.size() - 1;
    EpochFile.Head head = EpochFile.read(epochs.get(index).directory());
    while (index > 0 && head.firstPosition() > fromPosition) {
      head = EpochFile.read(epochs.get(--index).directory());
    }
    if (head.firstPosition() > fromPosition) {
      throw new JournalException(
          JournalException.Reason.NOT_ACCESSIBLE,
          "journal in %s begins at position %d; earlier records were archived"
              .formatted(directory, head.firstPosition()));
    }
    FileJournalReader reader = new FileJournalReader(directory, fromPosition, epochs, index, head);
    reader.seekFile(fromPosition);
    return reader;
  }

  /** Goes to the newest file of the epoch that begins at or before a position. */
  private void seekFile(long target) {
    for (int i = files.size() - 1; i > 0; i--) {
      QueueFile candidate = QueueFile.open(files.get(i));
      if (candidate.look() == Found.DATA
          && candidate.frameLength() >= FrameLayout.MIN_FRAME_LENGTH) {
        long first = FrameCodec.positionAt(candidate.mapping(), candidate.frameOffset());
        if (first > position && first <= target) {
          file = candidate;
          fileIndex = i;
          position = first - 1;
          anchored = false;
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
        codec.deliver(handler);
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
    Epoch oldest = JournalFiles.epochs(directory).getFirst();
    if (wanted < EpochFile.read(oldest.directory()).firstPosition()) {
      return false;
    }
    try (FileJournalReader reader = open(directory, wanted)) {
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
    // A whole frame in the wrong place is never an interrupted write.
    if (codec.position() != position + 1) {
      throw corrupt("found position " + codec.position() + " in its place");
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
    position++;
    file.advance();
    return true;
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
        return openFile(fileIndex + 1);
      }
      return true;
    }
    return enterNextEpoch();
  }

  private boolean nextFileHasBegun() {
    if (fileIndex + 1 >= files.size()) {
      files = JournalFiles.queueFiles(epochs.get(epochIndex).directory());
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
      files = JournalFiles.queueFiles(epochs.get(epochIndex).directory());
      if (index >= files.size()) {
        return false;
      }
    }
    closeFile();
    file = QueueFile.open(files.get(index));
    fileIndex = index;
    return true;
  }

  private boolean enterNextEpoch() {
    if (epochIndex + 1 >= epochs.size()) {
      epochs = JournalFiles.epochs(directory);
      if (epochIndex + 1 >= epochs.size()) {
        return false;
      }
    }
    EpochFile.Head head = EpochFile.read(epochs.get(epochIndex + 1).directory());
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
    epochIndex++;
    fileIndex = -1;
    files = JournalFiles.queueFiles(epochs.get(epochIndex).directory());
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
    long expected = position + 1;
    String what = fault == null ? "it is missing" : fault;
    if (epochIndex + 1 < epochs.size()) {
      return;
    }
    long mark = EpochFile.read(epochs.get(epochIndex).directory()).durableMark();
    if (mark >= expected) {
      throw corrupt(what + ", and positions up to " + mark + " were acknowledged as durable");
    }
    if (file != null && laterFrameSaysDurable(expected)) {
      throw corrupt(what + ", and a later record says that it was durable");
    }
  }

  private boolean laterFrameSaysDurable(long expected) {
    if (searchEvidence(file, file.offset(), expected)) {
      return true;
    }
    for (int i = fileIndex + 1; i < files.size(); i++) {
      try (QueueFile later = QueueFile.open(files.get(i))) {
        if (searchEvidence(later, 0, expected)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Looks at every multiple of 4 for a whole frame, because headers cannot be trusted here. */
  private boolean searchEvidence(QueueFile where, long from, long expected) {
    long end = where.lastNonZero();
    MemorySegment bytes = where.mapping();
    for (long at = from; at + 4 + FrameLayout.MIN_FRAME_LENGTH <= end; at += 4) {
      int length = bytes.get(ValueLayout.JAVA_INT_UNALIGNED, at + 4);
      if (length < FrameLayout.MIN_FRAME_LENGTH
          || length > FrameLayout.MAX_FRAME_LENGTH
          || at + 4 + length > bytes.byteSize()
          || FrameCodec.positionAt(bytes, at + 4) <= expected) {
        continue;
      }
      if (witness == null) {
        witness = new FrameCodec(new byte[FrameLayout.CHAIN_LENGTH]);
      }
      witness.load(bytes, at + 4, length);
      if (witness.checkShape(length) == null && witness.durablePosition() >= expected) {
        return true;
      }
    }
    return false;
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

  @Override
  public void close() {
    closeFile();
  }
}
