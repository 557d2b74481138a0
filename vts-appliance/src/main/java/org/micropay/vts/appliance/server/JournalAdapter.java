package org.micropay.vts.appliance.server;

import org.agrona.DirectBuffer;
import org.micropay.vts.journal.Journal;
import org.micropay.vts.pipeline.DecisionJournal;

/**
 * The journal as the pipeline's port: the same contract under two names, and between them the guard
 * that refuses a second grant of an escrow before it is written. The journal stage's thread.
 */
public final class JournalAdapter implements DecisionJournal {
  private final Journal journal;
  private final GrantGuard guard;

  JournalAdapter(Journal journal, GrantGuard guard) {
    this.journal = journal;
    this.guard = guard;
  }

  /** For a journal without grants, of a ledger of this capacity; the guard's memory stays. */
  public static JournalAdapter guarded(Journal journal, int escrowCapacity) {
    return new JournalAdapter(journal, GrantGuard.create(escrowCapacity));
  }

  @Override
  public long nextPosition() {
    return journal.nextPosition();
  }

  @Override
  public void announce(long position, int type, DirectBuffer payload, int offset, int length) {
    guard.announce(position, type, payload, offset, length);
  }

  @Override
  public void append(
      long position, int type, long timeMillis, DirectBuffer payload, int offset, int length) {
    guard.onRecord(position, type, payload, offset, length);
    journal.append(position, type, timeMillis, payload, offset, length);
  }

  @Override
  public void sync() {
    journal.sync();
  }

  @Override
  public long durablePosition() {
    return journal.durablePosition();
  }

  @Override
  public boolean belowReserve() {
    return journal.belowReserve();
  }
}
