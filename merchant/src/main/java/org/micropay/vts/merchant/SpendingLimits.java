package org.micropay.vts.merchant;

/**
 * What a buyer is ready to spend, counted by the expected value of the tickets that he signs.
 *
 * @param perTicket one ticket at most
 * @param perRun all tickets since the wallet was opened
 * @param perSite one site in one day (UTC)
 * @param perDay all sites in one day
 */
public record SpendingLimits(Price perTicket, Price perRun, Price perSite, Price perDay) {
  private static final Price NONE = new Price((1L << 53) - 1);

  /** 10 satoshi a ticket, 1,000 a site and day, 10,000 a day. */
  public static final SpendingLimits DEFAULT =
      new SpendingLimits(new Price(10_000), NONE, new Price(1_000_000), new Price(10_000_000));

  /** The same with another limit per ticket; null leaves it. */
  public SpendingLimits withPerTicket(Price price) {
    return price == null ? this : new SpendingLimits(price, perRun, perSite, perDay);
  }

  /** The same with another limit per run; null leaves it. */
  public SpendingLimits withPerRun(Price price) {
    return price == null ? this : new SpendingLimits(perTicket, price, perSite, perDay);
  }

  /** The same with another limit per site and day; null leaves it. */
  public SpendingLimits withPerSite(Price price) {
    return price == null ? this : new SpendingLimits(perTicket, perRun, price, perDay);
  }

  /** The same with another limit per day; null leaves it. */
  public SpendingLimits withPerDay(Price price) {
    return price == null ? this : new SpendingLimits(perTicket, perRun, perSite, price);
  }
}
