package org.micropay.vts.merchant;

import java.util.Optional;
import org.micropay.vts.ticket.Terms;

/**
 * When a merchant trusts an escrow (docs/PROTOCOL.md, section 15): it must be live to the VTS, deep
 * and far enough from its refund, and, where deposits are demanded, what stands behind it must make
 * cheating a loss. With k tickets outstanding on one escrow and rho = 1/N, playing both sides pays
 * unless
 *
 * <pre>
 *   deposit / payout  &gt;=  k rho / (1 - (1 - rho)^k)
 * </pre>
 *
 * A merchant sees only the tickets that come to him, so k is an assumption. A deposit that stands
 * behind several escrows is burned once, so only its share counts.
 *
 * @param minConfirmations blocks that must bury the funding; the VTS's own depth holds anyway
 * @param minBlocksToRefund blocks between the tip and the refund height
 * @param maxOutstanding tickets of one escrow in check at the same moment; honest buyers have one
 * @param assumedOutstanding k, tickets elsewhere that the deposit must cover; 0 demands no deposit
 * @param maxPendingClaims winners that the VTS has not answered; above, no ticket is taken
 */
public record RiskPolicy(
    int minConfirmations,
    int minBlocksToRefund,
    int maxOutstanding,
    int assumedOutstanding,
    int maxPendingClaims) {
  /** Takes what the VTS calls live, one ticket at a time, and demands no deposit. */
  public static final RiskPolicy DEFAULT = new RiskPolicy(0, 0, 1, 0, 10_000);

  /** Checks the ranges. */
  public RiskPolicy {
    if (minConfirmations < 0
        || minBlocksToRefund < 0
        || maxOutstanding < 1
        || assumedOutstanding < 0
        || maxPendingClaims < 1) {
      throw new IllegalArgumentException("a limit of the risk policy is out of range");
    }
  }

  /** What this policy has against an escrow; empty when it may pay. */
  public Optional<TicketRefusal> objection(EscrowFacts facts) {
    return switch (facts.state()) {
      case UNKNOWN -> Optional.of(TicketRefusal.UNKNOWN_ESCROW);
      case UNCONFIRMED -> Optional.of(TicketRefusal.ESCROW_UNCONFIRMED);
      case REFUND_NEAR -> Optional.of(TicketRefusal.REFUND_TOO_NEAR);
      case GRANTED, DOUBLE_SPENT, SPENT -> Optional.of(TicketRefusal.ESCROW_SPENT);
      case LIVE -> objectionToLive(facts);
    };
  }

  private Optional<TicketRefusal> objectionToLive(EscrowFacts facts) {
    if (facts.confirmations() < minConfirmations) {
      return Optional.of(TicketRefusal.ESCROW_UNCONFIRMED);
    }
    if (facts.blocksToRefund() < minBlocksToRefund) {
      return Optional.of(TicketRefusal.REFUND_TOO_NEAR);
    }
    if (assumedOutstanding > 0 && !isCovered(facts)) {
      return Optional.of(TicketRefusal.DEPOSIT_TOO_SMALL);
    }
    return Optional.empty();
  }

  private boolean isCovered(EscrowFacts facts) {
    if (facts.deposit().isEmpty()) {
      return false;
    }
    EscrowFacts.PenaltyDeposit deposit = facts.deposit().get();
    Terms terms = facts.terms().orElseThrow();
    double share = (double) deposit.value() / deposit.shares();
    return deposit.refundHeight() >= terms.refundHeight()
        && share >= terms.payout() * penaltyRatio(assumedOutstanding, terms.odds());
  }

  /** Least deposit / payout that makes k outstanding tickets at odds 1/N a loss: 1 for k = 1. */
  public static double penaltyRatio(int k, int odds) {
    double rho = 1.0 / odds;
    // expm1 and log1p keep all digits where rho is tiny; rho = 1 makes log1p minus infinity: k.
    return k * rho / -Math.expm1(k * Math.log1p(-rho));
  }
}
