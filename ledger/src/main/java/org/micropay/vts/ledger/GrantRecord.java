package org.micropay.vts.ledger;

import org.agrona.MutableDirectBuffer;
import org.micropay.vts.ticket.ClaimLayout;
import org.micropay.vts.ticket.ClaimView;

/**
 * Payload of {@link RecordType#GRANT}, 397 to 409 bytes.
 *
 * <pre>
 *  0         32
 *  | claimId | canonical claim, 365 to 377 bytes ... |
 * </pre>
 *
 * <p>Static, allocation-free, any thread.
 */
public final class GrantRecord {
  /** 32 bytes. */
  public static final int CLAIM_ID = 0;

  /** The canonical claim, to the end of the payload. */
  public static final int CLAIM = 32;

  /** Greatest length in bytes. */
  public static final int MAX_LENGTH = CLAIM + ClaimLayout.MAX_LENGTH;

  private GrantRecord() {}

  /** Writes the payload at {@code offset} and returns its length in bytes. */
  public static int encode(
      MutableDirectBuffer target, int offset, byte[] claimId, int claimIdOffset, ClaimView claim) {
    target.putBytes(offset + CLAIM_ID, claimId, claimIdOffset, CLAIM - CLAIM_ID);
    target.putBytes(offset + CLAIM, claim.buffer(), claim.offset(), claim.length());
    return CLAIM + claim.length();
  }
}
