package org.micropay.vts.pipeline;

import java.lang.foreign.MemorySegment;

/**
 * Port: the VTS's counter-signatures over a batch of digests, each verified after it was made.
 *
 * <p>Signatures are deterministic (RFC 6979) with s in the lower half, so that the same digest
 * gives the same 64 bytes on every stage, on every run and after every restart. Columns are
 * off-heap and owned by the calling stage. An implementation is called by one thread at a time and
 * allocates nothing on the heap.
 */
public interface CounterSigner {
  /**
   * Signs {@code count} digests.
   *
   * @param digests in: count x 32 bytes, big-endian
   * @param signatures out: count x 64 bytes, compact {@code r || s}; zero where the verdict is 0
   * @param verdicts out: count bytes, 1 when the signature was made and verified, else 0
   * @param count number of digests, at least 1
   */
  void sign(MemorySegment digests, MemorySegment signatures, MemorySegment verdicts, int count);
}
