package org.micropay.vts.appliance.server;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.micropay.vts.ticket.Bytes32;

/**
 * A second GRANT for one outpoint was about to be written, or stands in a journal. Fatal: the
 * ledger, its memory or the journal is broken.
 */
public final class DuplicateGrantException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int VOUT = 32;

  DuplicateGrantException(long position, DirectBuffer outpoint, int offset) {
    super(
        "escrow %s:%d has a grant already; the one for position %d is refused. The ledger or the journal is broken: do not start again, compare with 'vts journal export --type GRANT'"
            .formatted(
                txid(outpoint, offset),
                outpoint.getInt(offset + VOUT, ByteOrder.LITTLE_ENDIAN),
                position));
  }

  private static String txid(DirectBuffer outpoint, int offset) {
    byte[] bytes = new byte[Bytes32.LENGTH];
    outpoint.getBytes(offset, bytes);
    return Bytes32.of(bytes).toReversedHex();
  }
}
