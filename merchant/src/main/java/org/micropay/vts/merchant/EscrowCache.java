package org.micropay.vts.merchant;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.micropay.vts.ticket.Bytes32;

/**
 * What the VTS said of escrows, for a short while: bounded in number (the least recently used goes)
 * and in age. One question at a time per escrow; whoever asks meanwhile gets the same answer.
 * Thread-safe; one lock, never held while the VTS is asked.
 */
final class EscrowCache {
  private static final int MAX_QUESTIONS = 1024;

  private final EscrowSource source;
  private final Limits limits;
  private final LongSupplier nanoClock;
  private final Map<Bytes32, Entry> entries;
  private final Map<Bytes32, CompletableFuture<EscrowFacts>> asking = new HashMap<>();

  private record Entry(EscrowFacts facts, long seenNanos, boolean pinned) {}

  /**
   * How much and how long.
   *
   * @param entries escrows remembered at most
   * @param maxAgeMillis after which a live escrow is asked about again
   * @param refusedAgeMillis the same for one that is not live: short, because it may become so
   * @param maxStaleMillis how old an answer may be when the VTS cannot be asked
   */
  record Limits(int entries, long maxAgeMillis, long refusedAgeMillis, long maxStaleMillis) {}

  EscrowCache(EscrowSource source, Limits limits, LongSupplier nanoClock) {
    this.source = source;
    this.limits = limits;
    this.nanoClock = nanoClock;
    this.entries =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<Bytes32, EscrowCache.Entry> eldest) {
            return size() > limits.entries();
          }
        };
  }

  /** The facts, from memory or from the VTS; fails with {@link VtsException}. */
  CompletableFuture<EscrowFacts> lookup(Bytes32 termsDigest) {
    CompletableFuture<EscrowFacts> answer;
    synchronized (entries) {
      Entry entry = entries.get(termsDigest);
      if (entry != null && isFresh(entry)) {
        return CompletableFuture.completedFuture(entry.facts);
      }
      CompletableFuture<EscrowFacts> running = asking.get(termsDigest);
      if (running != null) {
        return running;
      }
      if (asking.size() >= MAX_QUESTIONS) {
        return CompletableFuture.failedFuture(
            new VtsException("too many escrows are being asked about at once"));
      }
      answer = new CompletableFuture<>();
      asking.put(termsDigest, answer);
    }
    ask(termsDigest, answer);
    return answer;
  }

  private void ask(Bytes32 termsDigest, CompletableFuture<EscrowFacts> answer) {
    CompletableFuture<EscrowFacts> question;
    try {
      question = source.lookup(termsDigest);
    } catch (RuntimeException e) {
      question = CompletableFuture.failedFuture(e);
    }
    question.whenComplete(
        (facts, failure) -> {
          EscrowFacts told = facts;
          synchronized (entries) {
            asking.remove(termsDigest);
            Entry known = entries.get(termsDigest);
            if (failure != null) {
              told = known != null && isUsable(known) ? known.facts : null;
            } else if (known != null && known.pinned && facts.state() == EscrowState.LIVE) {
              // Won here, and the VTS has not decided the claim yet.
              told = known.facts;
            } else {
              entries.put(termsDigest, new Entry(facts, nanoClock.getAsLong(), false));
            }
          }
          if (told != null) {
            answer.complete(told);
          } else {
            answer.completeExceptionally(cause(failure));
          }
        });
  }

  private static Throwable cause(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  /** An escrow that a ticket has just won is spent, whatever the VTS has heard of it. */
  void markWon(Bytes32 termsDigest) {
    synchronized (entries) {
      entries.computeIfPresent(
          termsDigest, (k, e) -> new Entry(e.facts.granted(), nanoClock.getAsLong(), true));
    }
  }

  /** Escrows remembered now. */
  int size() {
    synchronized (entries) {
      return entries.size();
    }
  }

  private boolean isFresh(Entry entry) {
    boolean live = entry.facts.state() == EscrowState.LIVE;
    return ageMillis(entry) < (live ? limits.maxAgeMillis() : limits.refusedAgeMillis());
  }

  private boolean isUsable(Entry entry) {
    return entry.pinned || ageMillis(entry) < limits.maxStaleMillis();
  }

  private long ageMillis(Entry entry) {
    return TimeUnit.NANOSECONDS.toMillis(nanoClock.getAsLong() - entry.seenNanos);
  }
}
