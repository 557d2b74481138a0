package org.micropay.vts.pipeline;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.micropay.vts.ticket.ClaimDigester;
import org.micropay.vts.ticket.ClaimView;

/**
 * The digests with the JDK's SHA-256, one claim after the other: the reference, and what runs where
 * there is no kernel that hashes several at a time. One thread; owns its scratch memory only.
 */
public final class JavaClaimDigests implements ClaimDigests {
  private static final int DIGEST = ClaimSlot.DIGEST;

  private final ClaimDigester digester = new ClaimDigester();
  private final ClaimView view = new ClaimView();
  private final byte[] claim = new byte[HASHED_BYTES];
  private final byte[] terms = new byte[DIGEST];
  private final byte[] digest = new byte[DIGEST];

  /** An instance for the calling stage. */
  public JavaClaimDigests() {
    // Its memory is above.
  }

  @Override
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
