package org.micropay.vts.merchant;

import java.util.Optional;

/**
 * What all threads of one merchant share; each part says itself who may call it.
 *
 * @param config what the merchant is and takes
 * @param rules what it has against tickets
 * @param escrows what the VTS said of escrows
 * @param till uses asks up
 * @param claims winners on disk
 * @param sender claims them
 * @param outstanding tickets in check
 */
record MerchantParts(
    MerchantConfig config,
    TicketRules rules,
    EscrowCache escrows,
    TicketTill till,
    ClaimStore claims,
    ClaimSender sender,
    OutstandingTickets outstanding) {

  /** Why no ticket at all can be taken now. */
  Optional<TicketCheck.Refused> objectionToAnyTicket() {
    if (claims.isBroken() || till.fault().isPresent()) {
      return Optional.of(new TicketCheck.Refused(TicketRefusal.STORAGE, "wins cannot be stored"));
    }
    int pending = claims.pendingCount();
    if (pending >= config.risk().maxPendingClaims()) {
      return Optional.of(
          new TicketCheck.Refused(
              TicketRefusal.VTS_UNAVAILABLE, pending + " winners wait for the VTS's answer"));
    }
    if (!outstanding.hasRoom()) {
      return Optional.of(
          new TicketCheck.Refused(
              TicketRefusal.OVERLOADED,
              OutstandingTickets.MOST + " tickets are waiting to be checked"));
    }
    return Optional.empty();
  }
}
