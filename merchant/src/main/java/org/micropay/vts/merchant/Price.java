package org.micropay.vts.merchant;

import java.math.BigDecimal;
import java.math.RoundingMode;
import org.micropay.vts.ticket.Terms;

/**
 * A price in millisatoshi, 0 to 2^53 - 1 so that every JSON reader holds it exactly. A ticket pays
 * it when its expected value covers it: payout / odds &gt;= price, compared without rounding.
 *
 * @param msat thousandths of a satoshi
 */
public record Price(long msat) implements Comparable<Price> {
  /** Nothing. */
  public static final Price FREE = new Price(0);

  private static final long MAX_MSAT = (1L << 53) - 1;
  private static final int MSAT_PER_SATOSHI = 1000;

  /** Checks the range. */
  public Price {
    if (msat < 0 || msat > MAX_MSAT) {
      throw new IllegalArgumentException(
          "price " + msat + " msat is not within 0.." + MAX_MSAT + " millisatoshi");
    }
  }

  /**
   * Reads satoshi with up to three decimals, e.g. {@code 1.5}.
   *
   * @throws IllegalArgumentException for anything else
   */
  public static Price ofSatoshi(String satoshi) {
    try {
      return new Price(new BigDecimal(satoshi).movePointRight(3).longValueExact());
    } catch (ArithmeticException | NumberFormatException e) {
      throw new IllegalArgumentException(
          "'" + satoshi + "' is no number of satoshi with up to three decimals", e);
    }
  }

  /** The expected value of a ticket on these terms, rounded up to a millisatoshi. */
  public static Price ofTicket(Terms terms) {
    BigDecimal exact =
        BigDecimal.valueOf(terms.payout())
            .multiply(BigDecimal.valueOf(MSAT_PER_SATOSHI))
            .divide(BigDecimal.valueOf(terms.odds()), 0, RoundingMode.CEILING);
    return new Price(Math.min(exact.longValue(), MAX_MSAT));
  }

  /** Whether a ticket on these terms is worth at least this price. */
  public boolean isCoveredBy(Terms terms) {
    // payout is at most 2.1e15 and the price below 2^53: the left side fits 63 bits, the right 84.
    long have = terms.payout() * MSAT_PER_SATOSHI;
    return Math.multiplyHigh(msat, terms.odds()) == 0
        && Long.compareUnsigned(have, msat * terms.odds()) >= 0;
  }

  /** Whether nothing need be paid. */
  public boolean isFree() {
    return msat == 0;
  }

  /** The sum, at most the greatest price. */
  public Price plus(Price other) {
    return new Price(Math.min(msat + other.msat, MAX_MSAT));
  }

  @Override
  public int compareTo(Price other) {
    return Long.compare(msat, other.msat);
  }

  /** Satoshi with as many decimals as needed, e.g. {@code 1.5 sat}. */
  @Override
  public String toString() {
    return BigDecimal.valueOf(msat, 3).stripTrailingZeros().toPlainString() + " sat";
  }
}
