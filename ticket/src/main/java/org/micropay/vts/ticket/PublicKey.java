package org.micropay.vts.ticket;

import java.util.HexFormat;
import java.util.Objects;

/**
 * A secp256k1 public key in its 33-byte compressed form (SEC 1, section 2.3.3): 02 or 03, then x
 * big-endian, x &lt; p. Immutable; any thread.
 *
 * <p>The form is checked here. Whether the point lies on the curve takes a square root and is the
 * signature verifier's to find out: no signature verifies under a key that does not.
 */
public final class PublicKey {
  /** Encoded length in bytes. */
  public static final int LENGTH = 33;

  // p = 2^256 - 2^32 - 977: only x with 192 leading one bits can reach it.
  private static final long P_LAST_WORD = 0xFFFF_FFFE_FFFF_FC2FL;

  private final byte prefix;
  private final Bytes32 x;

  private PublicKey(byte prefix, Bytes32 x) {
    this.prefix = prefix;
    this.x = x;
  }

  /** Whether the 33 bytes at {@code offset} have the right form. Allocates nothing. */
  public static boolean isWellFormed(byte[] source, int offset) {
    if ((source[offset] & 0xFE) != 0x02) {
      return false;
    }
    return (Bytes.getLongBe(source, offset + 1)
                & Bytes.getLongBe(source, offset + 9)
                & Bytes.getLongBe(source, offset + 17))
            != -1L
        || Long.compareUnsigned(Bytes.getLongBe(source, offset + 25), P_LAST_WORD) < 0;
  }

  /**
   * Reads the 33 bytes at {@code offset}.
   *
   * @throws ProtocolException INVALID_KEY when the form is wrong
   */
  public static PublicKey copyOf(byte[] source, int offset) {
    if (!isWellFormed(source, offset)) {
      throw new ProtocolException(
          AnswerCode.INVALID_KEY,
          "not a compressed public key: "
              + HexFormat.of().formatHex(source, offset, offset + LENGTH));
    }
    return new PublicKey(source[offset], Bytes32.copyOf(source, offset + 1));
  }

  /**
   * The whole array.
   *
   * @throws ProtocolException MALFORMED for a wrong length, INVALID_KEY for a wrong form
   */
  public static PublicKey of(byte[] source) {
    Bytes.requireLength("public key", source.length, LENGTH);
    return copyOf(source, 0);
  }

  /**
   * Sixty-six hexadecimal digits.
   *
   * @throws ProtocolException MALFORMED or INVALID_KEY
   */
  public static PublicKey fromHex(String hex) {
    return of(Bytes.fromHex(hex));
  }

  /** Writes the 33 bytes at {@code offset}. */
  public void copyTo(byte[] target, int offset) {
    target[offset] = prefix;
    x.copyTo(target, offset + 1);
  }

  /** Whether the 33 bytes at {@code offset} are this key. */
  public boolean equalsAt(byte[] source, int offset) {
    return source[offset] == prefix && x.equalsAt(source, offset + 1);
  }

  /** A new array of the 33 bytes. */
  public byte[] toArray() {
    byte[] bytes = new byte[LENGTH];
    copyTo(bytes, 0);
    return bytes;
  }

  /** Sixty-six lower-case digits. */
  public String toHex() {
    return HexFormat.of().formatHex(toArray());
  }

  @Override
  public boolean equals(Object object) {
    return object instanceof PublicKey other && prefix == other.prefix && x.equals(other.x);
  }

  @Override
  public int hashCode() {
    return Objects.hash(prefix, x);
  }

  @Override
  public String toString() {
    return toHex();
  }
}
