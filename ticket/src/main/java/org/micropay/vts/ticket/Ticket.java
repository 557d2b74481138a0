package org.micropay.vts.ticket;

import java.util.Objects;

/**
 * A lottery ticket: the buyer's payment for one ask.
 *
 * <pre>
 *   0             32           64   80       84          85             85+n        149+n     213+n
 *   +-------------+------------+----+--------+-----------+--------------+-----------+----------+
 *   | termsDigest | commitment | r2 | expiry | n (u8)    | payoutScript | sigTicket | sigSpend |
 *   +-------------+------------+----+--------+-----------+--------------+-----------+----------+
 * </pre>
 *
 * @param termsDigest which escrow pays
 * @param commitment c of the ask
 * @param r2 the buyer's share of the lottery
 * @param expiry Unix seconds, an unsigned 32-bit number; the VTS refuses claims that arrive later
 * @param payoutScript the script of the ask
 * @param sigTicket the buyer's signature over {@link #digest()}
 * @param sigSpend the buyer's signature over {@link SpendTemplate#release}
 */
public record Ticket(
    Bytes32 termsDigest,
    Bytes32 commitment,
    Bytes16 r2,
    long expiry,
    PayoutScript payoutScript,
    CompactSignature sigTicket,
    CompactSignature sigSpend) {
  /** Least encoded length in bytes. */
  public static final int MIN_LENGTH = 213 + ScriptType.MIN_LENGTH;

  /** Greatest encoded length in bytes. */
  public static final int MAX_LENGTH = 213 + ScriptType.MAX_LENGTH;

  private static final int SCRIPT_LENGTH_AT = 84;
  private static final int SCRIPT_AT = 85;

  /**
   * Checks that all is there and the expiry fits 32 bits.
   *
   * @throws ProtocolException MALFORMED
   */
  public Ticket {
    Objects.requireNonNull(termsDigest);
    Objects.requireNonNull(commitment);
    Objects.requireNonNull(r2);
    Objects.requireNonNull(payoutScript);
    Objects.requireNonNull(sigTicket);
    Objects.requireNonNull(sigSpend);
    requireExpiry(expiry);
  }

  static void requireExpiry(long expiry) {
    if (expiry >>> 32 != 0) {
      throw new ProtocolException(
          AnswerCode.MALFORMED, "expiry is not an unsigned 32-bit number: " + expiry);
    }
  }

  /**
   * 235 to 247 bytes.
   *
   * @throws ProtocolException MALFORMED, UNSUPPORTED_SCRIPT or NON_CANONICAL_SIGNATURE
   */
  public static Ticket decode(byte[] bytes) {
    if (bytes.length < MIN_LENGTH || bytes.length > MAX_LENGTH) {
      throw new ProtocolException(
          AnswerCode.MALFORMED, "ticket has " + bytes.length + " bytes, not 235 to 247");
    }
    int scriptLength = bytes[SCRIPT_LENGTH_AT] & 0xFF;
    Bytes.requireLength("ticket", bytes.length, 213 + scriptLength);
    int signatures = SCRIPT_AT + scriptLength;
    return new Ticket(
        Bytes32.copyOf(bytes, 0),
        Bytes32.copyOf(bytes, 32),
        Bytes16.copyOf(bytes, 64),
        Bytes.getUnsignedIntLe(bytes, 80),
        PayoutScript.copyOf(bytes, SCRIPT_AT, scriptLength),
        CompactSignature.copyOf(bytes, signatures),
        CompactSignature.copyOf(bytes, signatures + CompactSignature.LENGTH));
  }

  /** The 235 to 247 bytes. */
  public byte[] encode() {
    byte[] bytes = new byte[213 + payoutScript.length()];
    termsDigest.copyTo(bytes, 0);
    commitment.copyTo(bytes, 32);
    r2.copyTo(bytes, 64);
    Bytes.putIntLe(bytes, 80, (int) expiry);
    bytes[SCRIPT_LENGTH_AT] = (byte) payoutScript.length();
    int signatures = payoutScript.copyTo(bytes, SCRIPT_AT);
    sigTicket.copyTo(bytes, signatures);
    sigSpend.copyTo(bytes, signatures + CompactSignature.LENGTH);
    return bytes;
  }

  /** As 314 to 330 digits of base64url. */
  public String toBase64Url() {
    return Bytes.toBase64Url(encode());
  }

  /**
   * The opposite of {@link #toBase64Url()}.
   *
   * @throws ProtocolException as {@link #decode}
   */
  public static Ticket fromBase64Url(String text) {
    return decode(Bytes.fromBase64Url(text));
  }

  /** What sigTicket signs. */
  public Bytes32 digest() {
    return digest(termsDigest, commitment, r2, expiry, payoutScript);
  }

  /**
   * H_"vts/ticket/1"(termsDigest || c || r2 || expiry u32 || u8 length of payoutScript ||
   * payoutScript).
   */
  public static Bytes32 digest(
      Bytes32 termsDigest, Bytes32 commitment, Bytes16 r2, long expiry, PayoutScript payoutScript) {
    byte[] bytes = new byte[SCRIPT_AT + payoutScript.length()];
    termsDigest.copyTo(bytes, 0);
    commitment.copyTo(bytes, 32);
    r2.copyTo(bytes, 64);
    Bytes.putIntLe(bytes, 80, (int) expiry);
    bytes[SCRIPT_LENGTH_AT] = (byte) payoutScript.length();
    payoutScript.copyTo(bytes, SCRIPT_AT);
    return TaggedHash.TICKET.hash(bytes);
  }
}
