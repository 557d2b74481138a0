package org.micropay.vts.ledger;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.micropay.vts.ticket.ClaimLayout;
import org.micropay.vts.ticket.ClaimView;

/**
 * Payload of {@link RecordType#DOUBLE_SPEND}, 405 to 417 bytes: with the grant's record it is the
 * whole proof.
 *
 * <pre>
 *  0         32                  40
 *  | claimId | grantPosition u64 | canonical claim, 365 to 377 bytes ... |
 * </pre>
 *
 * <p>Static, allocation-free, any thread.
 */
public final class DoubleSpendRecord {
  /** 32 bytes: the second claim's id. */
  public static final int CLAIM_ID = 0;

  /** u64, position of the record that granted the first claim. */
  public static final int GRANT_POSITION = 32;

  /** The second claim's canonical bytes, to the end of the payload. */
  public static final int CLAIM = 40;

  /** Greatest length in bytes. */
  public static final int MAX_LENGTH = CLAIM + ClaimLayout.MAX_LENGTH;

  private DoubleSpendRecord() {}

  /** Writes the payload at {@code offset} and returns its length in bytes. */
  public static int encode(
      MutableDirectBuffer target,
      int offset,
      byte[] claimId,
      int claimIdOffset,
      long grantPosition,
      ClaimView claim) {
    target.putBytes(offset + CLAIM_ID, claimId, claimIdOffset, GRANT_POSITION - CLAIM_ID);
    target.putLong(offset + GRANT_POSITION, grantPosition, ByteOrder.LITTLE_ENDIAN);
    target.putBytes(offset + CLAIM, claim.buffer(), claim.offset(), claim.length());
    return CLAIM + claim.length();
  }

  /** The grant's position in a payload that begins at {@code offset}. */
  public static long grantPosition(DirectBuffer source, int offset) {
    return source.getLong(offset + GRANT_POSITION, ByteOrder.LITTLE_ENDIAN);
  }
}
