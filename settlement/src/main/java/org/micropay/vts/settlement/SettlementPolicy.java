package org.micropay.vts.settlement;

import java.util.Objects;

/**
 * When and at what price batches go out.
 *
 * @param maxClaims claims in one batch, 1 to 100; the size limit of version 3 may stop before
 * @param maxAgeMillis a waiting claim starts a batch at this age
 * @param finalDepth confirmations at which a batch counts as settled
 * @param targetBlocks the fee estimate aims at confirmation within so many blocks
 * @param fallbackRate while the chain has no estimate
 * @param minRate never below
 * @param maxRate never above, whatever the estimate says
 * @param bumpAfterBlocks blocks that a batch may wait before its fee is raised
 * @param feeCoins confirmed coins that the fee wallet keeps ready; 0 leaves them alone
 * @param feeCoinValue satoshi of each of those
 * @param retryMillis pause after a failure, and how often unconfirmed batches are sent again
 * @param patience how long to wait for cheaper blocks
 */
public record SettlementPolicy(
    int maxClaims,
    long maxAgeMillis,
    int finalDepth,
    int targetBlocks,
    FeeRate fallbackRate,
    FeeRate minRate,
    FeeRate maxRate,
    int bumpAfterBlocks,
    int feeCoins,
    long feeCoinValue,
    long retryMillis,
    Patience patience) {

  /**
   * How long claims wait for a lower fee rate.
   *
   * @param rate above this rate a batch waits
   * @param millis but a claim no longer than this
   * @param urgentBlocks and none that is so near to its refund height: it starts a batch at once,
   *     and from there on the fee rises towards the cap
   */
  public record Patience(FeeRate rate, long millis, int urgentBlocks) {
    /** Never waits for a rate; hurries in the last 72 blocks, twelve hours, before a refund. */
    public static final Patience NONE = new Patience(new FeeRate(Long.MAX_VALUE), 0, 72);

    /** Checks the ranges. */
    public Patience {
      Objects.requireNonNull(rate);
      if (millis < 0 || urgentBlocks < 1) {
        throw new IllegalArgumentException(
            "patience of " + millis + " ms, urgent at " + urgentBlocks + " blocks");
      }
    }
  }

  /** 75 claims or ten minutes, six confirmations, 1 to 500 sat/vB, eight coins of 100,000 sat. */
  public static final SettlementPolicy DEFAULT =
      new SettlementPolicy(
          75,
          600_000,
          6,
          6,
          new FeeRate(5_000),
          FeeRate.MIN_RELAY,
          new FeeRate(500_000),
          3,
          8,
          100_000,
          30_000,
          Patience.NONE);

  /** Checks the ranges. */
  public SettlementPolicy {
    Objects.requireNonNull(patience);
    boolean valid =
        maxClaims >= 1
            && maxClaims <= 100
            && maxAgeMillis >= 0
            && finalDepth >= 1
            && targetBlocks >= 1
            && minRate.compareTo(maxRate) <= 0
            && bumpAfterBlocks >= 1
            && feeCoins >= 0
            && feeCoinValue >= 1_000
            && retryMillis >= 0;
    if (!valid) {
      throw new IllegalArgumentException(
          "settlement policy out of range: %d claims, %d ms, depth %d, target %d, %s to %s"
              .formatted(maxClaims, maxAgeMillis, finalDepth, targetBlocks, minRate, maxRate));
    }
  }
}
