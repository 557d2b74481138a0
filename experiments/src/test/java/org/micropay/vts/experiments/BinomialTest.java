package org.micropay.vts.experiments;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import org.junit.jupiter.api.Test;

/** Probabilities against the same sums in whole numbers. */
class BinomialTest {
  private static final MathContext PRECISION = new MathContext(40);

  /** C(n, k) (N - 1)^(n - k) of N^n equally likely outcomes. */
  private static BigInteger outcomes(int n, int k, int odds) {
    BigInteger ways = BigInteger.ONE;
    for (int i = 0; i < k; i++) {
      ways = ways.multiply(BigInteger.valueOf(n - i)).divide(BigInteger.valueOf(i + 1));
    }
    return ways.multiply(BigInteger.valueOf(odds - 1).pow(n - k));
  }

  private static double share(BigInteger hits, int n, int odds) {
    return new BigDecimal(hits)
        .divide(new BigDecimal(BigInteger.valueOf(odds).pow(n)), PRECISION)
        .doubleValue();
  }

  @Test
  void shouldAgreeWithWholeNumbers() {
    int[][] cases = {{1, 2}, {7, 2}, {40, 3}, {1_000, 128}, {1_000, 100}, {3_000, 512}, {60, 512}};
    for (int[] one : cases) {
      int n = one[0];
      int odds = one[1];
      Binomial binomial = new Binomial(n, odds);
      BigInteger sum = BigInteger.ZERO;
      for (int k = 0; k <= Math.min(n, 60); k++) {
        BigInteger hits = outcomes(n, k, odds);
        sum = sum.add(hits);
        String what = "%d wins of %d at 1/%d".formatted(k, n, odds);
        double exact = share(hits, n, odds);
        assertEquals(exact, binomial.exactly(k), exact * 1e-11 + 1e-30, what);
        double below = share(sum, n, odds);
        assertEquals(below, binomial.atMost(k), below * 1e-11 + 1e-28, "at most " + what);
      }
    }
  }

  @Test
  void shouldAddUpToOne() {
    for (long n : new long[] {1, 100, 50_000, 1_000_000, 100_000_000}) {
      Binomial binomial = new Binomial(n, 128);
      assertEquals(1, binomial.atMost(n), 1e-9, n + " tickets");
      assertEquals(1, binomial.between(0, n), 1e-9, n + " tickets");
    }
  }

  @Test
  void shouldFindQuantilesWhereTheSumPassesThem() {
    Binomial binomial = new Binomial(10_000, 128);
    for (double p : new double[] {0.001, 0.025, 0.5, 0.975, 0.999}) {
      long wins = binomial.quantile(p);
      assertEquals(true, binomial.atMost(wins) >= p && binomial.atMost(wins - 1) < p, "p " + p);
    }
  }
}
