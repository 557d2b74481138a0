package org.micropay.vts.simulation;

import fr.acinq.bitcoin.Crypto;
import fr.acinq.bitcoin.PrivateKey;
import fr.acinq.bitcoin.Script;
import java.nio.charset.StandardCharsets;
import org.micropay.vts.settlement.FeeSigner;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.PublicKey;

/** A key pair derived from a name, worthless by construction. */
record Keys(PrivateKey secret, PublicKey publicKey) implements FeeSigner {
  static Keys named(String name) {
    PrivateKey secret = new PrivateKey(Crypto.sha256(name.getBytes(StandardCharsets.UTF_8)));
    return new Keys(secret, PublicKey.of(secret.publicKey().value.toByteArray()));
  }

  @Override
  public CompactSignature sign(Bytes32 digest) {
    return CompactSignature.of(Crypto.sign(digest.toArray(), secret).toByteArray());
  }

  PayoutScript p2wpkh() {
    return PayoutScript.of(Script.write(Script.pay2wpkh(secret.publicKey())));
  }
}
