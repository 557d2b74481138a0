package org.micropay.vts.pipeline;

import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.ledger.StateDigestRecord;

/**
 * One preallocated entry of the ring: a claim or a command, and what each stage found out about it.
 *
 * <p>The ring owns the memory and uses it again; a port sees a slot during the call only. A field
 * has one writing stage, and later stages read it behind that stage's sequence, so nothing here is
 * volatile. Stages that run side by side (journal and sign) write different fields.
 *
 * <p>The row is laid out so that both journal payloads of a claim are one run of bytes and the
 * claim itself never moves:
 *
 * <pre>
 *   0        8                  40                                417
 *   +--------+------------------+----------------------------------+
 *   | (room) | claimId 32       | canonical claim, 365..377 bytes  |   GRANT = [8, 40 + n)
 *   +--------+---------+--------+----------------------------------+
 *   | claimId 32       | grant  | canonical claim, 365..377 bytes  |   DOUBLE_SPEND = [0, 40 + n)
 *   |                  | pos u64|                                  |
 *   +------------------+--------+----------------------------------+
 * </pre>
 *
 * <p>A command's payload lies at the start of the row when it fits, else in an array of its own,
 * which the command's submitter allocated off the claims' path.
 */
public final class ClaimSlot {
  /** Where the canonical claim begins in {@link #row()}. */
  public static final int CLAIM_OFFSET = 40;

  /** Longest payload of a command that is copied into the slot, in bytes. */
  public static final int INLINE_PAYLOAD = 448;

  /** Length of the receipt's counter-signature, bytes. */
  public static final int SIGNATURE_LENGTH = 64;

  static final int CLAIM_ID_OFFSET = 8;
  static final int DIGEST = 32;
  private static final int CACHE_LINE = 64;

  final byte[] row = new byte[INLINE_PAYLOAD];
  final UnsafeBuffer rowBuffer = new UnsafeBuffer(row);
  final byte[] spendDigest = new byte[DIGEST];
  final byte[] claimId = new byte[DIGEST];
  final byte[] signature = new byte[SIGNATURE_LENGTH];
  final byte[] digestPayload = new byte[StateDigestRecord.LENGTH];
  final UnsafeBuffer digestBuffer = new UnsafeBuffer(digestPayload);

  // Written by the producer before the sequence is published.
  SlotKind kind = SlotKind.VOID;
  int length;
  long connectionId;
  long correlationId;
  long timeMillis;
  long ingressNanos;
  int commandType;
  DirectBuffer largePayload;
  CommandCompletion completion;

  // Written by the verify stage.
  int verdict;
  boolean foretold;
  int outpointHash; // these two only where verdict is 0
  int claimIdHash;

  // Written by the decide stage.
  int code;
  boolean newGrant;
  long receiptPosition;
  long recordPosition;
  int recordType;
  int recordOffset;
  int recordLength;
  long ledgerMillis;
  long digestPosition;

  // Written by the reply stage.
  long replyNanos;

  ClaimSlot() {}

  /**
   * Back to the state of a free slot, which every stage passes over; the reply stage's last act.
   */
  void clear() {
    kind = SlotKind.VOID;
    length = 0;
    verdict = 0;
    foretold = false;
    code = 0;
    newGrant = false;
    receiptPosition = 0;
    recordPosition = 0;
    recordType = 0;
    digestPosition = 0;
    largePayload = null;
    completion = null;
  }

  /** Reads a byte of each cache line of the row. */
  long touchRow() {
    long read = kind.ordinal();
    for (int at = 0; at < INLINE_PAYLOAD; at += CACHE_LINE) {
      read += row[at];
    }
    return read;
  }

  void clearClaimId() {
    Arrays.fill(claimId, (byte) 0);
  }

  /** Buffer of the record's payload, to be read at {@code recordOffset}. */
  DirectBuffer recordBuffer() {
    return largePayload != null ? largePayload : rowBuffer;
  }

  /** What the slot carries. */
  public SlotKind kind() {
    return kind;
  }

  /** The edge's name for the connection on which the claim came. */
  public long connectionId() {
    return connectionId;
  }

  /** The client's number for this request, u64. */
  public long correlationId() {
    return correlationId;
  }

  /** When the edge stamped the claim: milliseconds since the Unix epoch. */
  public long ingressTimeMillis() {
    return timeMillis;
  }

  /** When the edge stamped the claim, in the scale of the pipeline's nano clock. */
  public long ingressNanos() {
    return ingressNanos;
  }

  /** When the batch that answers the claim began to be answered, same scale. */
  public long replyNanos() {
    return replyNanos;
  }

  /** The answer: number of an {@link org.micropay.vts.ticket.AnswerCode}. */
  public int code() {
    return code;
  }

  /** Journal position that the receipt names; 0 when the answer changed nothing. */
  public long receiptPosition() {
    return receiptPosition;
  }

  /** Whether this very claim made the grant; false for its repeats. */
  public boolean isNewGrant() {
    return newGrant;
  }

  /** The 32 bytes of the claim's identity; zeros for a claim refused before it was computed. */
  public byte[] claimId() {
    return claimId;
  }

  /** The 64 bytes of the counter-signature; zeros unless {@link #code()} is GRANTED. */
  public byte[] signature() {
    return signature;
  }

  /** Memory that holds the canonical claim at {@link #CLAIM_OFFSET}. */
  public byte[] row() {
    return row;
  }

  /** The same memory as {@link #row()}, for readers that want a buffer. */
  public DirectBuffer rowBuffer() {
    return rowBuffer;
  }

  /** Length of the canonical claim in bytes. */
  public int claimLength() {
    return length;
  }

  /** Names the slot's state for an error; never its bytes. */
  @Override
  public String toString() {
    return "ClaimSlot[kind="
        + kind
        + ", code="
        + code
        + ", receiptPosition="
        + receiptPosition
        + ", correlationId="
        + Long.toUnsignedString(correlationId)
        + ']';
  }
}
