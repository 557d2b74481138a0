package org.micropay.vts.appliance.demo;

import java.util.Optional;
import org.micropay.vts.merchant.Buyer;
import org.micropay.vts.merchant.BuyerEscrow;
import org.micropay.vts.merchant.EscrowDraft;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.Terms;

/**
 * One escrow of the demo. A buyer who cheats holds the same key as an honest one, so that it can
 * sign what {@link BuyerEscrow} refuses to. Closes its keys; one thread at a time.
 */
final class DemoEscrow implements AutoCloseable {
  private final BuyerEscrow honest;
  private final SecretKey key;
  private Claim won;

  private DemoEscrow(BuyerEscrow honest, SecretKey key) {
    this.honest = honest;
    this.key = key;
  }

  /**
   * The funded escrow.
   *
   * @param seed the buyer's seed, from which the escrow's key is derived
   */
  static DemoEscrow open(Buyer buyer, SecretKey seed, EscrowDraft draft, Outpoint outpoint) {
    return new DemoEscrow(buyer.open(draft, outpoint), seed.derive(draft.index()));
  }

  BuyerEscrow honest() {
    return honest;
  }

  SecretKey key() {
    return key;
  }

  Terms terms() {
    return honest.terms();
  }

  /** The claim of the honest ticket that won; empty while none did. */
  Optional<Claim> won() {
    return Optional.ofNullable(won);
  }

  void setWon(Claim claim) {
    won = claim;
  }

  @Override
  public void close() {
    honest.close();
    key.close();
  }
}
