package org.micropay.vts.merchant;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.micropay.vts.ticket.Bytes32;

/**
 * Tickets in check at this moment, by escrow and in sum; both are bounded. Thread-safe, without a
 * lock.
 */
final class OutstandingTickets {
  /** Tickets in check at once, over all escrows. */
  static final int MOST = 8_192;

  private final ConcurrentHashMap<Bytes32, Integer> byEscrow = new ConcurrentHashMap<>();
  private final AtomicInteger sum = new AtomicInteger();

  /** Whether there is room for another one at all. */
  boolean hasRoom() {
    return sum.get() < MOST;
  }

  /** Counts one more of this escrow; false, and nothing is counted, above {@code most}. */
  boolean enter(Bytes32 termsDigest, int most) {
    if (byEscrow.merge(termsDigest, 1, Integer::sum) > most) {
      byEscrow.computeIfPresent(termsDigest, OutstandingTickets::oneLess);
      return false;
    }
    sum.incrementAndGet();
    return true;
  }

  /** One that entered is decided. */
  void leave(Bytes32 termsDigest) {
    byEscrow.computeIfPresent(termsDigest, OutstandingTickets::oneLess);
    sum.decrementAndGet();
  }

  private static Integer oneLess(Bytes32 termsDigest, Integer count) {
    return count == 1 ? null : count - 1;
  }

  /** Tickets in check now. */
  int size() {
    return sum.get();
  }
}
