package org.micropay.vts.journal;

import org.agrona.DirectBuffer;

/**
 * An append-only sequence of records, numbered from 1 without gaps.
 *
 * <p>A record exists for the outside world only once {@link #durablePosition()} has reached its
 * position; until then a crash may lose it. Any failure is a {@link JournalException} and final:
 * nothing is retried, and after it every call but {@link #close()} fails the same way, because a
 * failed write or sync leaves unknown what the disk holds.
 *
 * <p>One writer thread. {@link #durablePosition()} and {@link #belowReserve()} may be read from any
 * thread.
 */
public interface Journal extends AutoCloseable {

  /** Position that the next {@link #append} must name; 1 in an empty journal. */
  long nextPosition();

  /**
   * Appends one record. Not durable before {@link #sync()} returns. Allocates nothing in steady
   * state.
   *
   * @param position must equal {@link #nextPosition()}
   * @param type record type, 1 to 65535
   * @param timeMillis milliseconds since the Unix epoch, not negative; it also decides into which
   *     file the record goes, so that the journal needs no clock of its own
   * @param payload holds the payload
   * @param offset of the payload in the buffer
   * @param length of the payload in bytes, 0 to {@link FrameLayout#MAX_PAYLOAD_LENGTH}
   */
  void append(
      long position, int type, long timeMillis, DirectBuffer payload, int offset, int length);

  /** Makes everything appended so far durable. Does nothing when everything already is. */
  void sync();

  /** Highest position known to be durable; 0 when there is none. */
  long durablePosition();

  /**
   * Whether free disk space is below the configured reserve: nothing new should be granted. A
   * cached answer that {@link #sync()} and every few thousand appends renew.
   */
  boolean belowReserve();

  /** Syncs what is not durable yet, unless the journal has failed, and releases everything. */
  @Override
  void close();
}
