package org.micropay.vts.secp256k1;

import java.lang.foreign.MemorySegment;

/**
 * The digests of many claims in one call of C, four claims at a time on the CPU's SHA instructions.
 * What is hashed is defined by docs/PROTOCOL.md and laid out in vts_kernel.h.
 *
 * <p>Stateless: any thread may call it. Calls allocate nothing. The caller owns the columns and
 * keeps them alive during the call.
 */
public final class ClaimHasher {
  /** Bytes of a claim that are read, at most: everything before its signatures. */
  public static final int HASHED_BYTES = 249;

  ClaimHasher() {}

  /**
   * Hashes {@code count} claims. One whose payout script is not 22 to 34 bytes long yields zeros.
   *
   * @param claims a canonical claim every {@code stride} bytes
   * @param stride bytes from one claim to the next, at least {@value #HASHED_BYTES}
   * @param termsDigests out: 32 bytes per claim
   * @param ticketDigests out: 32 bytes per claim, what the ticket signature signs
   * @param claimIds out: 32 bytes per claim
   * @param spendDigests out: 32 bytes per claim, BIP 143 digest of the spend template
   * @param opens out: one byte per claim, 1 when the commitment opens to (r1, s), else 0
   * @param count number of claims, 0 or more
   * @throws IllegalArgumentException when a column is on the heap, too short or read-only
   * @throws IllegalStateException when a column is closed
   */
  public void hash(
      MemorySegment claims,
      int stride,
      MemorySegment termsDigests,
      MemorySegment ticketDigests,
      MemorySegment claimIds,
      MemorySegment spendDigests,
      MemorySegment opens,
      int count) {
    if (stride < HASHED_BYTES) {
      throw new IllegalArgumentException(
          "stride of " + stride + " bytes; at least " + HASHED_BYTES + " are read");
    }
    long items = Columns.count(count);
    Columns.input(claims, items, stride, "claims");
    Columns.output(termsDigests, items, Ecdsa.DIGEST_BYTES, "termsDigests");
    Columns.output(ticketDigests, items, Ecdsa.DIGEST_BYTES, "ticketDigests");
    Columns.output(claimIds, items, Ecdsa.DIGEST_BYTES, "claimIds");
    Columns.output(spendDigests, items, Ecdsa.DIGEST_BYTES, "spendDigests");
    Columns.output(opens, items, 1, "opens");
    VectorLibrary.claimDigests(
        claims, stride, termsDigests, ticketDigests, claimIds, spendDigests, opens, items);
  }
}
