package org.micropay.vts.secp256k1;

import java.lang.foreign.MemorySegment;

/**
 * The vector kernel: eight signatures side by side, one call per batch. Only {@link Kernels} makes
 * it, after the self-test. Holds no memory of its own.
 */
final class VectorBatchVerifier implements BatchVerifier {
  private volatile boolean closed;

  @Override
  public void verify(
      MemorySegment digests,
      MemorySegment signatures,
      MemorySegment publicKeys,
      MemorySegment verdicts,
      int keys,
      int signaturesPerKey) {
    if (closed) {
      throw new IllegalStateException("verifier is closed");
    }
    int items = Columns.items(keys, signaturesPerKey);
    Columns.input(digests, items, Ecdsa.DIGEST_BYTES, "digests");
    Columns.input(signatures, items, Ecdsa.SIGNATURE_BYTES, "signatures");
    Columns.input(publicKeys, keys, Ecdsa.PUBLIC_KEY_BYTES, "publicKeys");
    Columns.output(verdicts, items, 1, "verdicts");
    VectorLibrary.verify(digests, signatures, publicKeys, verdicts, keys, signaturesPerKey);
  }

  @Override
  public String name() {
    return Kernels.VECTOR;
  }

  @Override
  public void close() {
    closed = true;
  }
}
