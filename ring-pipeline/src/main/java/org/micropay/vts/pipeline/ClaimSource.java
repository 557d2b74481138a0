package org.micropay.vts.pipeline;

/**
 * Port of the benchmark: winning claims on distinct escrows, signed beforehand by whoever has the
 * buyers' keys. Must allow concurrent readers.
 */
public interface ClaimSource {
  /** How many claims there are. */
  int count();

  /**
   * Writes the canonical bytes of claim {@code index} to {@code target} at {@code offset}.
   *
   * @return their length, at most {@link org.micropay.vts.ticket.ClaimLayout#MAX_LENGTH}
   */
  int copyTo(int index, byte[] target, int offset);
}
