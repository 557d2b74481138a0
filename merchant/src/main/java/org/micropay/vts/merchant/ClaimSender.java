package org.micropay.vts.merchant;

import java.util.Optional;
import java.util.concurrent.DelayQueue;
import java.util.concurrent.Delayed;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.micropay.vts.secp256k1.Ecdsa;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Claim;

/**
 * Claims stored winners until the VTS has answered for good: again and again, with growing pauses,
 * because a repeat gets the same answer. A grant counts only when its counter-signature verifies.
 * Any thread hands winners in; virtual threads send, a bounded number at once.
 */
final class ClaimSender implements AutoCloseable {
  private static final int AT_ONCE = 32;
  private static final long FIRST_PAUSE_MILLIS = 100;
  private static final long LONGEST_PAUSE_MILLIS = 30_000;
  private static final int DOUBLINGS = 9;

  private final ClaimSink sink;
  private final ClaimStore store;
  private final LongSupplier millisClock;
  private final Consumer<String> problems;
  private final DelayQueue<Attempt> waiting = new DelayQueue<>();
  private final Semaphore room = new Semaphore(AT_ONCE);
  private final AtomicLong failures = new AtomicLong();
  private volatile String lastProblem = "";
  private volatile boolean closed;
  private Thread dispatcher;

  private record Attempt(Claim claim, int number, long dueNanos) implements Delayed {
    @Override
    public long getDelay(TimeUnit unit) {
      return unit.convert(dueNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    @Override
    public int compareTo(Delayed other) {
      return Long.signum(dueNanos - ((Attempt) other).dueNanos);
    }
  }

  /**
   * A sender that does nothing before {@link #start}.
   *
   * @param problems told one line when sending begins to fail
   */
  ClaimSender(
      ClaimSink sink, ClaimStore store, LongSupplier millisClock, Consumer<String> problems) {
    this.sink = sink;
    this.store = store;
    this.millisClock = millisClock;
    this.problems = problems;
  }

  /** Sends what the last process left without an answer, and from now on what comes. */
  void start() {
    store.pending().forEach(stored -> submit(stored.claim()));
    dispatcher = Thread.ofVirtual().name("claim-dispatcher").start(this::dispatch);
  }

  /** Claims a winner that is stored. */
  void submit(Claim claim) {
    waiting.add(new Attempt(claim, 0, System.nanoTime()));
  }

  private void dispatch() {
    try {
      while (!closed) {
        Attempt attempt = waiting.take();
        room.acquire();
        Thread.ofVirtual()
            .name("claim")
            .start(
                () -> {
                  try {
                    send(attempt);
                  } finally {
                    room.release();
                  }
                });
      }
    } catch (InterruptedException e) {
      // Closed; what waits is on disk and sent by the next process.
    }
  }

  private void send(Attempt attempt) {
    Claim claim = attempt.claim;
    try {
      ClaimReply reply = sink.claim(claim);
      Optional<String> fault = faultOf(claim, reply);
      if (fault.isPresent()) {
        again(attempt, reply.retryAfterMillis(), fault.get());
      } else {
        store.answer(claim.id(), reply, millisClock.getAsLong()).join();
        lastProblem = "";
      }
    } catch (RuntimeException e) {
      again(attempt, 0, e.getMessage() == null ? e.toString() : e.getMessage());
    }
  }

  /** Why a reply is not final; empty when it is. */
  private Optional<String> faultOf(Claim claim, ClaimReply reply) {
    AnswerCode code = reply.code();
    if (code == AnswerCode.GRANTED) {
      boolean signed =
          reply.counterSignature().isPresent()
              && Ecdsa.verify(
                  claim.spendTemplate().digest().toArray(),
                  reply.counterSignature().get().toArray(),
                  claim.terms().vtsKey().toArray());
      return signed
          ? Optional.empty()
          : Optional.of("the VTS granted a claim with an invalid counter-signature");
    }
    boolean expired = millisClock.getAsLong() / 1000 > claim.expiry();
    boolean mayChange = code.retryable() || code == AnswerCode.INTERNAL;
    return mayChange && !expired ? Optional.of("the VTS answers " + code) : Optional.empty();
  }

  private void again(Attempt attempt, long hintMillis, String why) {
    failures.incrementAndGet();
    if (!why.equals(lastProblem)) {
      lastProblem = why;
      problems.accept(why);
    }
    if (closed) {
      return;
    }
    long pause =
        Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(attempt.number, DOUBLINGS));
    long jittered = (long) (pause * (0.8 + 0.4 * ThreadLocalRandom.current().nextDouble()));
    long delay = TimeUnit.MILLISECONDS.toNanos(Math.max(hintMillis, jittered));
    waiting.add(new Attempt(attempt.claim, attempt.number + 1, System.nanoTime() + delay));
  }

  /** Attempts that got no final answer. */
  long failures() {
    return failures.get();
  }

  /** Why the last attempt got no final answer; empty when it did. */
  String lastProblem() {
    return lastProblem;
  }

  /** Stops sending and waits for what is on its way; the rest stays on disk. */
  @Override
  public void close() {
    closed = true;
    if (dispatcher != null) {
      dispatcher.interrupt();
      room.acquireUninterruptibly(AT_ONCE);
    }
  }
}
