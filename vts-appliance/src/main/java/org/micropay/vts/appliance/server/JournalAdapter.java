package org.micropay.vts.appliance.server;

import org.agrona.DirectBuffer;
import org.micropay.vts.journal.Journal;
import org.micropay.vts.pipeline.DecisionJournal;

/** The journal as the pipeline's port. The same contract under two names, so it only passes on. */
public record JournalAdapter(Journal journal) implements DecisionJournal {
  @Override
  public long nextPosition() {
    return journal.nextPosition();
  }

  @Override
  public void append(
      long position, int type, long timeMillis, DirectBuffer payload, int offset, int length) {
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
