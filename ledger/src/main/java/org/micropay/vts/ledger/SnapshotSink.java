package org.micropay.vts.ledger;

import org.agrona.DirectBuffer;

/** Takes a snapshot's bytes in order. Whoever writes a file behind it owns the I/O errors. */
@FunctionalInterface
public interface SnapshotSink {
  /** Takes {@code length} bytes; the buffer is reused afterwards. */
  void write(DirectBuffer buffer, int offset, int length);
}
