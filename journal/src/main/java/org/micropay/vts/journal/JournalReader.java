package org.micropay.vts.journal;

import java.nio.file.Path;
import java.util.List;

/**
 * Reads a journal in order, checking CRC32C, hash chain and numbering of every record; works on a
 * journal that is being written, on one at rest and on a copy, and never writes.
 *
 * <p>One thread at a time. A damaged record is a {@link JournalException} that names position, file
 * and offset; after it the reader stays where it is.
 */
public interface JournalReader extends AutoCloseable {

  /** Opens a reader at the first record of the journal in {@code directory}. */
  static JournalReader open(Path directory) {
    return open(directory, 1);
  }

  /**
   * Opens a reader whose first record will be {@code fromPosition}. Records before it in the same
   * file are checked but not delivered; older files are not read, so the chain is anchored at the
   * first record of that file.
   */
  static JournalReader open(Path directory, long fromPosition) {
    return FileJournalReader.open(directory, fromPosition);
  }

  /**
   * Opens a reader over a journal and the archive that its older files went to, as over one
   * journal.
   */
  static JournalReader open(Path directory, Path archive, long fromPosition) {
    return FileJournalReader.open(List.of(directory, archive), fromPosition);
  }

  /**
   * Opens a reader behind a record that is known from elsewhere, from a snapshot or an anchor.
   *
   * @throws JournalException BEHIND when the journal does not hold that record with that chain hash
   */
  static JournalReader openAfter(Path directory, JournalStart start) {
    return FileJournalReader.openAfter(List.of(directory), start);
  }

  /** The same, with the hash chain checked many records at a time. */
  static JournalReader openAfter(Path directory, JournalStart start, BatchHasher hasher) {
    return FileJournalReader.openAfter(List.of(directory), start).with(hasher);
  }

  /**
   * Opens a reader whose first record will be {@code fromPosition}, stepping over those before it
   * in the same file without checking them: for a process that reads its own journal. The records
   * from there on are checked, and the chain from the first of them on.
   */
  static JournalReader openNear(Path directory, long fromPosition) {
    return FileJournalReader.openNear(List.of(directory), fromPosition);
  }

  /**
   * Position up to which the journal's writer has promised durability, as it noted it itself; exact
   * while a process writes or after it was killed, possibly behind after a loss of power.
   */
  static long durablePosition(Path directory) {
    return JournalFiles.durablePosition(List.of(directory));
  }

  /** The 32-byte identity of the journal in {@code directory}. */
  static byte[] identity(Path directory) {
    return JournalFiles.identity(List.of(directory));
  }

  /** First position that the journal in {@code directory} holds. */
  static long firstPosition(Path directory) {
    return JournalFiles.firstPosition(List.of(directory));
  }

  /**
   * Delivers the next record.
   *
   * @return false when there is none yet; a later call may find one
   */
  boolean next(FrameHandler handler);

  /** Position of the record delivered or checked last; 0 at the start. */
  long position();

  /** That record and its chain hash. */
  JournalPoint point();

  /** Where that record lies; null before the first record, and where there are no files. */
  FrameLocation location();

  /**
   * Delivers the record at {@code position}, independent of where the sequence stands.
   *
   * @return false when the journal does not hold that position
   */
  boolean read(long position, FrameHandler handler);

  /**
   * Examines what follows the last whole record, when no writer is active: an interrupted write
   * that was never acknowledged is reported, damage to acknowledged records is thrown.
   */
  TailReport tail();

  @Override
  void close();
}
