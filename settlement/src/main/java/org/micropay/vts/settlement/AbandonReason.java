package org.micropay.vts.settlement;

/** Why a batch was given up. The numbers are stored and never change. */
public enum AbandonReason {
  /** A confirmed transaction of others spends one of its inputs. */
  INPUT_SPENT(1),
  /** The mempool prefers a transaction of others that spends one of its inputs. */
  CONFLICT(2),
  /** An earlier transaction of ours with some of the same claims was confirmed. */
  SUPERSEDED(3),
  /** The chain refused it for another reason. */
  REFUSED(4),
  /** One of its inputs is not on the chain: a reorganization undid what had made it. */
  INPUT_MISSING(5);

  private final int number;

  AbandonReason(int number) {
    this.number = number;
  }

  /** The number that is stored. */
  public int number() {
    return number;
  }

  /**
   * The reason with this number.
   *
   * @throws IllegalArgumentException when there is none
   */
  static AbandonReason ofNumber(int number) {
    for (AbandonReason reason : values()) {
      if (reason.number == number) {
        return reason;
      }
    }
    throw new IllegalArgumentException("abandon reason " + number + " is unknown");
  }
}
