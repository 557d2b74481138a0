package org.micropay.vts.ticket;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The digests of many claims with the JDK's SHA-256, one claim after the other: the reference for
 * kernels that hash several at a time, and what runs where there is none. {@link ClaimDigester}
 * says what is hashed.
 *
 * <p>One thread; owns its scratch memory only. The caller owns the columns. Allocates nothing in
 * steady state.
 */
public final class BatchDigester {
  /** Bytes of a claim that digests depend on, at most: everything before its signatures. */
  public static final int HASHED_BYTES = ClaimLayout.SCRIPT + ScriptType.MAX_LENGTH;

  private static final int DIGEST = Bytes32.LENGTH;

  private final ClaimDigester digester = new ClaimDigester();
  private final ClaimView view = new ClaimView();
  private final byte[] claim = new byte[HASHED_BYTES];
  private final byte[] terms = new byte[DIGEST];
  private final byte[] digest = new byte[DIGEST];

  /** A digester for the calling thread. */
  public BatchDigester() {
    // Its memory is above.
  }

  /**
   * Computes the digests of {@code count} well-formed claims.
   *
   * @param claims in: a canonical claim every {@code stride} bytes, its first {@link #HASHED_BYTES}
   *     bytes or more
   * @param stride bytes from one claim to the next, at least {@link #HASHED_BYTES}
   * @param termsDigests out: count x 32 bytes
   * @param ticketDigests out: count x 32 bytes, what the ticket signature signs
   * @param claimIds out: count x 32 bytes
   * @param spendDigests out: count x 32 bytes, what spend and counter-signature sign
   * @param opens out: count bytes, 1 when the commitment is to (r1, s), else 0
   * @param count number of claims, 0 or more
   */
  public void compute(
      MemorySegment claims,
      int stride,
      MemorySegment termsDigests,
      MemorySegment ticketDigests,
      MemorySegment claimIds,
      MemorySegment spendDigests,
      MemorySegment opens,
      int count) {
    for (int i = 0; i < count; i++) {
      MemorySegment.copy(claims, ValueLayout.JAVA_BYTE, (long) i * stride, claim, 0, HASHED_BYTES);
      view.wrap(claim, 0, HASHED_BYTES);
      digester.termsDigest(view, terms, 0);
      put(terms, termsDigests, i);
      digester.ticketDigest(view, terms, 0, digest, 0);
      put(digest, ticketDigests, i);
      digester.claimId(view, terms, 0, digest, 0);
      put(digest, claimIds, i);
      digester.spendDigest(view, digest, 0);
      put(digest, spendDigests, i);
      opens.set(ValueLayout.JAVA_BYTE, i, (byte) (digester.commitmentOpens(view) ? 1 : 0));
    }
  }

  private static void put(byte[] source, MemorySegment column, int item) {
    MemorySegment.copy(source, 0, column, ValueLayout.JAVA_BYTE, (long) item * DIGEST, DIGEST);
  }
}
