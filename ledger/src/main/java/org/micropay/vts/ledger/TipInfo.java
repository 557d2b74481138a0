package org.micropay.vts.ledger;

import java.util.Objects;
import org.micropay.vts.ticket.Bytes32;

/**
 * The chain's tip as the ledger knows it. Immutable.
 *
 * @param height height of the tip, or -1 before the first block
 * @param hash block hash in internal byte order
 * @param seenMillis ledger time of the last record that showed the chain to be at this tip
 */
public record TipInfo(int height, Bytes32 hash, long seenMillis) {
  /** Before the first block. */
  public static final TipInfo UNKNOWN = new TipInfo(-1, Bytes32.ZERO, 0);

  /** Checks that the hash is there. */
  public TipInfo {
    Objects.requireNonNull(hash);
  }

  /** Whether any block was seen. */
  public boolean isKnown() {
    return height >= 0;
  }

  /** Blocks from {@code fromHeight} to the tip, both included; 0 when the tip is lower. */
  public int depthOf(int fromHeight) {
    return fromHeight <= 0 || fromHeight > height ? 0 : height - fromHeight + 1;
  }
}
