package org.micropay.vts.experiments;

import java.util.ArrayList;
import java.util.List;
import org.micropay.vts.merchant.PresentedTicket;
import org.micropay.vts.merchant.TicketSigner;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.Ask;
import org.micropay.vts.ticket.Bytes16;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.Opening;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.Terms;
import org.micropay.vts.ticket.Ticket;

/** How long the messages are, measured on real ones for each kind of payout address. */
final class MessageSizes {
  private MessageSizes() {}

  /**
   * One message.
   *
   * @param message its name
   * @param script kind of the payout script in it
   * @param binary bytes
   * @param base64Url characters of its base64url form, without padding
   * @param paper what the paper says, in base64; 0 for nothing
   */
  record Size(String message, String script, int binary, int base64Url, int paper) {}

  private static final int PAPER_ASK = 73;
  private static final int PAPER_TICKET = 398;

  /** Makes one of each and measures. */
  static List<Size> measure() {
    List<Size> sizes = new ArrayList<>();
    Terms first = null;
    for (PayoutScript script :
        List.of(
            PayoutScript.fromHex("0014" + "5a".repeat(20)),
            PayoutScript.fromHex("5120" + "5a".repeat(32)))) {
      try (SecretKey buyer = SecretKey.generate();
          SecretKey vts = SecretKey.generate()) {
        Terms terms = Sample.terms(buyer.publicKey(), vts.publicKey(), 1, 1);
        first = terms;
        Opening opening = new Opening(Bytes16.of(new byte[16]), Bytes16.of(new byte[16]));
        Ask ask = new Ask(opening.commitment(), script);
        Ticket ticket =
            TicketSigner.ticket(buyer, terms, ask, Bytes16.of(new byte[16]), Sample.EXPIRY);
        Claim claim = Claim.of(terms, ticket, opening);
        String kind = script.type().toString();
        sizes.add(
            new Size("ask", kind, ask.encode().length, ask.toBase64Url().length(), PAPER_ASK));
        sizes.add(
            new Size(
                "ticket",
                kind,
                ticket.encode().length,
                ticket.toBase64Url().length(),
                PAPER_TICKET));
        PresentedTicket presented = new PresentedTicket(1, ticket);
        sizes.add(
            new Size(
                "ticket with its ask's counter, as a body or as the Authorization header's value",
                kind,
                presented.body().length,
                presented.authorization().length(),
                0));
        sizes.add(new Size("claim", kind, claim.encode().length, claim.toBase64Url().length(), 0));
      }
    }
    sizes.add(new Size("terms of an escrow", "any", Terms.LENGTH, first.toBase64Url().length(), 0));
    return sizes;
  }
}
