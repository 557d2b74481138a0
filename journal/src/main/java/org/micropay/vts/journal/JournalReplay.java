package org.micropay.vts.journal;

/**
 * Takes the records when a journal is opened, and may refuse it: {@link #onEnd} comes before
 * anything is written, so that a journal which is refused stays as it was.
 */
public interface JournalReplay extends FrameHandler {

  /** Takes the records and refuses nothing. */
  static JournalReplay of(FrameHandler handler) {
    return handler::onFrame;
  }

  /**
   * Every record was handed over. An exception refuses the journal.
   *
   * @param end the last record and its chain hash
   */
  default void onEnd(JournalPoint end) {}
}
