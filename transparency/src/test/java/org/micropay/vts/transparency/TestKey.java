package org.micropay.vts.transparency;

import java.nio.charset.StandardCharsets;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Sha256;

/** A signer of notes whose Ed25519 is Bouncy Castle's, not the platform's. */
record TestKey(String name, VerifierKey.Kind kind, byte[] seed) {
  static TestKey log(String name) {
    return new TestKey(name, VerifierKey.Kind.ED25519, seedOf(name));
  }

  static TestKey witness(String name) {
    return new TestKey(name, VerifierKey.Kind.COSIGNATURE, seedOf(name));
  }

  private static byte[] seedOf(String name) {
    return Sha256.of(name.getBytes(StandardCharsets.UTF_8)).toArray();
  }

  VerifierKey verifier() {
    byte[] key = new byte[32];
    Ed25519.generatePublicKey(seed, 0, key, 0);
    return new VerifierKey(name, kind, Bytes32.of(key));
  }

  Ed25519Signature sign(byte[] message) {
    byte[] signature = new byte[64];
    Ed25519.sign(seed, 0, message, 0, message.length, signature, 0);
    return Ed25519Signature.copyOf(signature, 0);
  }

  SignedNote sign(Checkpoint checkpoint) {
    return checkpoint.sign(verifier(), sign(checkpoint.textBytes()));
  }

  Cosignature cosign(Checkpoint checkpoint, long seconds) {
    return new Cosignature(seconds, sign(Cosignature.message(seconds, checkpoint.text())));
  }
}
