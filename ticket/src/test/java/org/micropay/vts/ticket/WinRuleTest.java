package org.micropay.vts.ticket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The rule against exact arithmetic, and its frequencies. */
class WinRuleTest {
  private static final BigInteger RANGE = BigInteger.TWO.pow(64);
  private static final int[] ODDS = {
    1, 2, 3, 7, 10, 100, 127, 128, 129, 512, 1_000_003, 1 << 30, Integer.MAX_VALUE
  };

  private final Random random = Seed.random("WinRuleTest");

  @Test
  void shouldWinExactlyBelowTheQuotient() {
    for (int odds : ODDS) {
      BigInteger winners = ceilingOfQuotient(odds);
      for (int i = -3; i <= 3; i++) {
        assertRule(winners.add(BigInteger.valueOf(i)).mod(RANGE).longValue(), odds);
      }
      for (int i = 0; i < 2_000; i++) {
        assertRule(random.nextLong() >>> random.nextInt(64), odds);
      }
    }
    for (int i = 0; i < 20_000; i++) {
      assertRule(random.nextLong(), 1 + random.nextInt(Integer.MAX_VALUE));
    }
  }

  private static BigInteger ceilingOfQuotient(int odds) {
    BigInteger divisor = BigInteger.valueOf(odds);
    return RANGE.add(divisor).subtract(BigInteger.ONE).divide(divisor);
  }

  /** u wins if and only if u * N < 2^64, in numbers that cannot overflow. */
  private static void assertRule(long u, int odds) {
    BigInteger exact = new BigInteger(Long.toUnsignedString(u));
    boolean wins = exact.multiply(BigInteger.valueOf(odds)).compareTo(RANGE) < 0;
    assertEquals(wins, WinRule.wins(u, odds), () -> exact + " at 1/" + odds);
    assertEquals(wins, exact.compareTo(ceilingOfQuotient(odds)) < 0);
  }

  @Test
  void shouldLookAtTopBitsForPowersOfTwo() {
    for (int bits = 0; bits < 31; bits++) {
      for (int i = 0; i < 1_000; i++) {
        long u = random.nextLong() >>> random.nextInt(64);
        assertEquals(bits == 0 || u >>> 64 - bits == 0, WinRule.wins(u, 1 << bits));
      }
    }
  }

  @Test
  void shouldReadTheFirstEightBytesLittleEndian() {
    byte[] r1 = new byte[16];
    byte[] r2 = new byte[16];
    random.nextBytes(r1);
    System.arraycopy(r1, 0, r2, 0, 8);
    // u = 0 wins at all odds, whatever the other eight bytes are.
    assertTrue(WinRule.wins(Bytes16.of(r1), Bytes16.of(r2), Integer.MAX_VALUE));
    r2[7] ^= (byte) 0x80; // u = 2^63: wins at 1/1 alone
    assertTrue(WinRule.wins(Bytes16.of(r1), Bytes16.of(r2), 1));
    assertEquals(false, WinRule.wins(Bytes16.of(r1), Bytes16.of(r2), 2));
    r2[7] ^= (byte) 0x80;
    r2[0] ^= 1; // u = 1
    assertTrue(WinRule.wins(Bytes16.of(r1), Bytes16.of(r2), Integer.MAX_VALUE));
    byte[] both = new byte[40];
    System.arraycopy(r1, 0, both, 3, 16);
    System.arraycopy(r2, 0, both, 21, 16);
    assertTrue(WinRule.wins(both, 3, both, 21, Integer.MAX_VALUE));
  }

  /**
   * Six standard deviations: a right rule fails this about once in 500 million runs. Powers of two
   * and others.
   */
  @Test
  void shouldWinOnceInNOnAverage() {
    int tickets = 1_000_000;
    Samples samples = new Samples(random);
    for (int odds : new int[] {2, 3, 10, 128, 200, 512}) {
      int wins = 0;
      byte[] shares = samples.bytes(32);
      for (int i = 0; i < tickets; i++) {
        Bytes.putLongLe(shares, 0, random.nextLong());
        Bytes.putLongLe(shares, 16, random.nextLong());
        wins += WinRule.wins(shares, 0, shares, 16, odds) ? 1 : 0;
      }
      double mean = (double) tickets / odds;
      double deviation = Math.sqrt(mean * (1 - 1.0 / odds));
      assertTrue(Math.abs(wins - mean) < 6 * deviation, wins + " wins at 1/" + odds);
    }
  }
}
