package org.micropay.vts.merchant;

import java.util.Optional;
import org.micropay.vts.secp256k1.Ecdsa;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.Ask;
import org.micropay.vts.ticket.Bytes16;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.Deposit;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.Registration;
import org.micropay.vts.ticket.SpendTemplate;
import org.micropay.vts.ticket.Terms;
import org.micropay.vts.ticket.Ticket;

/**
 * The buyer's signatures, each over the digest that docs/PROTOCOL.md defines. Stateless and
 * thread-safe; it signs what it is given, the rules of an honest buyer are {@link BuyerEscrow}'s.
 */
public final class TicketSigner {
  private TicketSigner() {}

  /**
   * Signs a ticket: once over the ticket, once over the release of the escrow.
   *
   * @param key the secret key of {@code terms.buyerKey()}
   * @param r2 drawn by a CSPRNG after the ask is known
   * @param expiry Unix seconds
   */
  public static Ticket ticket(SecretKey key, Terms terms, Ask ask, Bytes16 r2, long expiry) {
    CompactSignature spend =
        sign(key, SpendTemplate.release(terms, ask.payoutScript()).digest().toArray());
    byte[] ticketDigest =
        Ticket.digest(terms.digest(), ask.commitment(), r2, expiry, ask.payoutScript()).toArray();
    return new Ticket(
        terms.digest(),
        ask.commitment(),
        r2,
        expiry,
        ask.payoutScript(),
        sign(key, ticketDigest),
        spend);
  }

  /** Signs the registration of an escrow. */
  public static Registration registration(SecretKey key, Terms terms, Optional<Deposit> deposit) {
    return new Registration(
        terms, deposit, sign(key, Registration.digest(terms, deposit).toArray()));
  }

  /**
   * Signs a penalty deposit so that the VTS can burn it on proof of a double-spend.
   *
   * @param outpoint an output of {@code EscrowScript.of(buyerKey, vtsKey, refundHeight)}
   * @param value satoshi in it
   * @param burnFee satoshi that the burn pays as fee
   */
  public static Deposit deposit(
      SecretKey key, Terms terms, Outpoint outpoint, long value, int refundHeight, long burnFee) {
    CompactSignature none = sign(key, new byte[Ecdsa.DIGEST_BYTES]);
    Deposit unsigned = new Deposit(outpoint, value, refundHeight, burnFee, none);
    byte[] digest = SpendTemplate.burn(terms, unsigned).digest().toArray();
    return new Deposit(outpoint, value, refundHeight, burnFee, sign(key, digest));
  }

  private static CompactSignature sign(SecretKey key, byte[] digest) {
    return CompactSignature.of(Ecdsa.sign(key, digest));
  }
}
