package org.micropay.vts.ledger;

import org.agrona.MutableDirectBuffer;

/** Gives a snapshot's bytes in order. */
@FunctionalInterface
public interface SnapshotSource {
  /**
   * Fills exactly {@code length} bytes.
   *
   * @throws IllegalArgumentException when fewer are left
   */
  void read(MutableDirectBuffer buffer, int offset, int length);
}
