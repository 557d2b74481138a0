package org.micropay.vts.merchant;

import java.util.Arrays;
import java.util.Map;

/**
 * The distribution of the number of wins among tickets of known odds: a sum of binomials, one per
 * class, convolved exactly (up to what a double holds) while the count is small, and the normal
 * approximation with continuity correction beyond. Immutable; any thread.
 */
public final class WinDistribution {
  private static final double EXACT_UP_TO_MEAN = 2_000;
  private static final double DEVIATIONS = 12;
  private static final int MIN_TERMS = 40;

  private final double mean;
  private final double deviation;
  private final double[] cumulative;

  private WinDistribution(double mean, double variance, double[] probabilities) {
    this.mean = mean;
    this.deviation = Math.sqrt(variance);
    this.cumulative = probabilities == null ? null : cumulate(probabilities);
  }

  /**
   * Of these counts.
   *
   * @param tickets per odds N: how many tickets
   */
  public static WinDistribution of(Map<Integer, Long> tickets) {
    double mean = 0;
    double variance = 0;
    for (Map.Entry<Integer, Long> entry : tickets.entrySet()) {
      double rho = 1.0 / entry.getKey();
      mean += entry.getValue() * rho;
      variance += entry.getValue() * rho * (1 - rho);
    }
    if (mean > EXACT_UP_TO_MEAN) {
      return new WinDistribution(mean, variance, null);
    }
    int terms = (int) Math.ceil(mean + DEVIATIONS * Math.sqrt(variance)) + MIN_TERMS;
    double[] sum = {1};
    for (Map.Entry<Integer, Long> entry : tickets.entrySet()) {
      if (entry.getValue() > 0) {
        sum = convolve(sum, binomial(entry.getValue(), entry.getKey(), terms), terms);
      }
    }
    return new WinDistribution(mean, variance, sum);
  }

  /** Normal, where only mean and variance are known. */
  static WinDistribution normal(double mean, double variance) {
    return new WinDistribution(mean, variance, null);
  }

  /** P(k wins of n at 1/odds) for k = 0 .. terms - 1, in logarithms to stay in range. */
  private static double[] binomial(long n, int odds, int terms) {
    double[] p = new double[(int) Math.min(n + 1, terms)];
    if (odds == 1) {
      // Every ticket wins.
      double[] certain = new double[(int) n + 1];
      certain[(int) n] = 1;
      return certain;
    }
    double rho = 1.0 / odds;
    double logOdds = Math.log(rho) - Math.log1p(-rho);
    double log = n * Math.log1p(-rho);
    for (int k = 0; k < p.length; k++) {
      p[k] = Math.exp(log);
      log += Math.log((double) (n - k) / (k + 1)) + logOdds;
    }
    return p;
  }

  private static double[] convolve(double[] a, double[] b, int terms) {
    double[] sum = new double[Math.min(a.length + b.length - 1, Math.max(terms, b.length))];
    for (int i = 0; i < a.length; i++) {
      if (a[i] == 0) {
        continue;
      }
      for (int j = 0; j < b.length && i + j < sum.length; j++) {
        sum[i + j] += a[i] * b[j];
      }
    }
    return sum;
  }

  private static double[] cumulate(double[] probabilities) {
    double[] cumulative = new double[probabilities.length];
    double sum = 0;
    for (int i = 0; i < probabilities.length; i++) {
      sum += probabilities[i];
      cumulative[i] = Math.min(1, sum);
    }
    return cumulative;
  }

  /** Wins to expect. */
  public double mean() {
    return mean;
  }

  /** Standard deviation of their number. */
  public double deviation() {
    return deviation;
  }

  /** P(X &lt;= wins). */
  public double atMost(long wins) {
    if (wins < 0) {
      return 0;
    }
    if (cumulative != null) {
      return wins >= cumulative.length ? 1 : cumulative[(int) wins];
    }
    return deviation == 0 ? (wins >= mean ? 1 : 0) : normalBelow((wins + 0.5 - mean) / deviation);
  }

  /** P(X &gt;= wins). */
  public double atLeast(long wins) {
    return Math.max(0, 1 - atMost(wins - 1));
  }

  /** The least number w with P(X &lt;= w) &gt;= {@code probability}. */
  public long quantile(double probability) {
    if (cumulative != null) {
      int at = Arrays.binarySearch(cumulative, probability);
      int index = at >= 0 ? at : -at - 1;
      while (index > 0 && cumulative[index - 1] >= probability) {
        index--;
      }
      return Math.min(index, cumulative.length - 1);
    }
    long low = (long) Math.max(0, mean - DEVIATIONS * deviation - 1);
    long high = (long) Math.ceil(mean + DEVIATIONS * deviation + 1);
    while (low < high) {
      long middle = (low + high) / 2;
      if (atMost(middle) >= probability) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /** The standard normal distribution function (W. J. Cody's rational form would be overkill). */
  private static double normalBelow(double z) {
    // Abramowitz and Stegun 26.2.17: off by less than 7.5e-8.
    double t = 1 / (1 + 0.2316419 * Math.abs(z));
    double series =
        t
            * (0.319381530
                + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
    double upper = Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI) * series;
    return z >= 0 ? 1 - upper : upper;
  }
}
