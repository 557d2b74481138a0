package org.micropay.vts.simulation;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;

/**
 * What happened, in order: the last lines for people, and a hash over all of them, by which two
 * runs of one seed are compared. One thread.
 */
final class Trace {
  private static final int KEPT = 400;
  private static final long FNV_PRIME = 0x100000001B3L;

  private final Deque<String> lines = new ArrayDeque<>();
  private final SimulatedClock clock;
  private long hash = 0xCBF29CE484222325L;
  private long events;

  Trace(SimulatedClock clock) {
    this.clock = clock;
  }

  void note(String format, Object... values) {
    String line = String.format(Locale.ROOT, format, values);
    for (int i = 0; i < line.length(); i++) {
      hash = (hash ^ line.charAt(i)) * FNV_PRIME;
    }
    if (lines.size() == KEPT) {
      lines.removeFirst();
    }
    lines.addLast(events++ + " " + clock.millis() + " " + line);
  }

  /** The last lines: number, simulated time, event. */
  List<String> lines() {
    return List.copyOf(lines);
  }

  long hash() {
    return hash;
  }
}
