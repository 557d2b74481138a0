package org.micropay.vts.appliance.server;

import java.util.function.LongSupplier;

/**
 * Which grants the reply stage left out because the feed was full, as places in the journal: all
 * from the first that did not fit until settlement has caught up with the journal's end.
 *
 * <p>{@link #isOpen} and {@link #open} belong to the reply stage's thread, the rest to the
 * settlement thread. They share one field and take turns with it: the reply stage sets it when it
 * is 0, the settlement thread clears it when it is not.
 */
final class MissedGrants {
  /** Position of the first grant that did not fit; 0 when the reply stage may feed. */
  private volatile long from;

  // The settlement thread's place in the journal while it reads what was missed, 0 when it does
  // not; and the last position that may have been left out.
  private long next;
  private long last;

  /** Whether grants are being left out. */
  boolean isOpen() {
    return from != 0;
  }

  /** The grant at {@code position} did not fit: it is left out, and so are those after it. */
  void open(long position) {
    from = position;
  }

  /** Whether there is something to be read from the journal. */
  boolean isPending() {
    return from != 0 || next != 0;
  }

  /** The position to be read next; only while {@link #isPending}. */
  long next() {
    if (next == 0) {
      next = from;
    }
    return next;
  }

  /** The record at {@code position} has been read. */
  void passed(long position) {
    next = position + 1;
  }

  /**
   * After a run of reading that stopped at {@code durable} or before. At the end of the journal the
   * reply stage may feed again, and only then is the end asked for once more: a grant that was left
   * out before the stage saw that is durable by then.
   */
  void settle(long durable, LongSupplier durablePosition) {
    if (from != 0 && next > durable) {
      from = 0;
      last = durablePosition.getAsLong();
    }
    if (from == 0 && next > last) {
      next = 0;
    }
  }
}
