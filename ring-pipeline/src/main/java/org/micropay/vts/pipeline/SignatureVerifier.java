package org.micropay.vts.pipeline;

import java.lang.foreign.MemorySegment;

/**
 * Port: exact verification of a batch of ECDSA signatures over secp256k1, one verdict each.
 *
 * <p>Columns are off-heap, owned by the calling stage and at least as long as the batch needs; with
 * {@code n = keys * signaturesPerKey} the first n items are read, item {@code i} belongs to key
 * {@code i / signaturesPerKey}. An implementation is called by one thread at a time and allocates
 * nothing on the heap. It throws only when it cannot work at all; that halts the process.
 */
public interface SignatureVerifier {
  /**
   * Verifies {@code keys * signaturesPerKey} signatures.
   *
   * @param digests in: n x 32 bytes, big-endian message digests
   * @param signatures in: n x 64 bytes, compact {@code r || s}, s in the lower half
   * @param publicKeys in: keys x 33 bytes, compressed points
   * @param verdicts out: n bytes, 1 for a valid signature, else 0
   * @param keys number of public keys, at least 1
   * @param signaturesPerKey consecutive signatures under each key
   */
  void verify(
      MemorySegment digests,
      MemorySegment signatures,
      MemorySegment publicKeys,
      MemorySegment verdicts,
      int keys,
      int signaturesPerKey);
}
