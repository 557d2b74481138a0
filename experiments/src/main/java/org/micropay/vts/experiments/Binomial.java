package org.micropay.vts.experiments;

/**
 * The number of wins among n tickets at odds 1/N, exactly up to what a double holds: C. Loader's
 * saddle-point form gives one probability near the mode to full precision ("Fast and Accurate
 * Computation of Binomial Probabilities", 2000), and ratios of neighbours the others. Immutable;
 * any thread.
 */
final class Binomial {
  private static final double TINY = 1e-30;

  /** ln(k!) - (ln(2 pi k) / 2 + k ln k - k) for k = 0 .. 15; beyond, the series serves. */
  private static final double[] STIRLING_ERROR = stirlingErrors();

  private final long first;
  private final double[] probability;

  /**
   * Of these tickets.
   *
   * @param tickets n, 1 or more
   * @param odds N of 1/N, 2 or more
   */
  Binomial(long tickets, int odds) {
    if (tickets < 1 || odds < 2) {
      throw new IllegalArgumentException(tickets + " tickets at odds 1/" + odds);
    }
    double p = 1.0 / odds;
    double ratio = 1.0 / (odds - 1.0);
    long mode = Math.min(tickets, (tickets + 1) / odds);
    double atMode = atMode(tickets, mode, p);
    long low = mode;
    for (double q = atMode; low > 0 && q > TINY; low--) {
      q *= low / ((tickets - low + 1.0) * ratio);
    }
    long high = mode;
    for (double q = atMode; high < tickets && q > TINY; high++) {
      q *= (tickets - high) * ratio / (high + 1.0);
    }
    first = low;
    probability = new double[(int) (high - low + 1)];
    int middle = (int) (mode - low);
    probability[middle] = atMode;
    for (int i = middle; i > 0; i--) {
      long k = low + i;
      probability[i - 1] = probability[i] * k / ((tickets - k + 1.0) * ratio);
    }
    for (int i = middle; i < probability.length - 1; i++) {
      long k = low + i;
      probability[i + 1] = probability[i] * (tickets - k) * ratio / (k + 1.0);
    }
  }

  /** n! p^k q^(n-k) / (k! (n-k)!) without cancellation. */
  private static double atMode(long n, long k, double p) {
    double q = 1 - p;
    if (k == 0) {
      return Math.exp(n * Math.log1p(-p));
    }
    if (k == n) {
      return Math.exp(n * Math.log(p));
    }
    double exponent =
        stirlingError(n)
            - stirlingError(k)
            - stirlingError(n - k)
            - deviance(k, n * p)
            - deviance(n - k, n * q);
    return Math.exp(exponent) * Math.sqrt(n / (2 * Math.PI * k * (double) (n - k)));
  }

  /** x ln(x / mean) + mean - x, by a series where the two terms would cancel. */
  private static double deviance(double x, double mean) {
    if (Math.abs(x - mean) < 0.1 * (x + mean)) {
      double v = (x - mean) / (x + mean);
      double sum = (x - mean) * v;
      double term = 2 * x * v;
      for (int j = 1; j < 1_000; j++) {
        term *= v * v;
        double next = sum + term / (2 * j + 1);
        if (next == sum) {
          return next;
        }
        sum = next;
      }
    }
    return x * Math.log(x / mean) + mean - x;
  }

  private static double stirlingError(long n) {
    if (n < STIRLING_ERROR.length) {
      return STIRLING_ERROR[(int) n];
    }
    double square = (double) n * n;
    return (1 / 12.0
            - (1 / 360.0 - (1 / 1260.0 - (1 / 1680.0 - 1 / 1188.0 / square) / square) / square)
                / square)
        / n;
  }

  private static double[] stirlingErrors() {
    double[] errors = new double[16];
    double factorial = 1;
    for (int k = 1; k < errors.length; k++) {
      factorial *= k;
      errors[k] = Math.log(factorial) - (0.5 * Math.log(2 * Math.PI * k) + k * Math.log(k) - k);
    }
    return errors;
  }

  /** P(exactly so many wins); 0 where it is below 1e-30. */
  double exactly(long wins) {
    long index = wins - first;
    return index < 0 || index >= probability.length ? 0 : probability[(int) index];
  }

  /** P(at most so many wins), added from the small end. */
  double atMost(long wins) {
    double sum = 0;
    long last = Math.min(wins - first, probability.length - 1L);
    for (int i = 0; i <= last; i++) {
      sum += probability[i];
    }
    return Math.min(1, sum);
  }

  /** P(from {@code low} to {@code high} wins, both included). */
  double between(long low, long high) {
    double sum = 0;
    for (long wins = Math.max(low, first); wins <= Math.min(high, last()); wins++) {
      sum += probability[(int) (wins - first)];
    }
    return Math.min(1, sum);
  }

  /** The least number of wins that is not exceeded with probability {@code p}, 0 to 1. */
  long quantile(double p) {
    double sum = 0;
    for (int i = 0; i < probability.length; i++) {
      sum += probability[i];
      if (sum >= p) {
        return first + i;
      }
    }
    return last();
  }

  /** Least number of wins whose probability is above 1e-30. */
  long first() {
    return first;
  }

  /** Greatest such number. */
  long last() {
    return first + probability.length - 1;
  }
}
