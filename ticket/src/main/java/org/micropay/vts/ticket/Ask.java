package org.micropay.vts.ticket;

import java.util.Objects;

/**
 * A merchant's request for a ticket: the commitment, and the script that it wants to be paid to,
 * whose length is what is left.
 *
 * <pre>
 *   0              32              54 to 66
 *   +--------------+---------------+
 *   | commitment   | payoutScript  |
 *   +--------------+---------------+
 * </pre>
 *
 * @param commitment c, the hash of r1 and s
 * @param payoutScript where a winner is to be paid
 */
public record Ask(Bytes32 commitment, PayoutScript payoutScript) {
  /** Checks that both parts are there. */
  public Ask {
    Objects.requireNonNull(commitment);
    Objects.requireNonNull(payoutScript);
  }

  /**
   * 54 to 66 bytes.
   *
   * @throws ProtocolException MALFORMED or UNSUPPORTED_SCRIPT
   */
  public static Ask decode(byte[] bytes) {
    int scriptLength = bytes.length - Bytes32.LENGTH;
    if (scriptLength < ScriptType.MIN_LENGTH || scriptLength > ScriptType.MAX_LENGTH) {
      throw new ProtocolException(
          AnswerCode.MALFORMED, "ask has " + bytes.length + " bytes, not 54 to 66");
    }
    return new Ask(
        Bytes32.copyOf(bytes, 0), PayoutScript.copyOf(bytes, Bytes32.LENGTH, scriptLength));
  }

  /** The 54 to 66 bytes. */
  public byte[] encode() {
    byte[] bytes = new byte[Bytes32.LENGTH + payoutScript.length()];
    commitment.copyTo(bytes, 0);
    payoutScript.copyTo(bytes, Bytes32.LENGTH);
    return bytes;
  }

  /** As 72 to 88 digits of base64url. */
  public String toBase64Url() {
    return Bytes.toBase64Url(encode());
  }

  /**
   * The opposite of {@link #toBase64Url()}.
   *
   * @throws ProtocolException as {@link #decode}
   */
  public static Ask fromBase64Url(String text) {
    return decode(Bytes.fromBase64Url(text));
  }
}
