package org.micropay.vts.settlement;

/** How a granted claim ended outside a batch. The numbers and their order are stored. */
public enum ClaimOutcome {
  /** A transaction that is not ours pays the merchant: his own broadcast of the pair. */
  PAID_ELSEWHERE(1),
  /** The escrow is spent without paying the merchant: a refund that came first. */
  LOST(2),
  /**
   * The escrow's own funding was undone in a reorganization and one of its inputs was spent
   * elsewhere: the escrow will never exist again.
   */
  FUNDING_DOUBLE_SPENT(3);

  private final int number;

  ClaimOutcome(int number) {
    this.number = number;
  }

  /** The number that is stored. */
  public int number() {
    return number;
  }

  /**
   * The outcome with this number.
   *
   * @throws IllegalArgumentException when there is none
   */
  static ClaimOutcome ofNumber(int number) {
    for (ClaimOutcome outcome : values()) {
      if (outcome.number == number) {
        return outcome;
      }
    }
    throw new IllegalArgumentException("claim outcome " + number + " is unknown");
  }
}
