package org.micropay.vts.merchant;

import java.util.Optional;
import org.micropay.vts.ticket.Opening;
import org.micropay.vts.ticket.Terms;
import org.micropay.vts.ticket.Ticket;

/**
 * What a merchant has against a ticket before any signature is verified, cheap to dear. Pure but
 * for the numbers that were given out; any thread.
 */
final class TicketRules {
  private final MerchantConfig config;
  private final AskCounter counter;

  TicketRules(MerchantConfig config, AskCounter counter) {
    this.config = config;
    this.counter = counter;
  }

  /**
   * What needs nobody else: the ask is mine, the payee is me, there is time to claim.
   *
   * @param opening at the ticket's counter
   */
  Optional<TicketCheck.Refused> objection(
      PresentedTicket presented, Opening opening, long nowSeconds) {
    Ticket ticket = presented.ticket();
    if (!counter.isIssued(presented.counter())
        || !opening.commitment().equals(ticket.commitment())) {
      return refusal(
          TicketRefusal.UNKNOWN_ASK,
          "ask %s with commitment %s is not mine"
              .formatted(PresentedTicket.counterText(presented.counter()), ticket.commitment()));
    }
    if (!ticket.payoutScript().equals(config.payoutScript())) {
      return refusal(TicketRefusal.WRONG_PAYEE, "the ticket pays " + ticket.payoutScript());
    }
    if (ticket.expiry() < nowSeconds + config.minExpirySeconds() - config.askLifeSeconds()) {
      return refusal(
          TicketRefusal.EXPIRES_TOO_SOON,
          "the ticket expires at %d, less than %d s from now"
              .formatted(ticket.expiry(), config.minExpirySeconds()));
    }
    return Optional.empty();
  }

  /** What the VTS's word on the escrow has against it: its state, and the risk rule. */
  Optional<TicketCheck.Refused> objectionToState(EscrowFacts facts, Ticket ticket) {
    Optional<TicketRefusal> risk = config.risk().objection(facts);
    if (facts.terms().isPresent() && risk.isEmpty()) {
      return Optional.empty();
    }
    return refusal(
        risk.orElse(TicketRefusal.UNKNOWN_ESCROW),
        "escrow %s is %s with %d confirmations, %d blocks before its refund"
            .formatted(
                ticket.termsDigest(),
                facts.state(),
                facts.confirmations(),
                facts.blocksToRefund()));
  }

  /** What the escrow's terms have against them: chain, VTS, odds, dust, price. */
  Optional<TicketCheck.Refused> objectionToTerms(Terms terms, Price price) {
    if (terms.network() != config.network().magic()) {
      return refusal(TicketRefusal.WRONG_NETWORK, "the terms are not for " + config.network().id());
    }
    if (!terms.vtsKey().equals(config.vtsKey())) {
      return refusal(TicketRefusal.WRONG_VTS_KEY, "the terms name VTS key " + terms.vtsKey());
    }
    if (terms.odds() < config.minOdds() || terms.odds() > config.maxOdds()) {
      return refusal(
          TicketRefusal.ODDS_OUT_OF_RANGE,
          "odds 1/%d; taken are 1/%d to 1/%d"
              .formatted(terms.odds(), config.minOdds(), config.maxOdds()));
    }
    if (terms.payout() < config.payoutScript().type().dust()) {
      return refusal(TicketRefusal.DUST, "a payout of " + terms.payout() + " satoshi is dust");
    }
    if (!price.isCoveredBy(terms)) {
      return refusal(
          TicketRefusal.PRICE_TOO_LOW,
          "the ticket is worth %s, the price is %s".formatted(Price.ofTicket(terms), price));
    }
    return Optional.empty();
  }

  private static Optional<TicketCheck.Refused> refusal(TicketRefusal code, String detail) {
    return Optional.of(new TicketCheck.Refused(code, detail));
  }
}
