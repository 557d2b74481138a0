package org.micropay.vts.merchant;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Whether a merchant's luck is plausible: what so many tickets should have won, within which band
 * 95 of 100 merchants would find themselves, and how likely it is to win so little or so much.
 *
 * @param tickets taken
 * @param wins among them
 * @param expectedWins their mean
 * @param winsLow 2.5% quantile of the number of wins
 * @param winsHigh 97.5% quantile
 * @param expectedMsat sum of payout / odds
 * @param wonMsat sum of the payouts of the winners, settled or not
 * @param lowMsat lower end of the 95% band of the revenue
 * @param highMsat upper end
 * @param chanceOfSoFew P(so few wins or fewer)
 * @param chanceOfSoMany P(so many wins or more)
 * @param classes the same by payout and odds
 */
public record RevenueStatistics(
    long tickets,
    long wins,
    double expectedWins,
    long winsLow,
    long winsHigh,
    double expectedMsat,
    double wonMsat,
    double lowMsat,
    double highMsat,
    double chanceOfSoFew,
    double chanceOfSoMany,
    List<ClassLine> classes) {
  private static final double LOW = 0.025;
  private static final double HIGH = 0.975;
  private static final double NORMAL_95 = 1.959964;
  private static final double ALARM = 0.001;

  /** How the wins look. */
  public enum Luck {
    /** Fewer than ten wins are expected so far: nothing can be said. */
    TOO_EARLY,
    /** Within what chance gives. */
    PLAUSIBLE,
    /** So few wins come by chance less than once in a thousand. */
    SUSPICIOUSLY_LOW,
    /** So many wins come by chance less than once in a thousand. */
    SUSPICIOUSLY_HIGH
  }

  /**
   * One class of tickets.
   *
   * @param payout satoshi of a winner
   * @param odds N of 1/N
   * @param tickets taken
   * @param wins among them
   * @param expectedWins their mean
   */
  public record ClassLine(long payout, int odds, long tickets, long wins, double expectedWins) {}

  /** What is known of tickets beyond the classes. */
  record Sums(
      long tickets,
      long wins,
      double meanWins,
      double varianceWins,
      double expectedMsat,
      double varianceMsat,
      double wonMsat) {}

  static RevenueStatistics of(Map<TicketClass, long[]> classes, Sums others) {
    Map<Integer, Long> byOdds = new TreeMap<>();
    List<ClassLine> lines = new ArrayList<>();
    long tickets = others.tickets();
    long wins = others.wins();
    double mean = others.meanWins();
    double variance = others.varianceWins();
    double expected = others.expectedMsat();
    double varianceMsat = others.varianceMsat();
    double won = others.wonMsat();
    for (Map.Entry<TicketClass, long[]> entry : classes.entrySet()) {
      TicketClass type = entry.getKey();
      long count = entry.getValue()[0];
      double rho = type.rho();
      double payout = type.payout() * 1000.0;
      byOdds.merge(type.odds(), count, Long::sum);
      lines.add(new ClassLine(type.payout(), type.odds(), count, entry.getValue()[1], count * rho));
      tickets += count;
      wins += entry.getValue()[1];
      mean += count * rho;
      variance += count * rho * (1 - rho);
      expected += count * rho * payout;
      varianceMsat += count * rho * (1 - rho) * payout * payout;
      won += entry.getValue()[1] * payout;
    }
    WinDistribution distribution =
        others.tickets() > 0 ? WinDistribution.normal(mean, variance) : WinDistribution.of(byOdds);
    long low = distribution.quantile(LOW);
    long high = distribution.quantile(HIGH);
    boolean onePayout = classes.size() == 1 && others.tickets() == 0;
    double perWin = onePayout ? classes.keySet().iterator().next().payout() * 1000.0 : 0;
    double spread = NORMAL_95 * Math.sqrt(varianceMsat);
    return new RevenueStatistics(
        tickets,
        wins,
        mean,
        low,
        high,
        expected,
        won,
        onePayout ? low * perWin : Math.max(0, expected - spread),
        onePayout ? high * perWin : expected + spread,
        distribution.atMost(wins),
        distribution.atLeast(wins),
        lines);
  }

  /** Whether chance explains the wins. */
  public Luck luck() {
    if (chanceOfSoFew < ALARM) {
      return Luck.SUSPICIOUSLY_LOW;
    }
    if (chanceOfSoMany < ALARM) {
      return Luck.SUSPICIOUSLY_HIGH;
    }
    return expectedWins < 10 ? Luck.TOO_EARLY : Luck.PLAUSIBLE;
  }
}
