package org.micropay.vts.journal;

import java.nio.file.Path;

/**
 * How a journal is read when it is opened for writing.
 *
 * @param start where the replay begins; null: at the first record
 * @param anchor a record known from elsewhere to have been durable, which the journal must hold
 *     with this chain hash; null: none is known
 * @param archive where older files were moved to, read when the replay begins before the journal
 *     does; null: nowhere
 * @param replay takes the records
 * @param hasher checks the hash chain many records at a time; null: one after the other
 */
public record JournalOpening(
    JournalStart start,
    JournalPoint anchor,
    Path archive,
    JournalReplay replay,
    BatchHasher hasher) {

  /** With the hash chain checked one record after the other. */
  public JournalOpening(
      JournalStart start, JournalPoint anchor, Path archive, JournalReplay replay) {
    this(start, anchor, archive, replay, null);
  }

  /** From the first record, with nothing known from elsewhere. */
  public static JournalOpening of(JournalReplay replay) {
    return new JournalOpening(null, null, null, replay);
  }
}
