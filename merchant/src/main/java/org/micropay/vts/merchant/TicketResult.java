package org.micropay.vts.merchant;

import java.util.Optional;
import org.micropay.vts.ticket.Opening;
import org.micropay.vts.ticket.ProtocolException;

/**
 * What the merchant says of the lottery beside the content.
 *
 * <pre>
 *   VTS-Ticket-Result: outcome=lost, opening=-iTCVYkGj0LgwQEwv0de20_9noU0LcjWyFwAe0J3FU4
 *   VTS-Ticket-Result: outcome=won
 *   VTS-Ticket-Result: outcome=lost, opening=..., reusable=1
 * </pre>
 *
 * @param opening of a losing ticket: the buyer's escrow is free again; empty for a winner
 * @param reusable the content could not be had; the same ticket is still good for it until the ask
 *     expires
 */
public record TicketResult(Optional<Opening> opening, boolean reusable) {
  /** The response header. */
  public static final String HEADER = "VTS-Ticket-Result";

  private static final String LOST = "lost";
  private static final String WON = "won";

  /** Of a losing ticket. */
  public static TicketResult lost(Opening opening) {
    return new TicketResult(Optional.of(opening), false);
  }

  /** Of a winning one. */
  public static TicketResult won() {
    return new TicketResult(Optional.empty(), false);
  }

  /** The same, with the ticket still good. */
  public TicketResult asReusable() {
    return new TicketResult(opening, true);
  }

  /** Whether the ticket won. */
  public boolean isWon() {
    return opening.isEmpty();
  }

  /** Value of the header. */
  public String toHeader() {
    // All tokens: nothing has to be quoted.
    String outcome =
        isWon()
            ? "outcome=" + WON
            : "outcome=" + LOST + ", opening=" + opening.orElseThrow().toBase64Url();
    return reusable ? outcome + ", reusable=1" : outcome;
  }

  /**
   * Reads the header.
   *
   * @throws IllegalArgumentException when it does not follow the format
   */
  public static TicketResult parse(String header) {
    AuthParameters values = AuthParameters.parse(header);
    boolean reusable = values.get("reusable").filter("1"::equals).isPresent();
    String outcome = values.require("outcome");
    return switch (outcome) {
      case WON -> new TicketResult(Optional.empty(), reusable);
      case LOST -> new TicketResult(Optional.of(opening(values.require("opening"))), reusable);
      default -> throw new IllegalArgumentException("outcome '" + outcome + "' is not known");
    };
  }

  private static Opening opening(String text) {
    try {
      return Opening.fromBase64Url(text);
    } catch (ProtocolException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }
}
