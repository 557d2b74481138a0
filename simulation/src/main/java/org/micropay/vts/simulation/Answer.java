package org.micropay.vts.simulation;

import java.util.Arrays;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;

/**
 * One answer that left the server.
 *
 * @param delivery number of the delivered request that it answers
 * @param intent the client's claim
 * @param code number of an {@link AnswerCode}
 * @param position that the receipt names; 0 for none
 * @param claimId zeros when it was refused before the id was known
 * @param signature 64 bytes; zeros when there is none
 */
record Answer(
    long delivery, Intent intent, int code, long position, Bytes32 claimId, byte[] signature) {
  static final int GRANTED = AnswerCode.GRANTED.number();
  static final int DOUBLE_SPEND = AnswerCode.DOUBLE_SPEND.number();

  boolean isGrant() {
    return code == GRANTED;
  }

  /** Whether the answer rests on a record, so that it may never change. */
  boolean isReceipt() {
    return code == GRANTED || code == DOUBLE_SPEND;
  }

  boolean sameReceipt(Answer other) {
    return code == other.code
        && position == other.position
        && claimId.equals(other.claimId)
        && Arrays.equals(signature, other.signature);
  }

  @Override
  public String toString() {
    return "%s at %d for claim %s of client %d"
        .formatted(
            AnswerCode.isKnown(code) ? AnswerCode.ofNumber(code) : "code " + code,
            position,
            claimId,
            intent.client());
  }
}
