package org.micropay.vts.merchant;

/** A buyer's wallet does not pay what is demanded; nothing was signed. */
public final class CannotPayException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Why not; stable names for programs. */
  public enum Reason {
    /** The price, or the worth of the cheapest ticket that covers it, is above the limit. */
    PRICE_ABOVE_LIMIT,
    /** The site's limit of the day would be passed. */
    SITE_LIMIT,
    /** The wallet's limit of the day would be passed. */
    DAY_LIMIT,
    /** The run's limit would be passed. */
    RUN_LIMIT,
    /** No escrow of this wallet suits: other VTS, odds, too small, or none there. */
    NO_ESCROW,
    /** Escrows suit, and each has a ticket outstanding. */
    ALL_OUTSTANDING,
    /** The ask is too old to be answered. */
    ASK_EXPIRED,
    /** The ask's commitment was paid under before. */
    COMMITMENT_USED
  }

  private final Reason reason;

  /** {@code message}: one line with the value that was wrong and what to do. */
  public CannotPayException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  /** Why not. */
  public Reason reason() {
    return reason;
  }
}
