package org.micropay.vts.secp256k1;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * libsecp256k1, one signature after the other: the reference, and the path on CPUs without the
 * vector instructions. A key is parsed once for all its signatures.
 */
public final class ScalarBatchVerifier implements BatchVerifier {
  private final Secp256k1 secp256k1;
  private final MemorySegment parsedKey;
  private final MemorySegment parsedSignature;

  private ScalarBatchVerifier(Secp256k1 secp256k1) {
    this.secp256k1 = secp256k1;
    this.parsedKey = secp256k1.arena().allocate(Secp256k1.PARSED_KEY_BYTES, Long.BYTES);
    this.parsedSignature = secp256k1.arena().allocate(Secp256k1.PARSED_SIGNATURE_BYTES, Long.BYTES);
  }

  /** A verifier with a context of its own. */
  public static ScalarBatchVerifier create() {
    return new ScalarBatchVerifier(Secp256k1.create(Arena.ofShared()));
  }

  @Override
  public void verify(
      MemorySegment digests,
      MemorySegment signatures,
      MemorySegment publicKeys,
      MemorySegment verdicts,
      int keys,
      int signaturesPerKey) {
    int items = Columns.items(keys, signaturesPerKey);
    long digest = Columns.input(digests, items, Ecdsa.DIGEST_BYTES, "digests");
    long signature = Columns.input(signatures, items, Ecdsa.SIGNATURE_BYTES, "signatures");
    long publicKey = Columns.input(publicKeys, keys, Ecdsa.PUBLIC_KEY_BYTES, "publicKeys");
    Columns.output(verdicts, items, 1, "verdicts");
    int item = 0;
    for (int key = 0; key < keys; key++) {
      boolean keyValid = secp256k1.parsePublicKey(parsedKey.address(), publicKey);
      for (int i = 0; i < signaturesPerKey; i++) {
        boolean valid = keyValid && verifyOne(digest, signature);
        verdicts.set(ValueLayout.JAVA_BYTE, item, (byte) (valid ? 1 : 0));
        digest += Ecdsa.DIGEST_BYTES;
        signature += Ecdsa.SIGNATURE_BYTES;
        item++;
      }
      publicKey += Ecdsa.PUBLIC_KEY_BYTES;
    }
    secp256k1.requireNoFault();
  }

  private boolean verifyOne(long digest, long signature) {
    return secp256k1.parseSignature(parsedSignature.address(), signature)
        && secp256k1.verify(parsedSignature.address(), digest, parsedKey.address());
  }

  @Override
  public String name() {
    return Kernels.SCALAR;
  }

  @Override
  public void close() {
    if (secp256k1.arena().scope().isAlive()) {
      secp256k1.arena().close();
    }
  }
}
