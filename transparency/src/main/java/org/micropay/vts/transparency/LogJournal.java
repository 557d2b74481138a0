package org.micropay.vts.transparency;

import org.agrona.DirectBuffer;

/**
 * Port: the journal as the publisher sees it. What it delivers is durable, in the order of
 * positions, without gaps. The publisher's thread.
 */
public interface LogJournal {
  /** Takes one record; the payload is valid during the call only. */
  @FunctionalInterface
  interface RecordHandler {
    /** A record of any type. */
    void onRecord(
        long position, int type, long timeMillis, DirectBuffer payload, int offset, int length);
  }

  /** The next record delivered is the one at {@code position}. */
  void seek(long position);

  /** Delivers the next durable record; false when there is none yet. */
  boolean next(RecordHandler handler);

  /** The newest position that is durable; 0 in an empty journal. */
  long durablePosition();

  /**
   * Journals a record and waits until it is durable.
   *
   * @return its position
   */
  long append(int type, byte[] payload);
}
