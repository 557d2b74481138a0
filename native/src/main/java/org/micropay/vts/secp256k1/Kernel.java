package org.micropay.vts.secp256k1;

/** One implementation of batch verification and signing. Immutable; any thread may use it. */
public interface Kernel {
  /** Short stable name, for logs, metrics and reports. */
  String name();

  /** Why this kernel was chosen, one line. */
  String reason();

  /** A new verifier, for one thread; the caller closes it. */
  BatchVerifier newVerifier();

  /** A new signer, for one thread; the caller closes it before the key. */
  BatchSigner newSigner(SecretKey secretKey);
}
