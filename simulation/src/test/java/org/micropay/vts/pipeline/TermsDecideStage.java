package org.micropay.vts.pipeline;

import java.util.HashSet;
import java.util.Set;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.ClaimView;

/**
 * A decide stage with the bug that the ledger's key prevents: it looks for an earlier grant under
 * the digest of the claim's terms. One output under two terms is granted twice.
 */
final class TermsDecideStage extends Stage {
  private static final int GRANTED = AnswerCode.GRANTED.number();

  private final Ledger ledger;
  private final Set<Bytes32> grantedTerms = new HashSet<>();
  private final ClaimView view = new ClaimView();
  private long nextPosition;
  private long clockMillis;

  TermsDecideStage(
      StageContext context,
      PipelineConfig config,
      Ledger ledger,
      DecisionJournal journal,
      VerifyStage verified) {
    super("decide", context, verified.sequence());
    this.ledger = ledger;
    this.nextPosition = journal.nextPosition();
    this.clockMillis = ledger.clockMillis();
  }

  @Override
  int poll(int limit) {
    long next = position() + 1;
    long last = available(next, next + limit - 1L);
    for (long at = next; at <= last; at++) {
      ClaimSlot slot = slot(at);
      clockMillis = Math.max(clockMillis, slot.timeMillis);
      slot.ledgerMillis = clockMillis;
      if (slot.kind == SlotKind.CLAIM) {
        decideClaim(slot);
      } else if (slot.kind == SlotKind.COMMAND) {
        slot.code =
            ledger.execute(
                nextPosition, slot.commandType, clockMillis, slot.recordBuffer(), 0, slot.length);
        takeEffect(slot);
      }
    }
    if (last < next) {
      return 0;
    }
    advance(last);
    return (int) (last - next + 1);
  }

  private void decideClaim(ClaimSlot slot) {
    java.util.Arrays.fill(slot.signature, (byte) 0);
    if (slot.verdict != 0 && slot.verdict != AnswerCode.TERMS_MISMATCH.number()) {
      slot.code = slot.verdict;
      return;
    }
    byte[] bytes =
        java.util.Arrays.copyOfRange(
            slot.row, ClaimSlot.CLAIM_OFFSET, ClaimSlot.CLAIM_OFFSET + slot.length);
    boolean otherTerms = slot.verdict != 0 && Claim.decode(bytes).terms().payout() == 94_000;
    if (otherTerms && grantedTerms.add(Claim.decode(bytes).terms().digest())) {
      slot.code = GRANTED;
      slot.receiptPosition = nextPosition - 1;
      byte[] digest = Claim.decode(bytes).spendTemplate().digest().toArray();
      System.arraycopy(digest, 0, slot.spendDigest, 0, digest.length);
      return;
    }
    view.wrap(slot.row, ClaimSlot.CLAIM_OFFSET, slot.length);
    slot.code =
        slot.verdict != 0
            ? slot.verdict
            : ledger.decide(nextPosition, clockMillis, view, slot.claimId, 0);
    takeEffect(slot);
  }

  private void takeEffect(ClaimSlot slot) {
    int type = ledger.journalType();
    slot.receiptPosition = ledger.receiptPosition();
    if (type == 0 || slot.verdict != 0) {
      return;
    }
    slot.recordType = type;
    slot.recordPosition = nextPosition++;
    if (type == RecordType.GRANT.number()) {
      System.arraycopy(slot.claimId, 0, slot.row, ClaimSlot.CLAIM_ID_OFFSET, ClaimSlot.DIGEST);
      slot.newGrant = true;
      slot.recordOffset = ClaimSlot.CLAIM_ID_OFFSET;
      slot.recordLength = ClaimSlot.DIGEST + slot.length;
    } else if (type == RecordType.DOUBLE_SPEND.number()) {
      System.arraycopy(slot.claimId, 0, slot.row, 0, ClaimSlot.DIGEST);
      slot.rowBuffer.putLong(
          org.micropay.vts.ledger.DoubleSpendRecord.GRANT_POSITION,
          ledger.grantPosition(),
          java.nio.ByteOrder.LITTLE_ENDIAN);
      slot.recordOffset = 0;
      slot.recordLength = ClaimSlot.CLAIM_OFFSET + slot.length;
    } else {
      slot.recordOffset = 0;
      slot.recordLength = slot.length;
    }
    if (ledger.isDigestDue()) {
      slot.digestPosition = nextPosition++;
      ledger.encodeStateDigest(slot.digestBuffer, 0);
      ledger.execute(
          slot.digestPosition,
          RecordType.STATE_DIGEST.number(),
          clockMillis,
          slot.digestBuffer,
          0,
          slot.digestPayload.length);
    }
  }
}
