package org.micropay.vts.ticket;

import java.util.Objects;

/**
 * What opens a merchant's commitment: r1 decides, together with the buyer's r2, whether the ticket
 * wins; the salt s hides it.
 *
 * <p>Secret until the merchant claims or gives the opening of a losing ticket back, so {@link
 * #toString()} shows nothing.
 *
 * @param r1 the merchant's share of the lottery
 * @param s the salt
 */
public record Opening(Bytes16 r1, Bytes16 s) {
  /** Encoded length in bytes: r1, then s. */
  public static final int LENGTH = 32;

  /** Checks that both parts are there. */
  public Opening {
    Objects.requireNonNull(r1);
    Objects.requireNonNull(s);
  }

  /**
   * Exactly 32 bytes: r1, then s.
   *
   * @throws ProtocolException MALFORMED for any other length
   */
  public static Opening decode(byte[] bytes) {
    Bytes.requireLength("opening", bytes.length, LENGTH);
    return new Opening(Bytes16.copyOf(bytes, 0), Bytes16.copyOf(bytes, Bytes16.LENGTH));
  }

  /** The 32 bytes r1, s. */
  public byte[] encode() {
    byte[] bytes = new byte[LENGTH];
    r1.copyTo(bytes, 0);
    s.copyTo(bytes, Bytes16.LENGTH);
    return bytes;
  }

  /** As 43 digits of base64url. */
  public String toBase64Url() {
    return Bytes.toBase64Url(encode());
  }

  /**
   * The opposite of {@link #toBase64Url()}.
   *
   * @throws ProtocolException MALFORMED
   */
  public static Opening fromBase64Url(String text) {
    return decode(Bytes.fromBase64Url(text));
  }

  /** c = H_"vts/commitment/1"(r1 || s). */
  public Bytes32 commitment() {
    return TaggedHash.COMMITMENT.hash(encode());
  }

  @Override
  public String toString() {
    return "Opening[hidden]";
  }
}
