package org.micropay.vts.transparency;

import org.agrona.DirectBuffer;
import org.micropay.vts.ticket.Bytes;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.ClaimLayout;

/**
 * From a journal record to the {@link LeafLayout bytes} of its leaf. A pure function of the record:
 * leaves are the GRANT and DOUBLE_SPEND records in the order of the journal, one each.
 *
 * <p>Static, allocation-free, any thread.
 */
public final class LeafEncoder {
  /** Journal record type GRANT: claimId 32, canonical claim. */
  public static final int GRANT = 3;

  /** Journal record type DOUBLE_SPEND: claimId 32, position of the grant u64, canonical claim. */
  public static final int DOUBLE_SPEND = 4;

  private static final int GRANT_CLAIM = Bytes32.LENGTH;
  private static final int PROOF_CLAIM = Bytes32.LENGTH + 8;

  private LeafEncoder() {}

  /** Whether a record of this type is a leaf. */
  public static boolean isLeaf(int recordType) {
    return recordType == GRANT || recordType == DOUBLE_SPEND;
  }

  /**
   * Writes the leaf of a record.
   *
   * @param recordType number of the record's type
   * @param position of the record in the journal
   * @param timeMillis of the record
   * @param payload holds the record's payload
   * @param target has room for {@link LeafLayout#MAX_LENGTH} bytes at {@code at}
   * @return length of the leaf in bytes; 0 when the record is none
   * @throws LogDataException when the payload is too short or too long to hold a claim
   */
  public static int encode(
      int recordType,
      long position,
      long timeMillis,
      DirectBuffer payload,
      int offset,
      int length,
      byte[] target,
      int at) {
    if (!isLeaf(recordType)) {
      return 0;
    }
    int claimAt = recordType == GRANT ? GRANT_CLAIM : PROOF_CLAIM;
    int claimLength = length - claimAt;
    if (claimLength < ClaimLayout.MIN_LENGTH || claimLength > ClaimLayout.MAX_LENGTH) {
      throw new LogDataException(
          "record %d of type %d has %d bytes; no claim is that long"
              .formatted(position, recordType, length));
    }
    target[at + LeafLayout.VERSION] = LeafLayout.VERSION_1;
    target[at + LeafLayout.KIND] = (byte) recordType;
    Bytes.putLongLe(target, at + LeafLayout.POSITION, position);
    Bytes.putLongLe(target, at + LeafLayout.TIME, timeMillis);
    if (recordType == GRANT) {
      Bytes.putLongLe(target, at + LeafLayout.GRANT_POSITION, position);
    } else {
      payload.getBytes(offset + Bytes32.LENGTH, target, at + LeafLayout.GRANT_POSITION, 8);
    }
    payload.getBytes(offset, target, at + LeafLayout.CLAIM_ID, Bytes32.LENGTH);
    payload.getBytes(offset + claimAt, target, at + LeafLayout.CLAIM, claimLength);
    return LeafLayout.CLAIM + claimLength;
  }
}
