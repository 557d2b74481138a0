package org.micropay.vts.merchant;

import java.security.SecureRandom;
import java.util.Optional;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.Ask;
import org.micropay.vts.ticket.Bytes16;
import org.micropay.vts.ticket.Deposit;
import org.micropay.vts.ticket.Opening;
import org.micropay.vts.ticket.Registration;
import org.micropay.vts.ticket.Terms;
import org.micropay.vts.ticket.Ticket;
import org.micropay.vts.ticket.WinRule;

/**
 * One escrow in the buyer's hands. At most one ticket is outstanding: two that both win would be a
 * double-spend, and a merchant who hides a win could make an honest buyer look like a cheat. So the
 * escrow is free again only when the last ticket's opening shows a loss, or when that ticket is
 * expired and the VTS knows of no claim.
 *
 * <p>Owns its key and closes it. Thread-safe: one lock, held while signing.
 */
public final class BuyerEscrow implements AutoCloseable {
  /** Where the escrow stands. */
  public enum State {
    /** The next ticket may be made. */
    FREE,
    /** A ticket is out and its outcome not known. */
    OUTSTANDING,
    /** A ticket won, or the merchant says so: the coins are gone. */
    WON
  }

  private static final SecureRandom RANDOM = new SecureRandom();

  private final SecretKey key;
  private final Terms terms;
  private final Optional<Deposit> deposit;
  private State state = State.FREE;
  private Ticket outstanding;

  BuyerEscrow(SecretKey key, Terms terms, Optional<Deposit> deposit) {
    this.key = key;
    this.terms = terms;
    this.deposit = deposit;
  }

  /** The escrow's terms. */
  public Terms terms() {
    return terms;
  }

  /** Where it stands. */
  public synchronized State state() {
    return state;
  }

  /** The signed registration, to be sent once the funding is confirmed. */
  public Registration registration() {
    return TicketSigner.registration(key, terms, deposit);
  }

  /**
   * Pays: answers an ask with a ticket, r2 drawn now, after the commitment is known.
   *
   * @param expiry Unix seconds after which the VTS refuses a claim of this ticket
   * @throws IllegalStateException when the escrow is not {@link State#FREE}
   */
  public synchronized Ticket pay(Ask ask, long expiry) {
    if (state != State.FREE) {
      throw new IllegalStateException(
          "escrow %s is %s; a second ticket could be a double-spend"
              .formatted(terms.outpoint(), state));
    }
    byte[] r2 = new byte[Bytes16.LENGTH];
    RANDOM.nextBytes(r2);
    Ticket ticket = TicketSigner.ticket(key, terms, ask, Bytes16.of(r2), expiry);
    outstanding = ticket;
    state = State.OUTSTANDING;
    return ticket;
  }

  /**
   * Takes the merchant's word on the outstanding ticket: the opening of a loss frees the escrow.
   *
   * @return the new state; OUTSTANDING when the opening is not the one that the ticket committed to
   */
  public synchronized State learn(Opening opening) {
    if (state == State.OUTSTANDING && opening.commitment().equals(outstanding.commitment())) {
      boolean won = WinRule.wins(opening.r1(), outstanding.r2(), terms.odds());
      state = won ? State.WON : State.FREE;
      outstanding = null;
    }
    return state;
  }

  /** The merchant says that the outstanding ticket won; the opening stays his until he claims. */
  public synchronized void won() {
    if (state == State.OUTSTANDING) {
      state = State.WON;
      outstanding = null;
    }
  }

  /**
   * Frees the escrow after the outstanding ticket's expiry.
   *
   * @param vtsTime the VTS's clock, Unix seconds
   * @param vtsKnowsClaim whether the VTS has granted a claim on this escrow
   */
  public synchronized State expire(long vtsTime, boolean vtsKnowsClaim) {
    if (state == State.OUTSTANDING && vtsTime > outstanding.expiry()) {
      state = vtsKnowsClaim ? State.WON : State.FREE;
      outstanding = null;
    }
    return state;
  }

  @Override
  public synchronized void close() {
    key.close();
  }
}
