package org.micropay.vts.audit;

import java.lang.foreign.MemorySegment;
import org.micropay.vts.secp256k1.ClaimHasher;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.ticket.BatchDigester;

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
    return kernel
        .claimHasher()
        .<ClaimHashes>map(hasher -> hasher::hash)
        .orElseGet(() -> new BatchDigester()::compute);
  }
}
