package org.micropay.vts.pipeline;

import java.lang.foreign.MemorySegment;

/**
 * Port: the digests of a batch of claims (docs/PROTOCOL.md), each exactly as {@link
 * org.micropay.vts.ticket.ClaimDigester} computes it.
 *
 * <p>Columns are off-heap and owned by the calling stage. An implementation is called by one thread
 * at a time and allocates nothing on the heap. It throws only when it cannot work at all; that
 * halts the process.
 */
public interface ClaimDigests {
  /** Bytes of a claim that digests depend on, at most: everything before its signatures. */
  int HASHED_BYTES = 249;

  /**
   * Computes the digests of {@code count} well-formed claims.
   *
   * @param claims in: a canonical claim every {@code stride} bytes, its first {@value
   *     #HASHED_BYTES} bytes or more
   * @param stride bytes from one claim to the next, at least {@value #HASHED_BYTES}
   * @param termsDigests out: count x 32 bytes
   * @param ticketDigests out: count x 32 bytes, what the ticket signature signs
   * @param claimIds out: count x 32 bytes
   * @param spendDigests out: count x 32 bytes, what spend and counter-signature sign
   * @param opens out: count bytes, 1 when the commitment is to (r1, s), else 0
   * @param count number of claims, at least 1
   */
  void compute(
      MemorySegment claims,
      int stride,
      MemorySegment termsDigests,
      MemorySegment ticketDigests,
      MemorySegment claimIds,
      MemorySegment spendDigests,
      MemorySegment opens,
      int count);
}
