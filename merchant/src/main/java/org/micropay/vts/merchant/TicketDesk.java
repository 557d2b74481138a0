package org.micropay.vts.merchant;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.ticket.Opening;
import org.micropay.vts.ticket.SpendTemplate;
import org.micropay.vts.ticket.Terms;
import org.micropay.vts.ticket.Ticket;
import org.micropay.vts.ticket.WinRule;

/**
 * The one thread that takes tickets: it verifies signatures in batches, uses asks up, and notes
 * what it took before anyone is told. Nothing else touches {@link RedeemedAsks} and {@link
 * TicketJournal}, so no lock is needed and of two equal tickets exactly one buys.
 *
 * <p>A ticket that comes alone is checked at once. Behind a batch of several, the thread waits up
 * to {@link #LINGER_NANOS} for the lanes to fill: a kernel call for eight costs little more than
 * one for a single ticket.
 */
final class TicketDesk implements AutoCloseable {
  static final long LINGER_NANOS = 100_000;
  private static final int QUEUE = 8192;
  private static final int LANES = 8;
  private static final long TIDY_MILLIS = 1_000;
  private static final long SLACK_SECONDS = 2;

  private final TicketJournal journal;
  private final RedeemedAsks redeemed;
  private final long askLifeSeconds;
  private final LongSupplier millisClock;
  private final Kernel kernel;
  private final ArrayBlockingQueue<Job> queue = new ArrayBlockingQueue<>(QUEUE);
  private final Thread thread;
  private final AtomicLong batches = new AtomicLong();
  private final AtomicLong checked = new AtomicLong();
  private volatile RevenueStatistics statistics;
  private volatile boolean closed;
  private volatile IOException broken;
  private long nextTidy;

  private sealed interface Job {}

  /** A ticket that passed the cheap checks. */
  private record Check(
      PresentedTicket presented,
      Terms terms,
      Opening opening,
      byte[] ticketDigest,
      byte[] spendDigest,
      CompletableFuture<TicketCheck> result)
      implements Job {}

  private record Reopen(long counter, TicketClass type, boolean won, CompletableFuture<Void> done)
      implements Job {}

  private record Statistics(CompletableFuture<RevenueStatistics> result) implements Job {}

