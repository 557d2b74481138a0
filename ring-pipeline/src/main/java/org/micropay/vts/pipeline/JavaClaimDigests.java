package org.micropay.vts.pipeline;

import java.lang.foreign.MemorySegment;
import org.micropay.vts.ticket.BatchDigester;

/**
 * The digests with the JDK's SHA-256, one claim after the other: the reference, and what runs where
 * there is no kernel that hashes several at a time. One thread; owns its scratch memory only.
 */
public final class JavaClaimDigests implements ClaimDigests {
  private final BatchDigester digester = new BatchDigester();

  /** An instance for the calling stage. */
  public JavaClaimDigests() {
    // Its memory is the digester's.
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
    digester.compute(
        claims, stride, termsDigests, ticketDigests, claimIds, spendDigests, opens, count);
  }
}
