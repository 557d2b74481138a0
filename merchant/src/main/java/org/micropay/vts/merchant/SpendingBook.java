package org.micropay.vts.merchant;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** What a wallet paid, by site and day (UTC), held against its limits. Pure; any thread. */
final class SpendingBook {
  private static final int KEPT_DAYS = 92;

  private SpendingBook() {}

  /**
   * Checks one more ticket against all limits.
   *
   * @param spentByRun what this process has paid so far
   * @throws CannotPayException when one of them would be passed
   */
  static void requireWithin(
      WalletData data,
      Price worth,
      String site,
      SpendingLimits limits,
      Price spentByRun,
      long nowSeconds) {
    String today = day(nowSeconds);
    require(CannotPayException.Reason.PRICE_ABOVE_LIMIT, "one ticket", worth, limits.perTicket());
    require(
        CannotPayException.Reason.RUN_LIMIT, "this run", worth.plus(spentByRun), limits.perRun());
    require(
        CannotPayException.Reason.SITE_LIMIT,
        site + " today",
        worth.plus(spent(data, today, site)),
        limits.perSite());
    require(
        CannotPayException.Reason.DAY_LIMIT,
        "all sites today",
        worth.plus(spent(data, today, null)),
        limits.perDay());
  }

  private static void require(
      CannotPayException.Reason reason, String what, Price sum, Price limit) {
    if (sum.compareTo(limit) > 0) {
      throw new CannotPayException(
          reason, "%s would come to %s, the limit is %s".formatted(what, sum, limit));
    }
  }

  private static String day(long seconds) {
    return LocalDate.ofInstant(Instant.ofEpochSecond(seconds), ZoneOffset.UTC).toString();
  }

  /** What all sites got on this day so far. */
  static Price spentOnDayOf(WalletData data, long seconds) {
    return spent(data, day(seconds), null);
  }

  private static Price spent(WalletData data, String day, String site) {
    return new Price(
        data.spending().stream()
            .filter(s -> s.day().equals(day) && (site == null || s.site().equals(site)))
            .mapToLong(WalletData.Spent::msat)
            .sum());
  }

  /** The lines with one more ticket in them, and without those of long ago. */
  static List<WalletData.Spent> with(WalletData data, String site, Price worth, long nowSeconds) {
    String day = day(nowSeconds);
    String oldest = day(nowSeconds - KEPT_DAYS * 86_400L);
    List<WalletData.Spent> spending = new ArrayList<>();
    WalletData.Spent today = new WalletData.Spent(day, site, 0, 0);
    for (WalletData.Spent line : data.spending()) {
      if (line.day().equals(day) && line.site().equals(site)) {
        today = line;
      } else if (line.day().compareTo(oldest) >= 0) {
        spending.add(line);
      }
    }
    spending.add(new WalletData.Spent(day, site, today.msat() + worth.msat(), today.tickets() + 1));
    return spending;
  }
}
