package org.micropay.vts.pipeline;

import org.agrona.DirectBuffer;

/**
 * Port: the one journal of decisions, written by the journal stage alone.
 *
 * <p>Any exception is final: the pipeline halts and never calls the journal again, because after a
 * failed write or sync nobody knows what reached the disk.
 */
public interface DecisionJournal {
  /** Position that the next {@link #append} must carry; positions start at 1 and have no gaps. */
  long nextPosition();

  /**
   * Tells of a record that will be appended soon, with these arguments; the appends of what was
   * told come in the same order. A hint: whoever has look-ups to make for each record can make them
   * for several at a time.
   */
  default void announce(long position, int type, DirectBuffer payload, int offset, int length) {}

  /**
   * Appends one record; it is durable only after the next {@link #sync} returned.
   *
   * @param position must equal {@link #nextPosition()}
   * @param type number of a {@link org.micropay.vts.ledger.RecordType}
   * @param timeMillis the ledger's clock, milliseconds since the Unix epoch, never falling
   * @param payload read before the call returns, not kept
   */
  void append(
      long position, int type, long timeMillis, DirectBuffer payload, int offset, int length);

  /** Returns when everything appended so far would survive a power loss. */
  void sync();

  /** Highest position covered by a completed {@link #sync}, or recovered as durable; 0 if none. */
  long durablePosition();

  /**
   * Whether free space is below the reserve. Then nothing new is granted, while chain events and
   * settlement records are still appended: the reserve exists for them. Called once per sync.
   */
  boolean belowReserve();
}
