package org.micropay.vts.settlement;

import java.util.Objects;
import org.micropay.vts.ticket.Bytes32;

/**
 * A block's place in the chain.
 *
 * @param hash block hash in internal byte order
 * @param height distance from the first block, which has 0
 * @param previous hash of the block before; zeros for the first
 * @param timeSeconds the header's own time, Unix seconds; only loosely tied to real time
 */
public record BlockRef(Bytes32 hash, int height, Bytes32 previous, long timeSeconds) {
  /** Checks what can be checked without the chain. */
  public BlockRef {
    Objects.requireNonNull(hash);
    Objects.requireNonNull(previous);
    if (height < 0) {
      throw new IllegalArgumentException("block height " + height + " is negative");
    }
  }

  @Override
  public String toString() {
    return height + ":" + hash.toReversedHex();
  }
}
