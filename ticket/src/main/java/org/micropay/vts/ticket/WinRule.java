package org.micropay.vts.ticket;

/**
 * Which tickets win: u, the first 8 bytes of r1 XOR r2 as an unsigned little-endian integer, times
 * the odds N has only zeros above its low 64 bits, i.e. u &lt; 2^64 / N. Exactly ceil(2^64 / N) of
 * the 2^64 values of u win.
 *
 * <p>The merchant fixed r1 before the buyer chose r2, and the buyer does not know r1: neither can
 * steer the XOR (paper, section 3). Any thread; allocates nothing.
 */
public final class WinRule {
  private WinRule() {}

  /** Whether a ticket with these shares wins at odds of one in {@code odds}, 1 to 2^31 - 1. */
  public static boolean wins(Bytes16 r1, Bytes16 r2, int odds) {
    return wins(r1.firstWord() ^ r2.firstWord(), odds);
  }

  /** The same from the 16 bytes at each offset. */
  public static boolean wins(byte[] r1, int r1Offset, byte[] r2, int r2Offset, int odds) {
    return wins(Bytes.getLongLe(r1, r1Offset) ^ Bytes.getLongLe(r2, r2Offset), odds);
  }

  /** The same from u, unsigned. */
  public static boolean wins(long u, int odds) {
    return Math.unsignedMultiplyHigh(u, odds) == 0;
  }
}
