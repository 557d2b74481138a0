package org.micropay.vts.audit;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.micropay.vts.secp256k1.ClaimHasher;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.ticket.ClaimDigester;
import org.micropay.vts.ticket.ClaimView;

/** The digests of a batch of well-formed claims; columns as {@link ClaimHasher} takes them. */
@FunctionalInterface
interface ClaimHashes {
  /** See {@link ClaimHasher#hash}. */
  void hash(
      MemorySegment claims,
      int stride,
      MemorySegment termsDigests,
      MemorySegment ticketDigests,
      MemorySegment claimIds,
      MemorySegment spendDigests,
      MemorySegment opens,
      int count);

  /** The kernel's where it has one, else the JDK's; for one thread. */
  static ClaimHashes of(Kernel kernel) {
    return kernel.claimHasher().<ClaimHashes>map(hasher -> hasher::hash).orElseGet(Jdk::new);
  }

  /** The reference: the JDK's SHA-256, one claim after the other. */
  final class Jdk implements ClaimHashes {
    private static final int HASHED = ClaimHasher.HASHED_BYTES;

    private final ClaimDigester digester = new ClaimDigester();
    private final ClaimView view = new ClaimView();
    private final byte[] claim = new byte[HASHED];
    private final byte[] terms = new byte[32];
    private final byte[] digest = new byte[32];

    @Override
    public void hash(
        MemorySegment claims,
        int stride,
        MemorySegment termsDigests,
        MemorySegment ticketDigests,
        MemorySegment claimIds,
        MemorySegment spendDigests,
        MemorySegment opens,
        int count) {
      for (int i = 0; i < count; i++) {
        MemorySegment.copy(claims, ValueLayout.JAVA_BYTE, (long) i * stride, claim, 0, HASHED);
        view.wrap(claim, 0, HASHED);
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
      MemorySegment.copy(source, 0, column, ValueLayout.JAVA_BYTE, item * 32L, 32);
    }
  }
}
