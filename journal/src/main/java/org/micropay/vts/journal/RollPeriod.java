package org.micropay.vts.journal;

import net.openhft.chronicle.queue.RollCycle;
import net.openhft.chronicle.queue.rollcycles.SparseRollCycles;

/** How often the journal begins a new file, by the time of its records (UTC). */
public enum RollPeriod {
  /** A file per hour, up to 17 billion records. */
  HOURLY(SparseRollCycles.LARGE_HOURLY_SPARSE),
  /** A file per day, for low traffic. */
  DAILY(SparseRollCycles.HUGE_DAILY_XSPARSE);

  private final RollCycle cycle;

  RollPeriod(RollCycle cycle) {
    this.cycle = cycle;
  }

  /** Start of the period that {@code timeMillis} falls into, milliseconds since the epoch. */
  long startOf(long timeMillis) {
    return timeMillis - timeMillis % cycle.lengthInMillis();
  }

  RollCycle cycle() {
    return cycle;
  }
}
