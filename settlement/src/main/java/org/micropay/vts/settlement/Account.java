package org.micropay.vts.settlement;

/**
 * Where satoshi came from and went, exact: in = out, or it cannot be made.
 *
 * @param escrows satoshi of the escrows spent
 * @param wallet satoshi of the fee wallet's coins spent
 * @param payouts satoshi paid to merchants
 * @param change satoshi back to the fee wallet
 * @param fees satoshi to miners
 */
public record Account(long escrows, long wallet, long payouts, long change, long fees) {
  /** Nothing moved. */
  public static final Account ZERO = new Account(0, 0, 0, 0, 0);

  /**
   * Checks the balance.
   *
   * @throws IllegalArgumentException when in and out differ, or any is negative
   */
  public Account {
    long in = Math.addExact(escrows, wallet);
    long out = Math.addExact(Math.addExact(payouts, change), fees);
    if (in != out || escrows < 0 || wallet < 0 || payouts < 0 || change < 0 || fees < 0) {
      throw new IllegalArgumentException(
          "satoshi do not balance: escrows %d + wallet %d != payouts %d + change %d + fees %d"
              .formatted(escrows, wallet, payouts, change, fees));
    }
  }

  /** Satoshi in, which are the satoshi out. */
  public long total() {
    return escrows + wallet;
  }

  /** Both together. */
  public Account plus(Account other) {
    return new Account(
        Math.addExact(escrows, other.escrows),
        Math.addExact(wallet, other.wallet),
        Math.addExact(payouts, other.payouts),
        Math.addExact(change, other.change),
        Math.addExact(fees, other.fees));
  }

  /** This without {@code other}, which must be a part of it. */
  public Account minus(Account other) {
    return new Account(
        Math.subtractExact(escrows, other.escrows),
        Math.subtractExact(wallet, other.wallet),
        Math.subtractExact(payouts, other.payouts),
        Math.subtractExact(change, other.change),
        Math.subtractExact(fees, other.fees));
  }
}
