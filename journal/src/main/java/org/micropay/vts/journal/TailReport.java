package org.micropay.vts.journal;

/**
 * What was found behind the last whole record of a journal.
 *
 * @param lastPosition position of the last whole record, 0 when there is none
 * @param file file in which the journal ends, empty when there is none
 * @param offset in that file, in bytes, where the next record would have begun
 * @param tornBytes bytes of interrupted, never acknowledged writes found there; 0 when it ended
 *     cleanly
 */
public record TailReport(long lastPosition, String file, long offset, long tornBytes) {

  /** Whether an interrupted write was found and left out. */
  public boolean torn() {
    return tornBytes > 0;
  }

  @Override
  public String toString() {
    return torn()
        ? "journal ends at position %d; %d bytes of an interrupted write left out at %s offset %d"
            .formatted(lastPosition, tornBytes, file, offset)
        : "journal ends cleanly at position %d".formatted(lastPosition);
  }
}
