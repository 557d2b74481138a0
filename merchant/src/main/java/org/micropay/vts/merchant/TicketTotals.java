package org.micropay.vts.merchant;

import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * How many tickets came and how many won, by class. Buyers choose payout and odds, so the number of
 * classes is bounded: beyond it, tickets count in sums only. One thread.
 */
final class TicketTotals {
  private static final int MAX_CLASSES = 256;
  private static final int MSAT = 1000;

  private final TreeMap<TicketClass, long[]> classes =
      new TreeMap<>(
          Comparator.comparingInt(TicketClass::odds).thenComparingLong(TicketClass::payout));
  private long otherTickets;
  private long otherWins;
  private double otherMeanWins;
  private double otherVarianceWins;
  private double otherExpectedMsat;
  private double otherVarianceMsat;
  private double otherWonMsat;

  /** Counts one ticket; {@code sign} -1 takes it back. */
  void count(TicketClass type, boolean won, int sign) {
    add(type, sign, won ? sign : 0);
  }

  /** Counts many of one class. */
  void add(TicketClass type, long tickets, long wins) {
    long[] counts = classes.get(type);
    if (counts == null && classes.size() < MAX_CLASSES) {
      counts = new long[2];
      classes.put(type, counts);
    }
    if (counts != null) {
      counts[0] += tickets;
      counts[1] += wins;
      return;
    }
    double rho = type.rho();
    double payout = (double) type.payout() * MSAT;
    otherTickets += tickets;
    otherWins += wins;
    otherMeanWins += tickets * rho;
    otherVarianceWins += tickets * rho * (1 - rho);
    otherExpectedMsat += tickets * rho * payout;
    otherVarianceMsat += tickets * rho * (1 - rho) * payout * payout;
    otherWonMsat += wins * payout;
  }

  /** The statistics of all that is counted by now; to be computed later, on any thread. */
  Supplier<RevenueStatistics> statistics() {
    Map<TicketClass, long[]> now = new TreeMap<>(classes.comparator());
    classes.forEach((type, counts) -> now.put(type, counts.clone()));
    RevenueStatistics.Sums others =
        new RevenueStatistics.Sums(
            otherTickets,
            otherWins,
            otherMeanWins,
            otherVarianceWins,
            otherExpectedMsat,
            otherVarianceMsat,
            otherWonMsat);
    return () -> RevenueStatistics.of(now, others);
  }

  Map<TicketClass, long[]> classes() {
    return classes;
  }

  double[] others() {
    return new double[] {
      otherTickets,
      otherWins,
      otherMeanWins,
      otherVarianceWins,
      otherExpectedMsat,
      otherVarianceMsat,
      otherWonMsat
    };
  }

  void setOthers(double[] values) {
    otherTickets = (long) values[0];
    otherWins = (long) values[1];
    otherMeanWins = values[2];
    otherVarianceWins = values[3];
    otherExpectedMsat = values[4];
    otherVarianceMsat = values[5];
    otherWonMsat = values[6];
  }
}
