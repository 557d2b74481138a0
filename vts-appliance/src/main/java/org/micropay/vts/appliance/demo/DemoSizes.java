package org.micropay.vts.appliance.demo;

/**
 * How many of everything follow from the number of winners.
 *
 * @param winners escrows that an honest ticket wins
 * @param idle registered escrows beyond those: their buyers stay without luck
 * @param hasty escrows whose winner is claimed before the funding is deep enough
 * @param doubleSpenders winners whose buyers also sign a second winning ticket
 * @param forgeries refused claims of each kind
 * @param buyers who pay
 * @param merchants who ask
 */
record DemoSizes(
    int winners,
    int idle,
    int hasty,
    int doubleSpenders,
    int forgeries,
    int buyers,
    int merchants) {
  static final int MIN_CONFIRMATIONS = 2;
  static final int REFUND_MARGIN = 10;
  static final int SETTLED_CONFIRMATIONS = 2;

  /** Blocks from the funding to the refund height; the demo mines far fewer. */
  static final int REFUND_BLOCKS = 2_000;

  /** How often the first claim is sent in all, and every other decided one. */
  static final int REPEATS_OF_FIRST = 100;

  static final int REPEATS = 20;

  /** Connections of the claim stream; one more client claims by HTTP. */
  static final int CONNECTIONS = 4;

  /** Claims a second that the merchants send while nothing is wrong. */
  static final int PLANNED_RATE = 400;

  /** Satoshi between an escrow's value and its payout: for some releases enough, for some not. */
  static final long MIN_FEE_ALLOWANCE = 200;

  static final long MAX_FEE_ALLOWANCE = 900;

  static final long MIN_PAYOUT = 10_000;
  static final long MAX_PAYOUT = 60_000;
  static final long FEE_COIN = 150_000;

  static DemoSizes of(DemoOptions options) {
    int winners = options.winners();
    return new DemoSizes(
        winners,
        Math.max(4, winners / 10),
        Math.max(1, winners / 80),
        Math.max(1, winners / 20),
        Math.max(1, winners / 100),
        Math.max(2, winners / 10),
        8);
  }

  /** Escrows that are registered. */
  int registered() {
    return winners + idle;
  }

  /** Coins of the fee wallet: one for each batch, and some to spare. */
  int feeCoins() {
    return winners / 60 + 4;
  }
}
