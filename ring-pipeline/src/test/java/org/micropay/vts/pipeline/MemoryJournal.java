package org.micropay.vts.pipeline;

import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;

/** A journal in memory with faults at will. A record counts as durable when a sync covered it. */
final class MemoryJournal implements DecisionJournal {
  /** One record as it was appended. */
  record Entry(long position, int type, long timeMillis, byte[] payload) {}

  private final List<Entry> entries = new ArrayList<>();
  private volatile long durable;
  private volatile boolean belowReserve;
  private int appendsUntilFault = Integer.MAX_VALUE;
  private int syncsUntilFault = Integer.MAX_VALUE;
  private boolean syncDoesNothing;
  private boolean failed;
  long syncs;

  /** The append after the next {@code count} throws. */
  void failAppendAfter(int count) {
    appendsUntilFault = count;
  }

  /** The sync after the next {@code count} throws. */
  void failSyncAfter(int count) {
    syncsUntilFault = count;
  }

  /** From now on sync returns without having made anything durable. */
  void stopSyncing() {
    syncDoesNothing = true;
  }

  void belowReserve(boolean value) {
    belowReserve = value;
  }

  List<Entry> entries() {
    return entries;
  }

  boolean hasFailed() {
    return failed;
  }

  @Override
  public long nextPosition() {
    return entries.size() + 1L;
  }

  @Override
  public void append(
      long position, int type, long timeMillis, DirectBuffer payload, int offset, int length) {
    requireNotFailed();
    if (appendsUntilFault-- <= 0) {
      failed = true;
      throw new IllegalStateException("injected: append of " + position);
    }
    if (position != nextPosition()) {
      throw new IllegalStateException("append of " + position + " instead of " + nextPosition());
    }
    if (!entries.isEmpty() && timeMillis < entries.getLast().timeMillis()) {
      throw new IllegalStateException("time falls at position " + position);
    }
    byte[] bytes = new byte[length];
    payload.getBytes(offset, bytes);
    entries.add(new Entry(position, type, timeMillis, bytes));
  }

  @Override
  public void sync() {
    requireNotFailed();
    if (syncsUntilFault-- <= 0) {
      failed = true;
      throw new IllegalStateException("injected: sync");
    }
    syncs++;
    if (!syncDoesNothing) {
      durable = entries.size();
    }
  }

  private void requireNotFailed() {
    if (failed) {
      throw new AssertionError("the journal was used after it had failed");
    }
  }

  @Override
  public long durablePosition() {
    return durable;
  }

  @Override
  public boolean belowReserve() {
    return belowReserve;
  }
}
