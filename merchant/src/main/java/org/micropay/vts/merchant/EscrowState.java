package org.micropay.vts.merchant;

/** Where an escrow stands to the VTS, as docs/PROTOCOL.md section 13 lists it. */
public enum EscrowState {
  /** Not registered. */
  UNKNOWN,
  /** Funding not deep enough, or gone by a reorganisation. */
  UNCONFIRMED,
  /** A winning claim would be granted now. */
  LIVE,
  /** Claims are refused, the refund height is too near. */
  REFUND_NEAR,
  /** One claim has it. */
  GRANTED,
  /** One claim has it, and a second winner is proven. */
  DOUBLE_SPENT,
  /** The output is spent and no claim was granted. */
  SPENT
}
