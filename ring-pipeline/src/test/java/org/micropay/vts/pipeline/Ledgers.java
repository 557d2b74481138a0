package org.micropay.vts.pipeline;

import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.ledger.LedgerPolicy;
import org.micropay.vts.ledger.RecordType;

/** Ledgers at the beginning of a journal, and rebuilt from one. */
final class Ledgers {
  private Ledgers() {}

  /** A ledger whose policy is the first record of {@code journal}. */
  static Ledger createConfigured(LedgerPolicy policy, DecisionJournal journal) {
    appendConfig(policy, journal);
    Ledger ledger = Ledger.create(policy);
    ledger.configure(1, TestEscrows.NOW, policy);
    return ledger;
  }

  static void appendConfig(LedgerPolicy policy, DecisionJournal journal) {
    byte[] payload = policy.encode();
    journal.append(
        1,
        RecordType.CONFIG.number(),
        TestEscrows.NOW,
        new UnsafeBuffer(payload),
        0,
        payload.length);
    journal.sync();
  }

  /** A ledger that has replayed the first {@code records} records. */
  static Ledger replay(LedgerPolicy policy, MemoryJournal journal, long records) {
    Ledger ledger = Ledger.create(policy);
    for (MemoryJournal.Entry entry : journal.entries()) {
      if (entry.position() <= records) {
        UnsafeBuffer payload = new UnsafeBuffer(entry.payload());
        ledger.apply(
            entry.position(), entry.type(), entry.timeMillis(), payload, 0, payload.capacity());
      }
    }
    return ledger;
  }
}
