package org.micropay.vts.transparency;

/** Port: the log's key. The publisher's thread. */
public interface CheckpointSigner {
  /** The key that verifies, under the log's origin as its name. */
  VerifierKey key();

  /** Ed25519 over {@code message}. */
  Ed25519Signature sign(byte[] message);
}
