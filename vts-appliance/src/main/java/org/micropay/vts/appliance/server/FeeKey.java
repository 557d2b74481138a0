package org.micropay.vts.appliance.server;

import org.micropay.vts.secp256k1.Ecdsa;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.settlement.FeeSigner;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.PublicKey;

/** A key that pays fees, as settlement's port; the key itself stays in locked memory. */
public record FeeKey(SecretKey key) implements FeeSigner {
  @Override
  public PublicKey publicKey() {
    return PublicKey.of(key.publicKey());
  }

  @Override
  public CompactSignature sign(Bytes32 digest) {
    return CompactSignature.of(Ecdsa.sign(key, digest.toArray()));
  }
}
