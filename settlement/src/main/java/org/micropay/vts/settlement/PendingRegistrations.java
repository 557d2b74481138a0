package org.micropay.vts.settlement;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.PriorityQueue;
import java.util.Set;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Registration;

/**
 * Registrations that came before their funding: remembered, not journaled, until a block holds what
 * they name, or until they expire. A restart forgets them; the buyer then registers again.
 *
 * <p>Kept by the whole registration, not by the outpoint: whoever names another's outpoint first
 * takes nothing from him, because only the output's script decides whose registration it is.
 * Bounded in all, and for each client, so that a flood costs others nothing but this convenience: a
 * registration after the funding needs no room here. The chain thread owns it.
 */
final class PendingRegistrations {
  /**
   * How much is remembered and how long.
   *
   * @param total registrations of all clients
   * @param perClient of one client
   * @param blocks after which one is forgotten
   */
  record Limits(int total, int perClient, int blocks) {
    /** 16,384 in all, about 16 MiB; 256 a client; a day of blocks. */
    static final Limits DEFAULT = new Limits(16_384, 256, 144);
  }

  /** The ledger is asked again after so long when it refuses for now; twice that next time. */
  static final long FIRST_RETRY_MILLIS = 250;

  static final long LONGEST_RETRY_MILLIS = 64_000;

  private record Pending(Registration registration, String client, int expiry) {}

  private record Retry(Bytes32 digest, long dueMillis, long delayMillis) {
    /** Also when the clock was set back: no wait may be longer than it was meant to be. */
    boolean isDue(long nowMillis) {
      return nowMillis >= dueMillis || nowMillis < dueMillis - delayMillis;
    }
  }

  private final Limits limits;
  private final Map<Bytes32, Pending> byDigest = new LinkedHashMap<>();
  private final Map<Bytes32, Set<Bytes32>> byFundingTxid = new HashMap<>();
  private final Map<String, Integer> perClient = new HashMap<>();
  private final Set<Bytes32> seen = new LinkedHashSet<>();
  private final Map<Bytes32, Retry> retries = new HashMap<>();
  private final PriorityQueue<Retry> retriesByTime =
      new PriorityQueue<>(Comparator.comparingLong(Retry::dueMillis));

  PendingRegistrations(Limits limits) {
    this.limits = limits;
  }

  int size() {
    return byDigest.size();
  }

  /**
   * Remembers one; again the same expiry for one that is remembered already.
   *
   * @param client who asks, such as a network address
   * @return height of the last block at which it is still remembered; empty when there is no room
   */
  OptionalInt add(Registration registration, String client, int tipHeight) {
    Bytes32 digest = registration.digest();
    Pending known = byDigest.get(digest);
    if (known != null) {
      return OptionalInt.of(known.expiry());
    }
    int held = perClient.getOrDefault(client, 0);
    if (byDigest.size() >= limits.total() || held >= limits.perClient()) {
      return OptionalInt.empty();
    }
    Pending pending = new Pending(registration, client, tipHeight + limits.blocks());
    byDigest.put(digest, pending);
    perClient.put(client, held + 1);
    for (Bytes32 txid : fundings(registration)) {
      byFundingTxid.computeIfAbsent(txid, key -> new HashSet<>()).add(digest);
    }
    return OptionalInt.of(pending.expiry());
  }

  private static Set<Bytes32> fundings(Registration registration) {
    Set<Bytes32> txids = new HashSet<>();
    txids.add(registration.terms().outpoint().txid());
    registration.deposit().ifPresent(deposit -> txids.add(deposit.outpoint().txid()));
    return txids;
  }

  /** A block holds this transaction: what waits for it is looked up again. */
  void onTransaction(Bytes32 txid) {
    Set<Bytes32> waiting = byFundingTxid.get(txid);
    if (waiting != null) {
      seen.addAll(waiting);
    }
  }

  /** Forgets what has waited too long. */
  void onBlock(int height) {
    List<Registration> old = new ArrayList<>();
    for (Pending pending : byDigest.values()) {
      if (pending.expiry() < height) {
        old.add(pending.registration());
      }
    }
    old.forEach(this::remove);
  }

  /**
   * The ledger refused one for now: it is looked up again after a while, which doubles each time.
   */
  void postpone(Registration registration, long nowMillis) {
    Bytes32 digest = registration.digest();
    if (!byDigest.containsKey(digest)) {
      return;
    }
    Retry before = retries.get(digest);
    long delay =
        before == null
            ? FIRST_RETRY_MILLIS
            : Math.min(2 * before.delayMillis(), LONGEST_RETRY_MILLIS);
    Retry retry = new Retry(digest, nowMillis + delay, delay);
    retries.put(digest, retry);
    retriesByTime.add(retry);
  }

  private void wakePostponed(long nowMillis) {
    while (!retriesByTime.isEmpty() && retriesByTime.peek().isDue(nowMillis)) {
      Retry retry = retriesByTime.remove();
      // Another one took its place, or it was forgotten.
      if (retries.get(retry.digest()) == retry) {
        seen.add(retry.digest());
      }
    }
  }

  /**
   * Up to {@code most} registrations whose funding a block has shown, or whose wait is over; each
   * is given once.
   */
  List<Registration> takeSeen(int most, long nowMillis) {
    wakePostponed(nowMillis);
    List<Registration> taken = new ArrayList<>();
    Iterator<Bytes32> digests = seen.iterator();
    while (digests.hasNext() && taken.size() < most) {
      Pending pending = byDigest.get(digests.next());
      digests.remove();
      if (pending != null) {
        taken.add(pending.registration());
      }
    }
    return taken;
  }

  /** It is registered, or never will be. */
  void remove(Registration registration) {
    Bytes32 digest = registration.digest();
    Pending pending = byDigest.remove(digest);
    if (pending == null) {
      return;
    }
    perClient.merge(pending.client(), -1, (a, b) -> a + b == 0 ? null : a + b);
    seen.remove(digest);
    retries.remove(digest);
    for (Bytes32 txid : fundings(registration)) {
      Set<Bytes32> waiting = byFundingTxid.get(txid);
      waiting.remove(digest);
      if (waiting.isEmpty()) {
        byFundingTxid.remove(txid);
      }
    }
  }
}
