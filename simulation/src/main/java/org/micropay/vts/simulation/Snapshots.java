package org.micropay.vts.simulation;

import java.io.ByteArrayOutputStream;
import org.micropay.vts.ledger.Ledger;

/** A ledger's whole state as bytes. */
final class Snapshots {
  private Snapshots() {}

  static byte[] of(Ledger ledger) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ledger.writeSnapshot(
        (buffer, offset, length) -> {
          byte[] part = new byte[length];
          buffer.getBytes(offset, part);
          bytes.write(part, 0, length);
        });
    return bytes.toByteArray();
  }
}
