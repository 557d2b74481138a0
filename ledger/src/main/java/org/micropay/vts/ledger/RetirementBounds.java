package org.micropay.vts.ledger;

import java.util.Arrays;

/**
 * For each {@value #BLOCK} slots of the escrow table the lowest refund height of an escrow without
 * a grant and the lowest height of a spend, so that {@link Retirement} passes over slots in one
 * step where nothing can be due: reading them one by one, two cache lines a slot and eight slots a
 * registration, was a fifth of a replay.
 *
 * <p>Bounds: they may be lower than what the slots hold, because a grant, an undone spend or a
 * retirement does not raise them, and never higher. A low one costs a look at the slots; a high one
 * would keep what is to go. They follow from the entries and are not part of the state. Writer
 * only; 8 bytes a block.
 */
final class RetirementBounds {
  static final int BLOCK = 512;

  /** Above every height. */
  private static final int NONE = -1;

  private final int[] lowestRefund;
  private final int[] lowestSpend;

  RetirementBounds(int slots) {
    int blocks = slots / BLOCK + 1;
    lowestRefund = new int[blocks];
    lowestSpend = new int[blocks];
    Arrays.fill(lowestRefund, NONE);
    Arrays.fill(lowestSpend, NONE);
  }

  /** An escrow in the slot is not granted and can be refunded from this height on, unsigned. */
  void refundable(int slot, int height) {
    int block = slot / BLOCK;
    if (Integer.compareUnsigned(height, lowestRefund[block]) < 0) {
      lowestRefund[block] = height;
    }
  }

  /** The output of an escrow in the slot is spent at this height; 0 for unspent. */
  void spent(int slot, int height) {
    int block = slot / BLOCK;
    if (height != 0 && Integer.compareUnsigned(height, lowestSpend[block]) < 0) {
      lowestSpend[block] = height;
    }
  }

  /** Forgets what is known of the slot's block: the caller goes on with all entries in it. */
  void clear(int slot) {
    lowestRefund[slot / BLOCK] = NONE;
    lowestSpend[slot / BLOCK] = NONE;
  }

  /** Whether anything in the slot's block may have to go at this tip under this retireDepth. */
  boolean mayBeDue(int slot, int tipHeight, int depth) {
    long refund = Integer.toUnsignedLong(lowestRefund[slot / BLOCK]);
    long spend = Integer.toUnsignedLong(lowestSpend[slot / BLOCK]);
    return tipHeight >= refund + depth || tipHeight - spend + 1 >= depth;
  }

  /** First slot behind the slot's block. */
  static int endOfBlock(int slot) {
    return (slot / BLOCK + 1) * BLOCK;
  }
}
