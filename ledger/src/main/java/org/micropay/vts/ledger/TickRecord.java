package org.micropay.vts.ledger;

import java.nio.ByteOrder;
import org.agrona.MutableDirectBuffer;
import org.micropay.vts.ticket.Bytes32;

/**
 * Payload of {@link RecordType#TICK}: nothing, when only the clock moves on, or the chain's tip,
 * when it was just seen to be still the one that the ledger knows. Blocks can be hours apart; the
 * second form keeps the ledger's view of the chain from going stale between them.
 *
 * <pre>
 *  0            4       36
 *  | height u32 | hash  |        hash in internal byte order
 * </pre>
 */
public final class TickRecord {
  /** u32. */
  public static final int HEIGHT = 0;

  /** 32 bytes. */
  public static final int HASH = 4;

  /** Length in bytes of the form with the tip; the other has none. */
  public static final int TIP_LENGTH = 36;

  private TickRecord() {}

  /** Writes the form with the tip and returns its length in bytes. */
  public static int encodeTip(MutableDirectBuffer target, int offset, int height, Bytes32 hash) {
    target.putInt(offset + HEIGHT, height, ByteOrder.LITTLE_ENDIAN);
    target.putBytes(offset + HASH, hash.toArray());
    return TIP_LENGTH;
  }
}
