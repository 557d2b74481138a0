package org.micropay.vts.settlement;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.agrona.collections.LongArrayList;
import org.micropay.vts.ticket.Outpoint;

/**
 * The claims that settlement has in hand: all that are not final, and among them those that wait
 * for a batch. Forgotten at the end of the process; the journal's grants and the batches bring it
 * back. The chain thread owns it.
 */
final class ClaimQueue {
  /** Those nearest to their refund first, then the oldest. */
  private static final Comparator<ReleasePair> ORDER =
      Comparator.comparingInt(ReleasePair::refundHeight).thenComparingLong(ReleasePair::position);

  /**
   * A claim that waits for a batch.
   *
   * @param sinceMillis when it began to wait
   */
  record Waiting(ReleasePair pair, long sinceMillis) {}

  /** Why a waiting claim is kept out of batches, and whether the next block ends that. */
  private record Hold(String why, boolean untilBlock) {}

  private final Map<Outpoint, ReleasePair> known = new HashMap<>();
  // In the order of arrival.
  private final Map<Long, Waiting> waiting = new LinkedHashMap<>();
  private final Map<Long, Hold> held = new HashMap<>();

  /** Takes note of a claim that may still be spent or come back. */
  void know(ReleasePair pair) {
    known.put(pair.outpoint(), pair);
  }

  void forget(ReleasePair pair) {
    known.remove(pair.outpoint());
    done(pair.position());
  }

  /** Forgets those that ended outside our batches, and gives the positions of the others. */
  LongArrayList forgetFinal(SettlementState state) {
    known.values().removeIf(pair -> !state.needs(pair.position()));
    LongArrayList open = new LongArrayList();
    known.values().forEach(pair -> open.addLong(pair.position()));
    return open;
  }

  /** The claim on an escrow, or null. */
  ReleasePair on(Outpoint outpoint) {
    return known.get(outpoint);
  }

  /** All claims that are not final. */
  Collection<ReleasePair> known() {
    return known.values();
  }

  void await(ReleasePair pair, long nowMillis) {
    know(pair);
    waiting.putIfAbsent(pair.position(), new Waiting(pair, nowMillis));
  }

  void done(long position) {
    waiting.remove(position);
    held.remove(position);
  }

  /** Keeps a claim out of batches until the next block. */
  void hold(long position, String why) {
    if (waiting.containsKey(position)) {
      held.putIfAbsent(position, new Hold(why, true));
    }
  }

  /** Keeps a claim out of batches until {@link #resume}. */
  void suspend(long position, String why) {
    if (waiting.containsKey(position)) {
      held.put(position, new Hold(why, false));
    }
  }

  void resume(long position) {
    held.remove(position);
  }

  /** A block came: whatever was held until then may try again. */
  void releaseHeld() {
    held.values().removeIf(Hold::untilBlock);
  }

  int size() {
    return waiting.size();
  }

  int heldCount() {
    return held.size();
  }

  int readyCount() {
    return waiting.size() - held.size();
  }

  /** Why each held claim is held, by position. */
  Map<Long, String> heldReasons() {
    Map<Long, String> reasons = new java.util.TreeMap<>();
    held.forEach((position, hold) -> reasons.put(position, hold.why()));
    return reasons;
  }

  /** Claims that may go into a batch: those nearest to their refund first, then the oldest. */
  List<ReleasePair> ready() {
    List<ReleasePair> ready = new ArrayList<>();
    for (Waiting one : waiting.values()) {
      if (!held.containsKey(one.pair().position())) {
        ready.add(one.pair());
      }
    }
    ready.sort(ORDER);
    return ready;
  }

  /** The lowest refund height of a claim that waits; Integer.MAX_VALUE when none does. */
  int nearestRefund() {
    int nearest = Integer.MAX_VALUE;
    for (Waiting one : waiting.values()) {
      nearest = Math.min(nearest, one.pair().refundHeight());
    }
    return nearest;
  }

  /** When the longest waiting claim came; Long.MAX_VALUE when none waits. */
  long oldestMillis() {
    for (Waiting one : waiting.values()) {
      if (!held.containsKey(one.pair().position())) {
        return one.sinceMillis();
      }
    }
    return Long.MAX_VALUE;
  }
}
