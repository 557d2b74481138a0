package org.micropay.vts.settlement;

import java.util.Optional;

/**
 * What a batch pays, by the node's estimate, the operator's override, and the blocks that are left
 * until a buyer could take one of its escrows back. Never below the policy's floor, never above its
 * cap. Keeps no state; the chain thread calls it.
 *
 * <pre>
 *  blocks left      first rate                        each replacement
 *  above urgent     estimate for targetBlocks         + 25 % + 1 sat/vB, each bumpAfterBlocks
 *  up to urgent     estimate for a third of them      the same, but at least on the line
 *                                                     from there to the cap, each block
 * </pre>
 */
final class FeeSchedule {
  private static final int TARGET_SHARE = 3;
  private static final int STEP_SHARE = 4;

  private final SettlementPolicy policy;

  FeeSchedule(SettlementPolicy policy) {
    this.policy = policy;
  }

  /** Whether so few blocks are left that neither patience nor a quiet schedule is allowed. */
  boolean isUrgent(int tipHeight, int deadline) {
    return (long) deadline - tipHeight <= policy.patience().urgentBlocks();
  }

  /** The rate of a new batch whose lowest refund height is {@code deadline}. */
  FeeRate first(Chain chain, Optional<FeeRate> override, int tipHeight, int deadline) {
    FeeRate estimate =
        chain.estimateFeeRate(target(tipHeight, deadline)).orElse(policy.fallbackRate());
    return bounded(override.orElse(estimate));
  }

  /** The rate that replaces one that has not been mined for long. */
  FeeRate raised(
      Chain chain, Optional<FeeRate> override, FeeRate stuck, int tipHeight, int deadline) {
    FeeRate first = first(chain, override, tipHeight, deadline);
    long step = stuck.satPerKvb() / STEP_SHARE + FeeRate.MIN_RELAY.satPerKvb();
    FeeRate rate = first.max(new FeeRate(stuck.satPerKvb() + step));
    return bounded(rate.max(onTheLine(first, tipHeight, deadline)));
  }

  /** Blocks that a transaction may wait before its fee is raised. */
  int bumpAfterBlocks(int tipHeight, int deadline) {
    return isUrgent(tipHeight, deadline) ? 1 : policy.bumpAfterBlocks();
  }

  private int target(int tipHeight, int deadline) {
    if (!isUrgent(tipHeight, deadline)) {
      return policy.targetBlocks();
    }
    return Math.clamp((deadline - tipHeight) / TARGET_SHARE, 1, policy.targetBlocks());
  }

  /** From the first rate where it begins to be urgent to the cap where no block is left. */
  private FeeRate onTheLine(FeeRate first, int tipHeight, int deadline) {
    int urgent = policy.patience().urgentBlocks();
    int left = Math.clamp((long) deadline - tipHeight, 0, urgent);
    long height = policy.maxRate().satPerKvb() - first.satPerKvb();
    return new FeeRate(first.satPerKvb() + height * (urgent - left) / urgent);
  }

  private FeeRate bounded(FeeRate rate) {
    return rate.max(policy.minRate()).min(policy.maxRate());
  }
}
