package org.micropay.vts.pipeline;

import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ledger.StateDigestRecord;

/**
 * Appends the decisions of a batch and makes them durable with one sync (group commit): the longer
 * a sync takes, the more decisions the next one covers.
 *
 * <p>Where a sync is fast, many small ones would cost more CPU than they save time. So a small
 * batch waits, for {@value #LINGER_NANOS} ns at most, and only while claims before the decide stage
 * will add to it; when nothing else is on the ring it never waits. Behind a backlog, where claims
 * wait for longer than that in any case, a batch may wait for {@value #BACKLOG_LINGER_NANOS} ns to
 * become larger.
 */
final class JournalStage extends Stage {
  static final long LINGER_NANOS = 1_000_000L;

  static final long BACKLOG_LINGER_NANOS = 4_000_000L;

  private static final int WORTH_A_SYNC = 4; // batches of at least this part of the largest
  private static final int WORTH_BEHIND_BACKLOG = 2;
  private static final int BACKLOG_BATCHES = 2; // so many of the largest before the decide stage

  /** Slots whose cache lines are fetched together before they are appended one by one. */
  private static final int TOUCHED_AHEAD = 32;

  private static final int STATE_DIGEST_RECORD = RecordType.STATE_DIGEST.number();

  private final DecisionJournal journal;
  private final DiskReserve diskReserve;
  private final int batch;
  private final RingBuffer<ClaimSlot> ring;
  private boolean lingers;
  private long lingersSince;
  private long nextPosition;
  private long unused;

  JournalStage(
      StageContext context,
      PipelineConfig config,
      DecisionJournal journal,
      DiskReserve diskReserve,
      Sequence decided) {
    super("journal", context, decided);
    this.ring = context.ring();
    this.journal = journal;
    this.diskReserve = diskReserve;
    this.batch = config.journalBatch();
    this.nextPosition = journal.nextPosition();
    diskReserve.update(journal.belowReserve());
  }

  @Override
  int poll(int limit) {
    long next = position() + 1;
    long decided = available(next, Long.MAX_VALUE);
    long last = Math.min(decided, next + Math.min(limit, batch) - 1);
    if (shouldLinger(last - next + 1, decided)) {
      return 0;
    }
    long before = nextPosition;
    for (long first = next; first <= last; first += TOUCHED_AHEAD) {
      append(first, Math.min(last, first + TOUCHED_AHEAD - 1));
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

  private boolean shouldLinger(long slots, long decided) {
    long coming = ring.getCursor() - decided;
    boolean backlog = coming >= (long) BACKLOG_BATCHES * batch;
    boolean small = slots > 0 && slots < batch / (backlog ? WORTH_BEHIND_BACKLOG : WORTH_A_SYNC);
    if (!small || coming == 0) {
      lingers = false;
      return false;
    }
    long now = nanoTime();
    if (!lingers) {
      lingers = true;
      lingersSince = now;
    }
    if (now - lingersSince < (backlog ? BACKLOG_LINGER_NANOS : LINGER_NANOS)) {
      return true;
    }
    lingers = false;
    return false;
  }

  private void append(long first, long last) {
    long read = 0;
    for (long at = first; at <= last; at++) {
      read += slot(at).touchRow();
    }
    unused = read; // a field, so that the compiler keeps the loads
    for (long at = first; at <= last; at++) {
      announce(slot(at));
    }
    for (long at = first; at <= last; at++) {
      append(slot(at));
    }
  }

  private void announce(ClaimSlot slot) {
    if (slot.recordPosition != 0) {
      journal.announce(
          slot.recordPosition,
          slot.recordType,
          slot.recordBuffer(),
          slot.recordOffset,
          slot.recordLength);
    }
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
