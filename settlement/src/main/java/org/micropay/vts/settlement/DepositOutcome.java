package org.micropay.vts.settlement;

/** How a deposit ended without our burn. The numbers are stored and never change. */
public enum DepositOutcome {
  /** A transaction of others burnt it: the pair stood in the mempool for everyone to take. */
  BURNED_ELSEWHERE(1),
  /** The buyer took it back, which he can from its refund height on. */
  TAKEN_BACK(2);

  private final int number;

  DepositOutcome(int number) {
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
  static DepositOutcome ofNumber(int number) {
    for (DepositOutcome outcome : values()) {
      if (outcome.number == number) {
        return outcome;
      }
    }
    throw new IllegalArgumentException("deposit outcome " + number + " is unknown");
  }
}
