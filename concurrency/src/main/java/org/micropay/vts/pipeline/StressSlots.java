package org.micropay.vts.pipeline;

import java.util.Arrays;

/** Slots as the reply stage hands them on. */
public final class StressSlots {
  /** Length of the claim in the slot, bytes. */
  public static final int CLAIM_LENGTH = 365;

  private StressSlots() {}

  /**
   * A new grant: each byte of the claim and of the signature is {@code position}, which is at most
   * 127.
   */
  public static ClaimSlot granted(int position) {
    ClaimSlot slot = new ClaimSlot();
    slot.kind = SlotKind.CLAIM;
    slot.newGrant = true;
    slot.receiptPosition = position;
    slot.length = CLAIM_LENGTH;
    int from = ClaimSlot.CLAIM_OFFSET;
    Arrays.fill(slot.row, from, from + CLAIM_LENGTH, (byte) position);
    Arrays.fill(slot.signature, (byte) position);
    return slot;
  }
}
