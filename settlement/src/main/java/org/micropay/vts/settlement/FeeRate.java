package org.micropay.vts.settlement;

/**
 * A fee rate, exact.
 *
 * @param satPerKvb satoshi for each 1,000 virtual bytes, Bitcoin Core's unit
 */
public record FeeRate(long satPerKvb) implements Comparable<FeeRate> {
  /** Enough to be relayed, and as the step of a replacement, by every version of Bitcoin Core. */
  public static final FeeRate MIN_RELAY = new FeeRate(1_000);

  /** Refuses a negative rate. */
  public FeeRate {
    if (satPerKvb < 0) {
      throw new IllegalArgumentException("fee rate " + satPerKvb + " sat/kvB is negative");
    }
  }

  /** The least satoshi that pays this rate for {@code vsize} virtual bytes, rounded up. */
  public long feeFor(int vsize) {
    return Math.ceilDiv(Math.multiplyExact(satPerKvb, (long) vsize), 1_000L);
  }

  /** The rate that {@code fee} satoshi pay for {@code vsize} virtual bytes, rounded down. */
  public static FeeRate of(long fee, int vsize) {
    return new FeeRate(Math.multiplyExact(fee, 1_000L) / vsize);
  }

  /** The greater of both. */
  public FeeRate max(FeeRate other) {
    return satPerKvb >= other.satPerKvb ? this : other;
  }

  /** The lesser of both. */
  public FeeRate min(FeeRate other) {
    return satPerKvb <= other.satPerKvb ? this : other;
  }

  @Override
  public int compareTo(FeeRate other) {
    return Long.compare(satPerKvb, other.satPerKvb);
  }

  @Override
  public String toString() {
    return satPerKvb / 1_000 + "." + String.format("%03d", satPerKvb % 1_000) + " sat/vB";
  }
}
