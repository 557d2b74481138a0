package org.micropay.vts.experiments;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.micropay.vts.ticket.WinRule;

/**
 * How far a merchant's revenue falls below what he may expect (section 4.4, figures 4 and 5): by
 * exact binomial sums, and by drawing tickets and asking the protocol's own win rule.
 */
final class Revenue {
  private Revenue() {}

  /**
   * A point of a curve.
   *
   * @param tickets n
   * @param below80 P(revenue below 80 % of the expected)
   * @param below90 the same for 90 %
   * @param low the 2.5 % quantile of revenue as a share of the expected
   * @param high the 97.5 % quantile
   */
  record Point(long tickets, double below80, double below90, double low, double high) {}

  /** Greatest number of wins that is below {@code percent} % of n / odds. */
  static long mostBelow(long tickets, int odds, int percent) {
    long numerator = tickets * percent;
    long denominator = 100L * odds;
    return (numerator + denominator - 1) / denominator - 1;
  }

  /** Exactly, for one n. */
  static Point exact(long tickets, int odds) {
    Binomial wins = new Binomial(tickets, odds);
    double expected = (double) tickets / odds;
    return new Point(
        tickets,
        wins.atMost(mostBelow(tickets, odds, 80)),
        wins.atMost(mostBelow(tickets, odds, 90)),
        wins.quantile(0.025) / expected,
        wins.quantile(0.975) / expected);
  }

  /** A curve at {@code step}, 2 {@code step} .. {@code last}. */
  static List<Point> curve(int odds, long step, long last) {
    List<Point> points = new ArrayList<>();
    for (long n = step; n <= last; n += step) {
      points.add(exact(n, odds));
    }
    return points;
  }

  /**
   * By simulation.
   *
   * @param tickets n
   * @param trials merchants that were drawn
   * @param below80 those below 80 %
   * @param below90 those below 90 %
   */
  record Simulated(long tickets, int trials, long below80, long below90) {
    /** Half the 95 % interval of a share that was found, normal approximation. */
    static double margin(long hits, int trials) {
      double share = (double) hits / trials;
      return 1.96 * Math.sqrt(share * (1 - share) / trials);
    }
  }

  /** Merchants who each take tickets up to the last of {@code stops}, seen at every stop. */
  static List<Simulated> simulate(int odds, long[] stops, int trials, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    long[][] below = new long[stops.length][2];
    for (int trial = 0; trial < trials; trial++) {
      long wins = 0;
      long ticket = 0;
      for (int stop = 0; stop < stops.length; stop++) {
        for (; ticket < stops[stop]; ticket++) {
          if (WinRule.wins(random.nextLong(), odds)) {
            wins++;
          }
        }
        below[stop][0] += wins <= mostBelow(ticket, odds, 80) ? 1 : 0;
        below[stop][1] += wins <= mostBelow(ticket, odds, 90) ? 1 : 0;
      }
    }
    List<Simulated> results = new ArrayList<>();
    for (int stop = 0; stop < stops.length; stop++) {
      results.add(new Simulated(stops[stop], trials, below[stop][0], below[stop][1]));
    }
    return results;
  }

  /**
   * A bar of a price histogram.
   *
   * @param wins of n payments
   * @param price what a payment has cost on average, in shares of the expected price X
   * @param probability of exactly so many wins
   */
  record PriceBar(long wins, double price, double probability) {}

  /** What a buyer has really paid after {@code payments}, for every number of wins that matters. */
  static List<PriceBar> prices(long payments, int odds) {
    Binomial wins = new Binomial(payments, odds);
    double expected = (double) payments / odds;
    List<PriceBar> bars = new ArrayList<>();
    for (long k = wins.first(); k <= wins.last(); k++) {
      if (wins.exactly(k) > 1e-5) {
        bars.add(new PriceBar(k, k / expected, wins.exactly(k)));
      }
    }
    return bars;
  }

  /** P(the average price lies within {@code low} X and {@code high} X). */
  static double priceWithin(long payments, int odds, double low, double high) {
    double expected = (double) payments / odds;
    return new Binomial(payments, odds)
        .between((long) Math.ceil(low * expected), (long) Math.floor(high * expected));
  }
}
