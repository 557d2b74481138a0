package org.micropay.vts.merchant;

import java.util.Optional;
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
   * @param code the reason
   * @param detail one line with the value that was wrong
   * @param result what became of the lottery, where the buyer may know: a valid ticket that came
   *     too late or for the second time, so that he can free his escrow
   */
  record Refused(TicketRefusal code, String detail, Optional<TicketResult> result)
      implements TicketCheck {
    /** A refusal that says nothing of the lottery. */
    public Refused(TicketRefusal code, String detail) {
      this(code, detail, Optional.empty());
    }
  }
}
