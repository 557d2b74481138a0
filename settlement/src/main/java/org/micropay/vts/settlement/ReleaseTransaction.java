package org.micropay.vts.settlement;

import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.EscrowWitness;

/**
 * The merchant's own way out: one granted claim as a transaction of its own, whose fee is the
 * escrow's fee allowance. Whoever holds the receipt can send it at any time. Pure functions.
 */
public final class ReleaseTransaction {
  private ReleaseTransaction() {}

  /**
   * The complete transaction (BIP 144).
   *
   * @param counterSignature from the receipt
   */
  public static byte[] of(Claim claim, CompactSignature counterSignature) {
    byte[] witness =
        EscrowWitness.serialize(
            EscrowWitness.release(
                counterSignature, claim.sigSpend(), claim.terms().escrowScript()));
    return claim.spendTemplate().transaction(witness);
  }
}
