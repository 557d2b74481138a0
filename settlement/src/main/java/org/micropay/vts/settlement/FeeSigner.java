package org.micropay.vts.settlement;

import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.PublicKey;

/**
 * Port to the key of the fee wallet, so that the key itself stays in locked memory elsewhere. It is
 * never the counter-signing key. Called from the settlement thread only.
 */
public interface FeeSigner {
  /** The wallet's key. */
  PublicKey publicKey();

  /** Whether the key is at hand; otherwise batches are signed elsewhere, as PSBTs. */
  default boolean canSign() {
    return true;
  }

  /** ECDSA over a 32-byte digest, low s. */
  CompactSignature sign(Bytes32 digest);
}
