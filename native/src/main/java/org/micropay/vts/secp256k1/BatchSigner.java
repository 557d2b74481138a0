package org.micropay.vts.secp256k1;

import java.lang.foreign.MemorySegment;

/**
 * Signs many digests with one key: ECDSA over secp256k1, nonces of RFC 6979 with SHA-256 as
 * libsecp256k1 draws them (so a digest always gets the same signature), s in the lower half. Every
 * signature is verified under the public key before it is handed out, because a single faulty
 * signature could reveal the key.
 *
 * <p>One signer belongs to one thread at a time; it may be made on another. Calls allocate nothing.
 * The caller owns the columns and keeps them alive during the call; the secret key stays its
 * owner's, who closes it after the signer.
 */
public interface BatchSigner extends AutoCloseable {
  /**
   * Signs {@code count} digests.
   *
   * @param digests 32 bytes per item, big-endian
   * @param signatures out: 64 bytes per item, r || s, big-endian; all zero where the verdict is 0
   * @param verdicts out: one byte per item, 1 signed and verified, 0 failed
   * @param count number of items, 0 or more
   * @throws IllegalArgumentException when a column is on the heap, too short or read-only
   * @throws IllegalStateException when this signer, its key or a column is closed
   */
  void sign(MemorySegment digests, MemorySegment signatures, MemorySegment verdicts, int count);

  /** The compressed public key, 33 bytes, a copy. */
  byte[] publicKey();

  /** The kernel behind it, for logs and reports. */
  String name();

  @Override
  void close();
}
