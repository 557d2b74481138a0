package org.micropay.vts.ledger;

import org.micropay.vts.ticket.AnswerCode;

/**
 * Whether a verified claim on a registered escrow may be granted now, by the escrow's and the
 * chain's state. Stateless; shared by the writer, which decides, and the view, which foretells.
 *
 * <p>Every rule only ever refuses more as the clock moves on. A claim that was granted at some time
 * is therefore granted again in a replay that knows only the journaled, never later, times.
 */
class ClaimRules {
  /** Nothing speaks against it. */
  static final int ACCEPTED = 0;

  /** The ticket's expiry, Unix seconds, lies before {@code nowMillis}. */
  boolean isExpired(long nowMillis, long expirySeconds) {
    return nowMillis > expirySeconds * 1000;
  }

  /** The tip is unknown, or was last seen too long ago to rely on it. */
  boolean isStale(LedgerPolicy policy, TipInfo tip, long nowMillis) {
    return !tip.isKnown() || nowMillis - tip.seenMillis() > policy.chainStaleMillis();
  }

  /** The refund could be mined before a batch is. */
  boolean isRefundNear(LedgerPolicy policy, TipInfo tip, long refundHeight) {
    return (long) tip.height() + policy.refundMargin() >= refundHeight;
  }

  /** ACCEPTED, or the number of the {@link AnswerCode} that the chain's state calls for. */
  int checkChain(
      LedgerPolicy policy,
      TipInfo tip,
      long nowMillis,
      int fundedHeight,
      int spentHeight,
      long refundHeight) {
    if (isStale(policy, tip, nowMillis)) {
      return AnswerCode.CHAIN_STALE.number();
    }
    if (tip.depthOf(fundedHeight) < policy.minConfirmations()) {
      return AnswerCode.ESCROW_UNCONFIRMED.number();
    }
    if (spentHeight != 0) {
      return AnswerCode.ESCROW_SPENT.number();
    }
    if (isRefundNear(policy, tip, refundHeight)) {
      return AnswerCode.REFUND_TOO_NEAR.number();
    }
    return ACCEPTED;
  }
}
