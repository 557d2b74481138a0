package org.micropay.vts.secp256k1;

import fr.acinq.secp256k1.Secp256k1CFunctions;

/**
 * libsecp256k1 through the JNI functions of the same shared object, one signature a call and byte
 * arrays on the heap, as a Java program without this module would use it. For measurements only;
 * the functions check less than {@link Secp256k1}, and secrets are on the heap.
 */
final class JniSecp256k1 {
  private static final boolean LOADED = NativeLibrary.loadForJni(Secp256k1.libraryResource());

  private final long context;

  private JniSecp256k1(long context) {
    this.context = context;
  }

  /** A context that lives until the JVM ends. */
  static JniSecp256k1 create() {
    if (!LOADED) {
      throw new IllegalStateException("no JNI library for " + NativeLibrary.platform());
    }
    return new JniSecp256k1(
        Secp256k1CFunctions.secp256k1_context_create(
            Secp256k1CFunctions.SECP256K1_CONTEXT_SIGN
                | Secp256k1CFunctions.SECP256K1_CONTEXT_VERIFY));
  }

  boolean verify(byte[] digest, byte[] signature, byte[] publicKey) {
    return Secp256k1CFunctions.secp256k1_ecdsa_verify(context, signature, digest, publicKey) == 1;
  }

  byte[] sign(byte[] secretKey, byte[] digest) {
    return Secp256k1CFunctions.secp256k1_ecdsa_sign(context, digest, secretKey, null);
  }
}
