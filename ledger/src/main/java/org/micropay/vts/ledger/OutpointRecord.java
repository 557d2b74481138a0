package org.micropay.vts.ledger;

import java.nio.ByteOrder;
import org.agrona.MutableDirectBuffer;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;

/**
 * Payload of {@link RecordType#ESCROW_FUNDED}, {@link RecordType#ESCROW_UNFUNDED}, {@link
 * RecordType#ESCROW_SPENT} and {@link RecordType#ESCROW_UNSPENT}, 40 bytes, or 72 for a spend.
 *
 * <pre>
 *  0          36           40
 *  | outpoint | height u32 | spendingTxid, of ESCROW_SPENT only |
 * </pre>
 *
 * <p>The height is that of the block that holds, or held, the funding or the spend. The spending
 * txid, internal byte order, is for readers of the journal; the ledger does not keep it.
 */
public final class OutpointRecord {
  /** 36 bytes. */
  public static final int OUTPOINT = 0;

  /** u32. */
  public static final int HEIGHT = 36;

  /** 32 bytes, in ESCROW_SPENT only. */
  public static final int SPENDING_TXID = 40;

  /** Length in bytes but for ESCROW_SPENT. */
  public static final int LENGTH = 40;

  /** Length in bytes of ESCROW_SPENT. */
  public static final int SPENT_LENGTH = 72;

  private OutpointRecord() {}

  /** Writes the payload of all but ESCROW_SPENT and returns its length in bytes. */
  public static int encode(MutableDirectBuffer target, int offset, Outpoint outpoint, int height) {
    target.putBytes(offset + OUTPOINT, outpoint.encode());
    target.putInt(offset + HEIGHT, height, ByteOrder.LITTLE_ENDIAN);
    return LENGTH;
  }

  /** Writes the payload of ESCROW_SPENT and returns its length in bytes. */
  public static int encodeSpent(
      MutableDirectBuffer target, int offset, Outpoint outpoint, int height, Bytes32 txid) {
    encode(target, offset, outpoint, height);
    target.putBytes(offset + SPENDING_TXID, txid.toArray());
    return SPENT_LENGTH;
  }
}
