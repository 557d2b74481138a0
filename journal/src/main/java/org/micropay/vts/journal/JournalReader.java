package org.micropay.vts.journal;

import java.nio.file.Path;

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
   * Delivers the next record.
   *
   * @return false when there is none yet; a later call may find one
   */
  boolean next(FrameHandler handler);

  /** Position of the record delivered or checked last; 0 at the start. */
  long position();

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
