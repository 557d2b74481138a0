package org.micropay.vts.simulation;

import java.nio.file.Path;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.journal.ChronicleJournal;
import org.micropay.vts.journal.JournalConfig;
import org.micropay.vts.journal.RollPeriod;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.ledger.LedgerPolicy;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.pipeline.DecisionJournal;

/** A production journal as the pipeline's port, with the small sizes that tests of crashes use. */
record JournalPort(ChronicleJournal journal) implements DecisionJournal {
  private static final int BLOCK_BYTES = 4 << 20;
  private static final int RESERVE_BYTES = 1 << 20;

  static JournalConfig config(Path folder) {
    return new JournalConfig(folder, new byte[32], RollPeriod.HOURLY, RESERVE_BYTES, BLOCK_BYTES);
  }

  /** The ledger that recovery left; a new one, journaled as the first record, when it left none. */
  static Ledger configured(
      JournalFold fold, ChronicleJournal journal, LedgerPolicy policy, long timeMillis) {
    if (fold.ledger() != null) {
      return fold.ledger();
    }
    Ledger ledger = Ledger.create(policy);
    try {
      ledger.configure(1, timeMillis, policy);
      byte[] payload = policy.encode();
      journal.append(
          1, RecordType.CONFIG.number(), timeMillis, new UnsafeBuffer(payload), 0, payload.length);
      journal.sync();
      return ledger;
    } catch (RuntimeException e) {
      ledger.close();
      throw e;
    }
  }

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
