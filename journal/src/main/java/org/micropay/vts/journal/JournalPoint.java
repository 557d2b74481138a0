package org.micropay.vts.journal;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * A position of a journal and the chain hash of the record there: it commits to every record up to
 * it. Position 0 stands for the empty journal, whose chain is the genesis.
 *
 * @param position of the record, 0 or more
 * @param chain its 32-byte chain hash; see {@link FrameLayout}
 */
public record JournalPoint(long position, byte[] chain) {
  public JournalPoint {
    if (position < 0 || chain.length != FrameLayout.CHAIN_LENGTH) {
      throw new IllegalArgumentException(
          "journal point: position " + position + ", chain of " + chain.length + " bytes");
    }
    chain = chain.clone();
  }

  /** A copy of the chain hash. */
  @Override
  public byte[] chain() {
    return chain.clone();
  }

  /** The chain hash in hex. */
  public String chainHex() {
    return HexFormat.of().formatHex(chain);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof JournalPoint point
        && position == point.position
        && Arrays.equals(chain, point.chain);
  }

  @Override
  public int hashCode() {
    return Long.hashCode(position) * 31 + Arrays.hashCode(chain);
  }

  @Override
  public String toString() {
    return "position " + position + " chain " + chainHex();
  }
}
