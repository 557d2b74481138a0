package org.micropay.vts.secp256k1;

import java.lang.foreign.MemorySegment;

/**
 * Verifies independent ECDSA signatures over secp256k1, many in one call, each with an exact
 * verdict of its own.
 *
 * <p>A signature is valid when the key is a canonical compressed point (first byte 2 or 3, x below
 * the field prime, on the curve), r is in 1 .. n-1, s is in 1 .. (n-1)/2, and the equation of SEC 1
 * section 4.1.4 holds for the digest taken modulo n. Everything else is verdict 0, not an error.
 *
 * <p>One verifier belongs to one thread at a time; it may be made on another. Calls allocate
 * nothing. The caller owns the columns and keeps them alive during the call.
 */
public interface BatchVerifier extends AutoCloseable {
  /**
   * Verifies {@code keys * signaturesPerKey} signatures; item i is under key i / signaturesPerKey.
   *
   * @param digests 32 bytes per item, big-endian
   * @param signatures 64 bytes per item, r || s, big-endian
   * @param publicKeys 33 bytes per key, compressed
   * @param verdicts out: one byte per item, 1 valid, 0 not; disjoint from the other columns
   * @param keys number of keys, 0 or more
   * @param signaturesPerKey signatures under each key, 1 or more
   * @throws IllegalArgumentException when a column is on the heap, too short or read-only
   * @throws IllegalStateException when this verifier or a column is closed
   */
  void verify(
      MemorySegment digests,
      MemorySegment signatures,
      MemorySegment publicKeys,
      MemorySegment verdicts,
      int keys,
      int signaturesPerKey);

  /** The kernel behind it, for logs and reports. */
  String name();

  @Override
  void close();
}
