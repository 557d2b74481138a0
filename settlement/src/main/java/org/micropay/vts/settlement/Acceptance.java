package org.micropay.vts.settlement;

/** Answer of a chain to a transaction that is offered or only tried. */
public sealed interface Acceptance {
  /** The mempool takes it (or would). */
  record Accepted() implements Acceptance {}

  /** The mempool or the chain has this very transaction. */
  record AlreadyKnown() implements Acceptance {}

  /**
   * Refused.
   *
   * @param reason coarse, for programs
   * @param text the chain's own words, for people
   */
  record Rejected(RejectReason reason, String text) implements Acceptance {}

  /** Whether the transaction is in the mempool or the chain now (or could be). */
  default boolean ok() {
    return !(this instanceof Rejected);
  }

  /** A refusal. */
  static Acceptance rejected(RejectReason reason, String text) {
    return new Rejected(reason, text);
  }
}
