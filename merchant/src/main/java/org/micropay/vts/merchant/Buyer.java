package org.micropay.vts.merchant;

import java.util.Optional;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.Deposit;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PublicKey;

/**
 * A buyer: one seed, one derived key per escrow, so that no key is ever used for two escrows and a
 * merchant who learned one cannot link or squat the next.
 *
 * <p>Owns the seed and closes it. Thread-safe.
 */
public final class Buyer implements AutoCloseable {
  private final SecretKey seed;
  private final Network network;
  private final PublicKey vtsKey;

  /**
   * A buyer on one chain with one VTS.
   *
   * @param seed the buyer's secret; closed with this buyer
   */
  public Buyer(SecretKey seed, Network network, PublicKey vtsKey) {
    this.seed = seed;
    this.network = network;
    this.vtsKey = vtsKey;
  }

  /**
   * Drafts escrow number {@code index}; fund its script next.
   *
   * @param value satoshi to lock
   * @param payout satoshi for a winner, at most {@code value}
   * @param odds N of 1/N
   */
  public EscrowDraft draft(long index, long value, long payout, int odds, int refundHeight) {
    try (SecretKey key = seed.derive(index)) {
      return new EscrowDraft(
          index, network, value, payout, odds, refundHeight, PublicKey.of(key.publicKey()), vtsKey);
    }
  }

  /** The funded escrow, ready to be registered and to pay. The caller closes it. */
  public BuyerEscrow open(EscrowDraft draft, Outpoint outpoint) {
    return open(draft, outpoint, Optional.empty());
  }

  /** The same with a penalty deposit behind it. */
  public BuyerEscrow open(EscrowDraft draft, Outpoint outpoint, Optional<Deposit> deposit) {
    return new BuyerEscrow(seed.derive(draft.index()), draft.terms(outpoint), deposit);
  }

  @Override
  public void close() {
    seed.close();
  }
}
