package org.micropay.vts.experiments;

import java.util.Arrays;

/**
 * Mean and 95 % interval over runs.
 *
 * @param mean of the runs
 * @param margin half the interval: Student's t for so many runs times the mean's standard error
 * @param runs how many
 */
record Statistics(double mean, double margin, int runs) {
  /** t at 97.5 % for 1 .. 30 degrees of freedom. */
  private static final double[] T = {
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
    2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
    2.052, 2.048, 2.045, 2.042
  };

  static Statistics of(double[] values) {
    int n = values.length;
    double mean = Arrays.stream(values).sum() / n;
    if (n < 2) {
      return new Statistics(mean, 0, n);
    }
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    double error = Math.sqrt(squares / (n - 1) / n);
    return new Statistics(mean, t(n - 1) * error, n);
  }

  /** Beyond the table the first terms of the expansion around the normal quantile. */
  private static double t(int freedom) {
    if (freedom <= T.length) {
      return T[freedom - 1];
    }
    double z = 1.959964;
    return z + (z * z * z + z) / (4.0 * freedom);
  }
}
