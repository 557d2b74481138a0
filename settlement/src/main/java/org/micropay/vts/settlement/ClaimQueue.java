package org.micropay.vts.settlement;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.micropay.vts.ticket.Outpoint;

/**
 * The claims that settlement has in hand: all that are not final, and among them those that wait
 * for a batch. Forgotten at the end of the process; the journal's grants and the batches bring it
 * back. The chain thread owns it.
 */
final class ClaimQueue {
  private record Waiting(ReleasePair pair, long sinceMillis) {}

  private final Map<Outpoint, ReleasePair> known = new HashMap<>();
  // In the order of arrival.
  private final Map<Long, Waiting> waiting = new LinkedHashMap<>();
  private final Set<Long> held = new HashSet<>();

  /** Takes note of a claim that may still be spent or come back. */
  void know(ReleasePair pair) {
    known.put(pair.outpoint(), pair);
  }

  void forget(ReleasePair pair) {
    known.remove(pair.outpoint());
    waiting.remove(pair.position());
    held.remove(pair.position());
  }

  /** The claim on an escrow, or null. */
  ReleasePair on(Outpoint outpoint) {
    return known.get(outpoint);
  }

  void await(ReleasePair pair, long nowMillis) {
    know(pair);
    waiting.putIfAbsent(pair.position(), new Waiting(pair, nowMillis));
  }

  void done(long position) {
    waiting.remove(position);
    held.remove(position);
  }

  /** Keeps a claim out of batches until {@link #releaseHeld}. */
  void hold(long position) {
    if (waiting.containsKey(position)) {
      held.add(position);
    }
  }

  void releaseHeld() {
    held.clear();
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

  /** Claims that may go into a batch: those nearest to their refund first, then the oldest. */
  List<ReleasePair> ready() {
    List<ReleasePair> ready = new ArrayList<>();
    for (Waiting one : waiting.values()) {
      if (!held.contains(one.pair().position())) {
        ready.add(one.pair());
      }
    }
    ready.sort(
        Comparator.comparingInt(ReleasePair::refundHeight)
            .thenComparingLong(ReleasePair::position));
    return ready;
  }

  /** When the longest waiting claim came; Long.MAX_VALUE when none waits. */
  long oldestMillis() {
    for (Waiting one : waiting.values()) {
      if (!held.contains(one.pair().position())) {
        return one.sinceMillis();
      }
    }
    return Long.MAX_VALUE;
  }
}
