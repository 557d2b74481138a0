package org.micropay.vts.transparency;

import org.micropay.vts.ticket.Bytes32;

/** Hashes of the perfect subtrees of a tree: from tiles, or computed. */
@FunctionalInterface
public interface NodeSource {
  /**
   * Hash of the subtree over leaves {@code index * 2^height} to {@code (index + 1) * 2^height - 1}.
   *
   * @param height 0 for leaves
   * @throws LogDataException when it cannot be had
   */
  Bytes32 node(int height, long index);
}
