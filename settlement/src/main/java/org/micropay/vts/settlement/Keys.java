package org.micropay.vts.settlement;

import fr.acinq.bitcoin.Crypto;
import fr.acinq.bitcoin.PrivateKey;
import java.nio.charset.StandardCharsets;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.PublicKey;

/** A key for scenarios and tests, derived from a name: worthless, because everyone knows it. */
record Keys(PrivateKey secret) implements FeeSigner {
  static Keys named(String name) {
    return new Keys(new PrivateKey(Crypto.sha256(name.getBytes(StandardCharsets.UTF_8))));
  }

  @Override
  public PublicKey publicKey() {
    return PublicKey.of(secret.publicKey().value.toByteArray());
  }

  @Override
  public CompactSignature sign(Bytes32 digest) {
    return CompactSignature.of(Crypto.sign(digest.toArray(), secret).toByteArray());
  }

  PayoutScript p2wpkh() {
    return PayoutScript.of(BatchBuilder.walletScript(this));
  }
}
