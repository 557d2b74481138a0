package org.micropay.vts.pipeline;

import com.lmax.disruptor.Sequence;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.micropay.vts.ledger.DoubleSpendRecord;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.ledger.LedgerView;
import org.micropay.vts.ledger.LookAhead;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.ClaimView;

/**
 * The only stage that touches the ledger. The order of the ring is the order of decisions; time and
 * journal positions are given out here, and never fall.
 *
 * <p>A refusal by a verify stage is final but in one case: the ledger's view, by which it refused,
 * may have been older than the same claim a little ahead on the ring. Then the claim was granted
 * and must not be told anything final that says otherwise; nor may it be told GRANTED, because this
 * copy's signatures were never checked. It is told to come back, and finds its grant.
 */
final class DecideStage extends Stage {
  private static final int GRANTED = AnswerCode.GRANTED.number();
  private static final int DISK_RESERVE = AnswerCode.DISK_RESERVE.number();
  private static final int OVERLOADED = AnswerCode.OVERLOADED.number();
  private static final int GRANT_RECORD = RecordType.GRANT.number();
  private static final int DOUBLE_SPEND_RECORD = RecordType.DOUBLE_SPEND.number();
  private static final int REGISTER_RECORD = RecordType.REGISTER.number();
  private static final int STATE_DIGEST_RECORD = RecordType.STATE_DIGEST.number();

  /** Claims whose entries the first-level cache holds at a time. */
  private static final int LOOK_AHEAD = 64;

  private final Ledger ledger;
  private final LedgerView view;
  private final LookAhead lookAhead;
  private final DiskReserve diskReserve;
  private final int batch;
  private final ClaimView claim = new ClaimView();
  private long nextPosition;
  private long clockMillis;

  /** {@code nextPosition} is the journal's: the ledger stands one record before it. */
  DecideStage(
      StageContext context,
      PipelineConfig config,
      Ledger ledger,
      long nextPosition,
      DiskReserve diskReserve,
      Sequence... verified) {
    super("decide", context, verified);
    if (ledger.lastPosition() != nextPosition - 1) {
      throw new IllegalStateException(
          "the ledger stands at position "
              + ledger.lastPosition()
              + " but the journal goes on at "
              + nextPosition
              + "; replay the journal first");
    }
    this.ledger = ledger;
    this.view = ledger.view();
    this.diskReserve = diskReserve;
    this.batch = config.decideBatch();
    this.lookAhead = view.newLookAhead(LOOK_AHEAD);
    this.nextPosition = nextPosition;
    this.clockMillis = ledger.clockMillis();
  }

  @Override
  int poll(int limit) {
    long next = position() + 1;
    long last = available(next, next + Math.min(limit, batch) - 1);
    if (last < next) {
      return 0;
    }
    for (long first = next; first <= last; first += LOOK_AHEAD) {
      decide(first, Math.min(last, first + LOOK_AHEAD - 1));
    }
    advance(last);
    return (int) (last - next + 1);
  }

  private void decide(long first, long last) {
    lookAhead(first, last);
    for (long at = first; at <= last; at++) {
      ClaimSlot slot = slot(at);
      if (slot.kind == SlotKind.CLAIM) {
        decideClaim(slot);
      } else if (slot.kind == SlotKind.COMMAND) {
        decideCommand(slot);
      }
    }
  }

  private void lookAhead(long first, long last) {
    lookAhead.clear();
    for (long at = first; at <= last; at++) {
      ClaimSlot slot = slot(at);
      if (slot.kind == SlotKind.CLAIM && slot.verdict == 0) {
        lookAhead.addOutpoint(slot.outpointHash);
        lookAhead.addClaimId(slot.claimIdHash);
      }
    }
    lookAhead.run();
  }

  private void decideClaim(ClaimSlot slot) {
    clockMillis = Math.max(clockMillis, slot.timeMillis);
    slot.ledgerMillis = clockMillis;
    claim.wrap(slot.row, ClaimSlot.CLAIM_OFFSET, slot.length);
    if (slot.verdict != 0) {
      slot.code = slot.foretold && isGranted(slot) ? OVERLOADED : slot.verdict;
    } else if (diskReserve.isReached() && !isGranted(slot)) {
      slot.code = DISK_RESERVE;
    } else {
      slot.code =
          ledger.decide(
              nextPosition,
              clockMillis,
              claim,
              slot.outpointHash,
              slot.claimId,
              0,
              slot.claimIdHash);
      takeEffect(slot);
    }
    if (slot.code != GRANTED) {
      Arrays.fill(slot.signature, (byte) 0);
    }
  }

  /** Whether this very claim has been granted; on the writer's thread the view is exact. */
  private boolean isGranted(ClaimSlot slot) {
    return view.status(clockMillis, claim, slot.claimId, 0) == GRANTED;
  }

  private void decideCommand(ClaimSlot slot) {
    clockMillis = Math.max(clockMillis, slot.timeMillis);
    slot.ledgerMillis = clockMillis;
    if (slot.commandType == REGISTER_RECORD && diskReserve.isReached()) {
      // Chain events and settlement go on: the reserve is kept for them.
      slot.code = DISK_RESERVE;
      return;
    }
    slot.code =
        ledger.execute(
            nextPosition, slot.commandType, clockMillis, slot.recordBuffer(), 0, slot.length);
    takeEffect(slot);
  }

  /** Gives the record that the ledger asks for its position and its place in the row. */
  private void takeEffect(ClaimSlot slot) {
    int type = ledger.journalType();
    slot.receiptPosition = ledger.receiptPosition();
    if (type == 0) {
      return;
    }
    slot.recordType = type;
    slot.recordPosition = nextPosition++;
    if (type == GRANT_RECORD) {
      System.arraycopy(slot.claimId, 0, slot.row, ClaimSlot.CLAIM_ID_OFFSET, ClaimSlot.DIGEST);
      slot.newGrant = true;
      slot.recordOffset = ClaimSlot.CLAIM_ID_OFFSET;
      slot.recordLength = ClaimSlot.DIGEST + slot.length;
    } else if (type == DOUBLE_SPEND_RECORD) {
      System.arraycopy(slot.claimId, 0, slot.row, 0, ClaimSlot.DIGEST);
      slot.rowBuffer.putLong(
          DoubleSpendRecord.GRANT_POSITION, ledger.grantPosition(), ByteOrder.LITTLE_ENDIAN);
      slot.recordOffset = 0;
      slot.recordLength = ClaimSlot.CLAIM_OFFSET + slot.length;
    } else {
      slot.recordOffset = 0;
      slot.recordLength = slot.length;
    }
    if (ledger.isDigestDue()) {
      recordStateDigest(slot);
    }
  }

  /** A digest of the state rides in the slot of the record that made it due. */
  private void recordStateDigest(ClaimSlot slot) {
    slot.digestPosition = nextPosition++;
    ledger.encodeStateDigest(slot.digestBuffer, 0);
    ledger.execute(
        slot.digestPosition,
        STATE_DIGEST_RECORD,
        clockMillis,
        slot.digestBuffer,
        0,
        slot.digestPayload.length);
  }
}
