package org.micropay.vts.merchant;

import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Map;
import org.micropay.vts.secp256k1.Ecdsa;
import org.micropay.vts.ticket.Ask;
import org.micropay.vts.ticket.Bytes16;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Opening;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.ProtocolException;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.SpendTemplate;
import org.micropay.vts.ticket.Terms;
import org.micropay.vts.ticket.Ticket;
import org.micropay.vts.ticket.WinRule;

/**
 * Asks drawn at random and remembered until their tickets come, and the check of one ticket at a
 * time: the paper's plain form, for tools and tests. Every commitment is good for one ticket, and
 * r1 leaves only as the opening of a loss or inside a claim.
 *
 * <p>It does not speak to anyone: whether the escrow is registered, unspent and deep enough is a
 * question to the VTS, before serving. {@link Merchant} is the whole of it, without state per ask.
 * Thread-safe.
 */
public final class AskBook {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Network network;
  private final PublicKey vtsKey;
  private final PayoutScript payoutScript;
  private final long minExpirySeconds;
  private final Map<Bytes32, Opening> openAsks;

  /**
   * An empty book.
   *
   * @param payoutScript where winnings go
   * @param minExpirySeconds a ticket must be good for at least so long, to leave time to claim it
   * @param maxOpenAsks asks remembered at once; the oldest is forgotten for one more
   */
  public AskBook(
      Network network,
      PublicKey vtsKey,
      PayoutScript payoutScript,
      long minExpirySeconds,
      int maxOpenAsks) {
    this.network = network;
    this.vtsKey = vtsKey;
    this.payoutScript = payoutScript;
    this.minExpirySeconds = minExpirySeconds;
    this.openAsks =
        new LinkedHashMap<>() {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<Bytes32, Opening> eldest) {
            return size() > maxOpenAsks;
          }
        };
  }

  /** A new ask: r1 and s drawn now, remembered until its ticket comes. */
  public Ask ask() {
    byte[] drawn = new byte[Opening.LENGTH];
    RANDOM.nextBytes(drawn);
    Opening opening = new Opening(Bytes16.copyOf(drawn, 0), Bytes16.copyOf(drawn, Bytes16.LENGTH));
    Bytes32 commitment = opening.commitment();
    synchronized (openAsks) {
      openAsks.put(commitment, opening);
    }
    return new Ask(commitment, payoutScript);
  }

  /**
   * Checks a ticket, cheap to dear. A ticket whose signatures hold uses up its commitment, won or
   * lost; a refused one does not, so that garbage cannot spoil somebody's ask.
   *
   * @param terms of the escrow the ticket names
   * @param nowSeconds the merchant's clock, Unix seconds
   */
  public TicketCheck check(Terms terms, Ticket ticket, long nowSeconds) {
    if (terms.network() != network.magic()) {
      return refuse(TicketRefusal.WRONG_NETWORK, "the terms are not for " + network.id());
    }
    if (!terms.vtsKey().equals(vtsKey)) {
      return refuse(TicketRefusal.WRONG_VTS_KEY, "the terms name VTS key " + terms.vtsKey());
    }
    if (!terms.digest().equals(ticket.termsDigest())) {
      return refuse(TicketRefusal.TERMS_MISMATCH, "the ticket is on terms " + ticket.termsDigest());
    }
    if (!ticket.payoutScript().equals(payoutScript)) {
      return refuse(TicketRefusal.WRONG_PAYEE, "the ticket pays " + ticket.payoutScript());
    }
    if (ticket.expiry() < nowSeconds + minExpirySeconds) {
      return refuse(
          TicketRefusal.EXPIRES_TOO_SOON,
          "the ticket expires at " + ticket.expiry() + ", too soon to claim");
    }
    Opening opening;
    synchronized (openAsks) {
      opening = openAsks.get(ticket.commitment());
    }
    if (opening == null) {
      return refuse(TicketRefusal.UNKNOWN_ASK, "no open ask has commitment " + ticket.commitment());
    }
    TicketCheck refusal = checkSignatures(terms, ticket);
    if (refusal != null) {
      return refusal;
    }
    synchronized (openAsks) {
      if (openAsks.remove(ticket.commitment()) == null) {
        return refuse(TicketRefusal.UNKNOWN_ASK, "the ask was paid by another ticket meanwhile");
      }
    }
    return outcome(terms, ticket, opening);
  }

  private static TicketCheck checkSignatures(Terms terms, Ticket ticket) {
    byte[] key = terms.buyerKey().toArray();
    if (!Ecdsa.verify(ticket.digest().toArray(), ticket.sigTicket().toArray(), key)) {
      return refuse(TicketRefusal.BAD_TICKET_SIGNATURE, "sigTicket does not verify");
    }
    byte[] spend = SpendTemplate.release(terms, ticket.payoutScript()).digest().toArray();
    if (!Ecdsa.verify(spend, ticket.sigSpend().toArray(), key)) {
      return refuse(TicketRefusal.BAD_SPEND_SIGNATURE, "sigSpend does not verify");
    }
    return null;
  }

  private static TicketCheck outcome(Terms terms, Ticket ticket, Opening opening) {
    if (!WinRule.wins(opening.r1(), ticket.r2(), terms.odds())) {
      return new TicketCheck.Lost(opening);
    }
    try {
      return new TicketCheck.Won(Claim.of(terms, ticket, opening));
    } catch (ProtocolException e) {
      return refuse(TicketRefusal.of(e.code()), e.getMessage());
    }
  }

  private static TicketCheck refuse(TicketRefusal code, String detail) {
    return new TicketCheck.Refused(code, detail);
  }
}
