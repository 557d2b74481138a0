package org.micropay.vts.pipeline;

import org.micropay.vts.ticket.AnswerCode;

/** Slots as the reply stage hands them on, for tests of what stands behind it. */
public final class AnsweredSlots {
  private AnsweredSlots() {}

  /** A decided claim with the position of the record that its receipt names. */
  public static ClaimSlot of(AnswerCode code, long receiptPosition) {
    ClaimSlot slot = new ClaimSlot();
    slot.kind = SlotKind.CLAIM;
    slot.code = code.number();
    slot.receiptPosition = receiptPosition;
    return slot;
  }

  /** A new grant, journaled at a position, whose counter-signature is zeros. */
  public static ClaimSlot granted(byte[] claim, long position) {
    ClaimSlot slot = of(AnswerCode.GRANTED, position);
    slot.newGrant = true;
    slot.length = claim.length;
    System.arraycopy(claim, 0, slot.row, ClaimSlot.CLAIM_OFFSET, claim.length);
    return slot;
  }
}
