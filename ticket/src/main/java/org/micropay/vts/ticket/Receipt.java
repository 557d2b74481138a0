package org.micropay.vts.ticket;

import java.util.Objects;
import java.util.Optional;

/**
 * The VTS's answer to a claim.
 *
 * <pre>
 *   0          32     34         42                     106
 *   +----------+------+----------+----------------------+
 *   | claimId  | code | position | counterSignature     |
 *   +----------+------+----------+----------------------+
 * </pre>
 *
 * @param claimId which claim
 * @param code the answer, u16
 * @param position number of the journal record that holds the decision; 0 when none does
 * @param counterSignature the VTS's signature over {@link SpendTemplate#release}, present exactly
 *     for GRANTED; 64 zero bytes on the wire otherwise
 */
public record Receipt(
    Bytes32 claimId, AnswerCode code, long position, Optional<CompactSignature> counterSignature) {
  /** Encoded length in bytes. */
  public static final int LENGTH = 106;

  private static final int CODE = 32;
  private static final int POSITION = 34;
  private static final int SIGNATURE = 42;

  /**
   * Checks that a grant, and nothing else, is signed, and that decisions have a position.
   *
   * @throws ProtocolException MALFORMED
   */
  public Receipt {
    Objects.requireNonNull(claimId);
    if (counterSignature.isPresent() != (code == AnswerCode.GRANTED)) {
      throw new ProtocolException(
          AnswerCode.MALFORMED, "a receipt is signed exactly when granted; this is " + code);
    }
    boolean journaled = code == AnswerCode.GRANTED || code == AnswerCode.DOUBLE_SPEND;
    if (position < 0 || (position == 0) == journaled) {
      throw new ProtocolException(
          AnswerCode.MALFORMED, "receipt with " + code + " at position " + position);
    }
  }

  /**
   * Exactly 106 bytes.
   *
   * @throws ProtocolException MALFORMED or NON_CANONICAL_SIGNATURE
   */
  public static Receipt decode(byte[] bytes) {
    Bytes.requireLength("receipt", bytes.length, LENGTH);
    return new Receipt(
        Bytes32.copyOf(bytes, 0),
        AnswerCode.ofNumber(Bytes.getUnsignedShortLe(bytes, CODE)),
        Bytes.getLongLe(bytes, POSITION),
        isZero(bytes, SIGNATURE)
            ? Optional.empty()
            : Optional.of(CompactSignature.copyOf(bytes, SIGNATURE)));
  }

  private static boolean isZero(byte[] bytes, int offset) {
    return Bytes32.ZERO.equalsAt(bytes, offset)
        && Bytes32.ZERO.equalsAt(bytes, offset + Bytes32.LENGTH);
  }

  /** The 106 bytes. */
  public byte[] encode() {
    byte[] bytes = new byte[LENGTH];
    claimId.copyTo(bytes, 0);
    Bytes.putShortLe(bytes, CODE, code.number());
    Bytes.putLongLe(bytes, POSITION, position);
    counterSignature.ifPresent(signature -> signature.copyTo(bytes, SIGNATURE));
    return bytes;
  }

  /** As 142 digits of base64url. */
  public String toBase64Url() {
    return Bytes.toBase64Url(encode());
  }

  /**
   * The opposite of {@link #toBase64Url()}.
   *
   * @throws ProtocolException as {@link #decode}
   */
  public static Receipt fromBase64Url(String text) {
    return decode(Bytes.fromBase64Url(text));
  }
}
