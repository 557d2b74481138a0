package org.micropay.vts.merchant;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.micropay.vts.ticket.Opening;
import org.micropay.vts.ticket.Ticket;
import org.micropay.vts.ticket.WinRule;

/**
 * What a buyer pays with, and what he believes afterwards: the rules of docs/PAYING.md, section 7,
 * as {@link TicketRules} are the merchant's. Pure; any thread.
 */
final class WalletRules {
  private WalletRules() {}

  /** An ask that is over buys nothing. */
  static void requireFresh(Challenge challenge, Instant now) {
    if (challenge.askExpires() <= now.getEpochSecond()) {
      throw new CannotPayException(
          CannotPayException.Reason.ASK_EXPIRED, "the ask has expired; request the page again");
    }
  }

  /** Who knows what a commitment hides knows whether a ticket under it would win. */
  static void requireNewCommitment(WalletData data, Challenge challenge) {
    if (data.hasPaidUnder(challenge.ask().commitment())) {
      throw new CannotPayException(
          CannotPayException.Reason.COMMITMENT_USED,
          "the merchant asks under a commitment that was paid under before: "
              + challenge.ask().commitment());
    }
  }

  /**
   * The cheapest free escrow that covers the price; of equal ones that with the nearest refund.
   *
   * @throws CannotPayException when there is none
   */
  static WalletEscrow choose(WalletData data, Challenge challenge) {
    List<WalletEscrow> suitable =
        data.escrows().stream()
            .filter(e -> e.decodedTerms().filter(challenge::accepts).isPresent())
            .toList();
    Optional<WalletEscrow> free =
        suitable.stream()
            .filter(e -> e.state() == WalletEscrow.State.FREE)
            .min(
                Comparator.comparing((WalletEscrow e) -> worth(e))
                    .thenComparing(WalletEscrow::refundHeight)
                    .thenComparing(WalletEscrow::index));
    if (free.isPresent()) {
      return free.get();
    }
    if (suitable.stream().anyMatch(e -> e.state() == WalletEscrow.State.OUTSTANDING)) {
      throw new CannotPayException(
          CannotPayException.Reason.ALL_OUTSTANDING,
          "every escrow that could pay has a ticket outstanding");
    }
    throw new CannotPayException(
        CannotPayException.Reason.NO_ESCROW,
        "no free escrow pays %s with VTS %s".formatted(challenge.price(), challenge.vtsKey()));
  }

  private static Price worth(WalletEscrow escrow) {
    return Price.ofTicket(escrow.decodedTerms().orElseThrow());
  }

  /**
   * An escrow after the merchant's word on its ticket: an opening that is the ticket's and shows a
   * loss frees it; a win spends it; anything else leaves it as it is.
   */
  static WalletEscrow learned(WalletEscrow escrow, Ticket ticket, TicketResult result) {
    if (escrow.state() != WalletEscrow.State.OUTSTANDING
        || !ticket.toBase64Url().equals(escrow.ticket())) {
      return escrow;
    }
    if (result.isWon()) {
      return escrow.withState(WalletEscrow.State.WON);
    }
    Opening opening = result.opening().orElseThrow();
    boolean ours = opening.commitment().equals(ticket.commitment());
    boolean won = WinRule.wins(opening.r1(), ticket.r2(), escrow.odds());
    if (!ours) {
      return escrow;
    }
    return won ? escrow.withState(WalletEscrow.State.WON) : escrow.free();
  }

  /**
   * An escrow after the VTS's word on it.
   *
   * @param now as it stands
   * @param asked as it stood when the VTS was asked; whatever changed meanwhile stays
   * @param expired whether its ticket has
   */
  static WalletEscrow told(
      WalletEscrow now, WalletEscrow asked, EscrowState state, boolean expired) {
    if (!now.equals(asked)) {
      return now;
    }
    return switch (state) {
      case GRANTED, DOUBLE_SPENT, SPENT -> now.withState(WalletEscrow.State.WON);
      case LIVE -> expired ? now.free() : now;
      case UNKNOWN, UNCONFIRMED, REFUND_NEAR -> now;
    };
  }
}
