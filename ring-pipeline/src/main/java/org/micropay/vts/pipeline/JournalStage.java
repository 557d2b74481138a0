package org.micropay.vts.pipeline;

import com.lmax.disruptor.Sequence;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ledger.StateDigestRecord;

/**
 * Appends the decisions of a batch and makes them durable with one sync (group commit): the longer
 * a sync takes, the more decisions the next one covers.
 */
final class JournalStage extends Stage {
  private static final int STATE_DIGEST_RECORD = RecordType.STATE_DIGEST.number();

  private final DecisionJournal journal;
  private final DiskReserve diskReserve;
  private final int batch;
  private long nextPosition;

  JournalStage(
      StageContext context,
      PipelineConfig config,
      DecisionJournal journal,
      DiskReserve diskReserve,
      Sequence decided) {
    super("journal", context, decided);
    this.journal = journal;
    this.diskReserve = diskReserve;
    this.batch = config.journalBatch();
    this.nextPosition = journal.nextPosition();
    diskReserve.update(journal.belowReserve());
  }

  @Override
  int poll(int limit) {
    long next = position() + 1;
    long last = Math.min(available(next), next + Math.min(limit, batch) - 1);
    long before = nextPosition;
    for (long at = next; at <= last; at++) {
      append(slot(at));
    }
    if (nextPosition != before) {
      sync();
    }
    if (last < next) {
      return 0;
    }
    advance(last);
    return (int) (last - next + 1);
  }

  private void append(ClaimSlot slot) {
    if (slot.recordPosition != 0) {
      checkPosition(slot.recordPosition);
      journal.append(
          slot.recordPosition,
          slot.recordType,
          slot.ledgerMillis,
          slot.recordBuffer(),
          slot.recordOffset,
          slot.recordLength);
    }
    if (slot.digestPosition != 0) {
      checkPosition(slot.digestPosition);
      journal.append(
          slot.digestPosition,
          STATE_DIGEST_RECORD,
          slot.ledgerMillis,
          slot.digestBuffer,
          0,
          StateDigestRecord.LENGTH);
    }
  }

  /** The journal's order is the ledger's order, without a gap; anything else would not replay. */
  private void checkPosition(long position) {
    if (position != nextPosition) {
      throw new IllegalStateException(
          "decided position " + position + " where the journal expects " + nextPosition);
    }
    nextPosition++;
  }

  private void sync() {
    journal.sync();
    if (journal.durablePosition() != nextPosition - 1) {
      throw new IllegalStateException(
          "sync returned with position "
              + journal.durablePosition()
              + " durable instead of "
              + (nextPosition - 1));
    }
    diskReserve.update(journal.belowReserve());
  }
}