  TicketDesk(
      TicketJournal journal,
      RedeemedAsks redeemed,
      long askLifeSeconds,
      LongSupplier millisClock,
      Kernel kernel) {
    this.journal = journal;
    this.redeemed = redeemed;
    this.askLifeSeconds = askLifeSeconds;
    this.millisClock = millisClock;
    this.kernel = kernel;
    this.statistics = journal.statistics();
    this.thread =
        Thread.ofPlatform()
            .name("ticket-desk")
            .stackSize(2L * Kernel.STACK_BYTES)
            .unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /**
   * Checks a ticket whose commitment opens with {@code opening}, on terms that may pay; digests are
   * computed here, on the caller's thread.
   */
  CompletableFuture<TicketCheck> check(PresentedTicket presented, Terms terms, Opening opening) {
    Ticket ticket = presented.ticket();
    Check job =
        new Check(
            presented,
            terms,
            opening,
            ticket.digest().toArray(),
            SpendTemplate.release(terms, ticket.payoutScript()).digest().toArray(),
            new CompletableFuture<>());
    if (closed || !queue.offer(job)) {
      job.result.complete(
          new TicketCheck.Refused(
              TicketRefusal.OVERLOADED, QUEUE + " tickets are waiting to be checked"));
    }
    return job.result;
  }

  /** Makes the ask of a taken ticket good again. */
  CompletableFuture<Void> reopen(long counter, TicketClass type, boolean won) {
    Reopen job = new Reopen(counter, type, won, new CompletableFuture<>());
    if (closed || !queue.offer(job)) {
      job.done.complete(null);
    }
    return job.done;
  }

  /** Statistics as of now. */
  CompletableFuture<RevenueStatistics> statistics() {
    Statistics job = new Statistics(new CompletableFuture<>());
    if (closed || !queue.offer(job)) {
      job.result.complete(statistics);
    }
    return job.result;
  }

  private void run() {
    List<Job> jobs = new ArrayList<>(TicketVerifier.CAPACITY);
    try (TicketVerifier verifier = new TicketVerifier(kernel)) {
      int previous = 0;
      while (!closed || !queue.isEmpty()) {
        jobs.clear();
        Job first = queue.poll(TIDY_MILLIS, TimeUnit.MILLISECONDS);
        if (first != null) {
          jobs.add(first);
          queue.drainTo(jobs, TicketVerifier.CAPACITY - 1);
          if (previous > 1 && jobs.size() < LANES) {
            linger(jobs);
          }
          work(verifier, jobs);
        }
        previous = jobs.size();
        tidy();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      closed = true;
      jobs.addAll(queue);
      jobs.forEach(TicketDesk::abandon);
    }
  }

  private void linger(List<Job> jobs) {
    long deadline = System.nanoTime() + LINGER_NANOS;
    while (jobs.size() < LANES && System.nanoTime() < deadline) {
      LockSupport.parkNanos(LINGER_NANOS / 5);
      queue.drainTo(jobs, TicketVerifier.CAPACITY - jobs.size());
    }
  }

  private static void abandon(Job job) {
    switch (job) {
      case Check check ->
          check.result.complete(
              new TicketCheck.Refused(TicketRefusal.OVERLOADED, "the merchant is closing"));
      case Reopen reopen -> reopen.done.complete(null);
      case Statistics wanted -> wanted.result.cancel(false);
    }
  }

  private void work(TicketVerifier verifier, List<Job> jobs) {
    verifier.clear();
    int count = 0;
    for (Job job : jobs) {
      if (job instanceof Check check) {
        Ticket ticket = check.presented.ticket();
        verifier.add(
            check.ticketDigest,
            check.spendDigest,
            ticket.sigTicket().toArray(),
            ticket.sigSpend().toArray(),
            check.terms.buyerKey().toArray());
        count++;
      }
    }
    if (count > 0) {
      verifier.verify();
      batches.incrementAndGet();
      checked.addAndGet(count);
    }
    List<Runnable> answers = new ArrayList<>(jobs.size());
    int index = 0;
    for (Job job : jobs) {
      switch (job) {
        case Check check -> {
          TicketCheck result =
              decide(check, verifier.isTicketValid(index), verifier.isSpendValid(index));
          index++;
          answers.add(() -> check.result.complete(result));
        }
        case Reopen reopen -> {
          redeemed.reopen(reopen.counter);
          journal.reopened(reopen.counter, reopen.type, reopen.won);
          answers.add(() -> reopen.done.complete(null));
        }
        case Statistics wanted -> {
          statistics = journal.statistics();
          RevenueStatistics now = statistics;
          answers.add(() -> wanted.result.complete(now));
        }
      }
    }
    if (flush()) {
      answers.forEach(Runnable::run);
    } else {
      jobs.forEach(TicketDesk::refuseStorage);
    }
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

  private static void refuseStorage(Job job) {
    if (job instanceof Check check) {
      check.result.complete(
          new TicketCheck.Refused(TicketRefusal.STORAGE, "the ticket could not be noted"));
    } else {
      abandon(job);
    }
  }

  private TicketCheck decide(Check check, boolean ticketValid, boolean spendValid) {
    if (!ticketValid) {
      return new TicketCheck.Refused(
          TicketRefusal.BAD_TICKET_SIGNATURE, "sigTicket does not verify under the terms' key");
    }
    if (!spendValid) {
      return new TicketCheck.Refused(
          TicketRefusal.BAD_SPEND_SIGNATURE, "sigSpend does not verify under the terms' key");
    }
    PresentedTicket presented = check.presented;
    boolean won = WinRule.wins(check.opening.r1(), presented.ticket().r2(), check.terms.odds());
    // The commitment cannot be used any more, so its opening may be told.
    Optional<TicketResult> outcome =
        Optional.of(won ? TicketResult.won() : TicketResult.lost(check.opening));
    long age = millisClock.getAsLong() / 1000 - AskCounter.secondOf(presented.counter());
    if (age > askLifeSeconds) {
      return new TicketCheck.Refused(
          TicketRefusal.ASK_EXPIRED,
          "the ask was made %d s ago; it lives %d s".formatted(age, askLifeSeconds),
          outcome);
    }
    if (!redeemed.redeem(presented.counter())) {
      return new TicketCheck.Refused(
          TicketRefusal.REDEEMED,
          "ask " + PresentedTicket.counterText(presented.counter()) + " has bought something",
          outcome);
    }
    TicketClass type = new TicketClass(check.terms.payout(), check.terms.odds());
    journal.taken(presented.counter(), type, won);
    return won
        ? new TicketCheck.Won(
            org.micropay.vts.ticket.Claim.of(check.terms, presented.ticket(), check.opening))
        : new TicketCheck.Lost(check.opening);
  }

  private void tidy() {
    long now = millisClock.getAsLong();
    if (now < nextTidy) {
      return;
    }
    nextTidy = now + TIDY_MILLIS;
    long oldest = now / 1000 - askLifeSeconds - SLACK_SECONDS;
    redeemed.forgetBefore(oldest);
    try {
      journal.tidy(oldest);
    } catch (IOException e) {
      broken = e;
    }
  }

  /** Kernel calls so far. */
  long batches() {
    return batches.get();
  }

  /** Tickets whose signatures were checked. */
  long checked() {
    return checked.get();
  }

  /** Tickets waiting now. */
  int waiting() {
    return queue.size();
  }

  /** The failure that keeps tickets from being noted, if any. */
  Optional<IOException> fault() {
    return Optional.ofNullable(broken);
  }

  /** Checks what waits, then ends. */
  @Override
  public void close() {
    closed = true;
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    journal.close();
  }
}
