package org.micropay.vts.merchant;

/**
 * Tickets that are alike in what they may win.
 *
 * @param payout satoshi of a winner
 * @param odds N of 1/N
 */
public record TicketClass(long payout, int odds) {
  /** Probability of a win. */
  public double rho() {
    return 1.0 / odds;
  }
}
