package org.micropay.vts.ledger;

import java.nio.ByteOrder;
import org.agrona.MutableDirectBuffer;
import org.micropay.vts.ticket.Bytes32;

/**
 * Payload of {@link RecordType#BLOCK_CONNECTED} and {@link RecordType#BLOCK_DISCONNECTED}, 68
 * bytes. A disconnected block is named itself, too; the tip is its parent afterwards.
 *
 * <pre>
 *  0            4       36            68
 *  | height u32 | hash  | parentHash  |        hashes in internal byte order
 * </pre>
 */
public final class BlockRecord {
  /** u32. */
  public static final int HEIGHT = 0;

  /** 32 bytes. */
  public static final int HASH = 4;

  /** 32 bytes. */
  public static final int PARENT_HASH = 36;

  /** Length in bytes. */
  public static final int LENGTH = 68;

  private BlockRecord() {}

  /** Writes the payload at {@code offset} and returns its length in bytes. */
  public static int encode(
      MutableDirectBuffer target, int offset, int height, Bytes32 hash, Bytes32 parentHash) {
    target.putInt(offset + HEIGHT, height, ByteOrder.LITTLE_ENDIAN);
    target.putBytes(offset + HASH, hash.toArray());
    target.putBytes(offset + PARENT_HASH, parentHash.toArray());
    return LENGTH;
  }
}
