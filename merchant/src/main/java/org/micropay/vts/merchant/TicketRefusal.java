package org.micropay.vts.merchant;

import org.micropay.vts.ticket.AnswerCode;

/**
 * Why a merchant does not take a ticket. The names travel in challenges (docs/PAYING.md) and never
 * change; the status is that of the HTTP answer that carries them.
 */
public enum TicketRefusal {
  /** No ticket came with the request. */
  PAYMENT_REQUIRED(402, "this has a price; pay with a ticket"),
  /** Header, body or ticket cannot be read. */
  MALFORMED(400, "the ticket cannot be read"),
  /** The counter is not one of this merchant's, or the commitment is not that of the counter. */
  UNKNOWN_ASK(402, "the ticket answers no ask of this merchant"),
  /** The ask is older than its life; a new one comes with the refusal. */
  ASK_EXPIRED(402, "the ask is too old"),
  /** The ask has bought something already. */
  REDEEMED(402, "the ticket was used before"),
  /** The ticket pays a script that is not the merchant's. */
  WRONG_PAYEE(402, "the ticket pays somebody else"),
  /** payout / odds is below the price. */
  PRICE_TOO_LOW(402, "the ticket is worth less than the price"),
  /** The odds are outside what the merchant takes. */
  ODDS_OUT_OF_RANGE(402, "the odds are outside what this merchant takes"),
  /** The payout is below the dust threshold of the merchant's script. */
  DUST(402, "the payout is dust for the merchant's script"),
  /** The ticket would expire before a claim is sure to arrive. */
  EXPIRES_TOO_SOON(402, "the ticket expires too soon to be claimed"),
  /** The escrow's terms are for another chain. */
  WRONG_NETWORK(402, "the escrow is on another network"),
  /** The escrow's terms name another VTS. */
  WRONG_VTS_KEY(402, "the escrow names another VTS"),
  /** Ticket and terms do not belong together. */
  TERMS_MISMATCH(402, "the ticket is for other terms"),
  /** The VTS does not know the escrow. */
  UNKNOWN_ESCROW(402, "the escrow is not registered with the VTS"),
  /** The escrow's funding is not deep enough. */
  ESCROW_UNCONFIRMED(402, "the escrow is not confirmed deep enough"),
  /** The escrow's coins are gone, or granted to a claim. */
  ESCROW_SPENT(402, "the escrow is spent"),
  /** The buyer could refund the escrow before a claim is settled. */
  REFUND_TOO_NEAR(402, "the escrow's refund height is too near"),
  /** Tickets of this escrow are being served at this moment. */
  TOO_MANY_OUTSTANDING(402, "another ticket of this escrow is outstanding"),
  /** What stands behind the escrow does not cover a double-spend. */
  DEPOSIT_TOO_SMALL(402, "the penalty deposit is too small for this merchant's risk rule"),
  /** sigTicket does not verify. */
  BAD_TICKET_SIGNATURE(402, "the ticket signature is invalid"),
  /** sigSpend does not verify. */
  BAD_SPEND_SIGNATURE(402, "the spend signature is invalid"),
  /** The VTS did not answer, so the escrow's state is not known; the ticket was not used. */
  VTS_UNAVAILABLE(503, "the VTS cannot be asked about the escrow at the moment"),
  /** Too much work is waiting; the ticket was not used. */
  OVERLOADED(503, "too many tickets are waiting to be checked"),
  /** A win could not be made durable; the ticket was not used. */
  STORAGE(503, "the merchant cannot store a win at the moment");

  private final int httpStatus;
  private final String text;

  TicketRefusal(int httpStatus, String text) {
    this.httpStatus = httpStatus;
    this.text = text;
  }

  /** Status of the answer that carries it: 400, 402 or 503. */
  public int httpStatus() {
    return httpStatus;
  }

  /** One line in English, without a full stop. */
  public String text() {
    return text;
  }

  /** The refusal that says to a buyer what the protocol's code says. */
  public static TicketRefusal of(AnswerCode code) {
    return switch (code) {
      case DUST -> DUST;
      case WRONG_NETWORK -> WRONG_NETWORK;
      case WRONG_VTS_KEY -> WRONG_VTS_KEY;
      case TERMS_MISMATCH -> TERMS_MISMATCH;
      case UNKNOWN_ESCROW -> UNKNOWN_ESCROW;
      case BAD_TICKET_SIGNATURE -> BAD_TICKET_SIGNATURE;
      case BAD_SPEND_SIGNATURE -> BAD_SPEND_SIGNATURE;
      default -> MALFORMED;
    };
  }
}
