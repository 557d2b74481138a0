package org.micropay.vts.merchant;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Where tickets are taken: it uses asks up and notes what it took before anyone is told. One lock,
 * held for the few bits and the one unsynced write of a whole batch, makes that of two equal
 * tickets exactly one buys, whichever threads bring them. Thread-safe.
 */
final class TicketTill implements AutoCloseable {
  private static final long SLACK_SECONDS = 2;

  private final TicketJournal journal;
  private final RedeemedAsks redeemed;
  private final long askLifeSeconds;
  private final LongSupplier millisClock;
  private final LongAdder batches = new LongAdder();
  private final LongAdder checked = new LongAdder();
  private volatile IOException broken;

  /** What became of an offered ticket. */
  enum Taking {
    /** It buys. */
    TAKEN,
    /** Its ask is too old. */
    ASK_EXPIRED,
    /** Its ask bought something before. */
    REDEEMED,
    /** The disk did not take the note: nothing was bought. */
    UNSTORED
  }

  /**
   * A ticket whose signatures hold.
   *
   * @param counter of its ask
   * @param type of its escrow
   * @param won whether it wins
   */
  record Offer(long counter, TicketClass type, boolean won) {}

  TicketTill(
      TicketJournal journal, RedeemedAsks redeemed, long askLifeSeconds, LongSupplier millisClock) {
    this.journal = journal;
    this.redeemed = redeemed;
    this.askLifeSeconds = askLifeSeconds;
    this.millisClock = millisClock;
  }

  /** Takes what can be taken; one answer for each offer, all on disk (not synced) on return. */
  Taking[] take(List<Offer> offers) {
    Taking[] takings = new Taking[offers.size()];
    long now = millisClock.getAsLong() / 1000;
    synchronized (this) {
      for (int i = 0; i < takings.length; i++) {
        takings[i] = take(offers.get(i), now);
      }
      if (!flush()) {
        Arrays.fill(takings, Taking.UNSTORED);
      }
    }
    return takings;
  }

  private Taking take(Offer offer, long nowSeconds) {
    if (nowSeconds - AskCounter.secondOf(offer.counter()) > askLifeSeconds) {
      return Taking.ASK_EXPIRED;
    }
    if (!redeemed.redeem(offer.counter())) {
      return Taking.REDEEMED;
    }
    journal.taken(offer.counter(), offer.type(), offer.won());
    return Taking.TAKEN;
  }

  /** Makes the ask of a taken ticket good again; false when that could not be noted. */
  synchronized boolean reopen(Offer taken) {
    redeemed.reopen(taken.counter());
    journal.reopened(taken.counter(), taken.type(), taken.won());
    return flush();
  }

  private boolean flush() {
    try {
      journal.flush();
      return true;
    } catch (IOException e) {
      broken = e;
      return false;
    }
  }

  /** Statistics as of now; computed outside of the lock. */
  RevenueStatistics statistics() {
    Supplier<RevenueStatistics> now;
    synchronized (this) {
      now = journal.statistics();
    }
    return now.get();
  }

  /** Forgets asks that are too old to come; a housekeeper calls it about once a second. */
  synchronized void tidy() {
    long oldest = millisClock.getAsLong() / 1000 - askLifeSeconds - SLACK_SECONDS;
    redeemed.forgetBefore(oldest);
    try {
      journal.tidy(oldest);
    } catch (IOException e) {
      broken = e;
    }
  }

  /** Counts a batch whose signatures were checked. */
  void countBatch(int tickets) {
    batches.increment();
    checked.add(tickets);
  }

  /** Batches so far. */
  long batches() {
    return batches.sum();
  }

  /** Tickets whose signatures were checked. */
  long checked() {
    return checked.sum();
  }

  /** Age in seconds after which an ask is not taken. */
  long askLifeSeconds() {
    return askLifeSeconds;
  }

  /** The failure that keeps tickets from being noted, if any. */
  Optional<IOException> fault() {
    return Optional.ofNullable(broken);
  }

  @Override
  public synchronized void close() {
    journal.close();
  }
}
