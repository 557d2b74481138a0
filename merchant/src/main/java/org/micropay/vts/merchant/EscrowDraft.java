package org.micropay.vts.merchant;

import org.micropay.vts.ticket.EscrowScript;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Terms;

/**
 * An escrow before its funding: everything of the terms but the outpoint.
 *
 * @param index number of the buyer's derived key
 * @param network the chain
 * @param value satoshi to lock
 * @param payout satoshi that a winner gets; the rest may pay the release's fee
 * @param odds N, a ticket wins with probability 1/N
 * @param refundHeight from this block on the buyer can take the coins back
 * @param buyerKey the derived key
 * @param vtsKey the VTS that must counter-sign
 */
public record EscrowDraft(
    long index,
    Network network,
    long value,
    long payout,
    int odds,
    int refundHeight,
    PublicKey buyerKey,
    PublicKey vtsKey) {

  /** What to pay {@link #value} satoshi to: its {@code scriptPubKey()} is a P2WSH output. */
  public EscrowScript script() {
    return EscrowScript.of(buyerKey, vtsKey, refundHeight);
  }

  /** The terms, once a transaction has funded the script. */
  public Terms terms(Outpoint outpoint) {
    return new Terms(
        network.magic(), outpoint, value, payout, odds, refundHeight, buyerKey, vtsKey);
  }
}
