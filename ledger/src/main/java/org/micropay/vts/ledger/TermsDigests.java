package org.micropay.vts.ledger;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.micropay.vts.ticket.Sha256;
import org.micropay.vts.ticket.TaggedHash;
import org.micropay.vts.ticket.TermsLayout;

/**
 * termsDigest = H_"vts/terms/1"(terms) of many terms in one call: whoever has something faster than
 * one after the other gives it to a replay.
 */
@FunctionalInterface
public interface TermsDigests {
  /**
   * Hashes {@code count} terms.
   *
   * @param terms native memory, 130 bytes each, one behind the other
   * @param digests native memory, out, 32 bytes each
   */
  void hash(MemorySegment terms, MemorySegment digests, int count);

  /** The JDK's SHA-256, one after the other; for one thread. */
  static TermsDigests jdk() {
    Sha256 sha256 = new Sha256();
    byte[] input = new byte[TaggedHash.PREFIX_LENGTH + TermsLayout.LENGTH];
    byte[] digest = new byte[Sha256.LENGTH];
    int start = TaggedHash.TERMS.copyPrefixTo(input, 0);
    return (terms, digests, count) -> {
      for (int i = 0; i < count; i++) {
        long at = (long) i * TermsLayout.LENGTH;
        MemorySegment.copy(terms, ValueLayout.JAVA_BYTE, at, input, start, TermsLayout.LENGTH);
        sha256.hash(input, 0, input.length, digest, 0);
        MemorySegment.copy(
            digest, 0, digests, ValueLayout.JAVA_BYTE, (long) i * Sha256.LENGTH, Sha256.LENGTH);
      }
    };
  }
}
