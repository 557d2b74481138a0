package org.micropay.vts.audit;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.micropay.vts.audit.JournalEdit.Entry;
import org.micropay.vts.audit.TestVts.Granted;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.settlement.Batch;
import org.micropay.vts.settlement.SettlementRecord;
import org.micropay.vts.ticket.Claim;

/** Settlement records that were edited. */
class EditedSettlementTest extends EditedHistory {
  private int stored() {
    return position(RecordType.BATCH_STORED, 0);
  }

  private SettlementRecord.BatchStored batch() {
    return (SettlementRecord.BatchStored)
        SettlementRecord.decode(RecordType.BATCH_STORED, at(stored()).payload());
  }

  private Entry stored(Batch content) {
    byte[] payload = new SettlementRecord.BatchStored(1, 0, content).encode();
    return at(stored()).withPayload(payload);
  }

  @Test
  void shouldNameABatchThatSpendsAnEscrowWithoutItsGrant() {
    byte[] payload = at(stored()).payload().clone();
    payload[32] ^= 1; // the position of the first pair
    assertFirst(
        AuditFinding.PAYMENT_WITHOUT_GRANT,
        stored(),
        rewrittenWith(stored(), at(stored()).withPayload(payload)));
  }

  @Test
  void shouldNameABatchThatPaysAnotherScript() {
    Granted one = vts.granted.getFirst();
    Claim other = vts.claim(vts.escrowOf(one));
    Batch wrong = vts.batch(List.of(new Granted(one.position(), other)));
    assertTrue(batch().content().pairs().getFirst().position() == one.position());
    assertFirst(AuditFinding.PAYMENT_DIFFERS, stored(), rewrittenWith(stored(), stored(wrong)));
  }

  @Test
  void shouldNameABatchWithAWrongCounterSignature() {
    Batch content = batch().content();
    byte[] raw = content.raw().clone();
    byte[] signature = content.pairs().getFirst().witness().getFirst();
    int at = indexOf(raw, signature);
    raw[at + 40] ^= 1; // within s
    byte[] payload = at(stored()).payload().clone();
    System.arraycopy(raw, 0, payload, payload.length - raw.length, raw.length);
    assertFirst(
        AuditFinding.PAYMENT_SIGNATURE,
        stored(),
        rewrittenWith(stored(), at(stored()).withPayload(payload)));
  }

  private static int indexOf(byte[] bytes, byte[] part) {
    for (int at = 0; at + part.length <= bytes.length; at++) {
      if (Arrays.equals(bytes, at, at + part.length, part, 0, part.length)) {
        return at;
      }
    }
    throw new AssertionError("not in it");
  }

  @Test
  void shouldNameABatchWhoseFeeIsNotWhatIsMissing() {
    byte[] payload = at(stored()).payload().clone();
    payload[20] ^= 1; // the fee
    assertFirst(
        AuditFinding.BATCH_ACCOUNT,
        stored(),
        rewrittenWith(stored(), at(stored()).withPayload(payload)));
  }

  @Test
  void shouldNameAClaimThatTwoConfirmedBatchesPay() {
    int confirmed = position(RecordType.BATCH_CONFIRMED, 0);
    Entry second =
        new Entry(
            RecordType.BATCH_STORED.number(),
            at(confirmed).timeMillis(),
            new SettlementRecord.BatchStored(2, 0, batch().content()).encode());
    byte[] again = at(confirmed).payload().clone();
    again[0] = 2;
    AuditReport report =
        rewritten(
            list -> {
              list.add(confirmed, second);
              list.add(confirmed + 1, at(confirmed).withPayload(again));
            });
    assertTrue(
        report.findings().stream().anyMatch(f -> f.code() == AuditFinding.PAID_TWICE),
        report.findings().toString());
  }

  @Test
  void shouldNameASettlementRecordThatCannotFollow() {
    int confirmed = position(RecordType.BATCH_CONFIRMED, 0);
    assertFirst(
        AuditFinding.SETTLEMENT_ORDER,
        confirmed + 1,
        rewritten(list -> list.add(confirmed, at(confirmed))));
    assertFirst(
        AuditFinding.SETTLEMENT_MALFORMED,
        confirmed,
        rewrittenAgain(confirmed, at(confirmed).withPayload(new byte[3])));
  }
}
