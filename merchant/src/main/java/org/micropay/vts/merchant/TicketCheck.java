package org.micropay.vts.merchant;

import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.Opening;

/** What a merchant found out about a ticket. */
public sealed interface TicketCheck {
  /**
   * Valid, and it wins: serve, and claim.
   *
   * @param claim what to send to the VTS; secret until then
   */
  record Won(Claim claim) implements TicketCheck {}

  /**
   * Valid, and it loses: serve, and return the opening so that the buyer's escrow is free again.
   *
   * @param opening r1 and s
   */
  record Lost(Opening opening) implements TicketCheck {}

  /**
   * Not a payment: do not serve.
   *
   * @param code the protocol's reason
   * @param detail one line with the value that was wrong
   */
  record Refused(AnswerCode code, String detail) implements TicketCheck {}
}
