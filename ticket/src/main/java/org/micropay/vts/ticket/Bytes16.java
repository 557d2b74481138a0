package org.micropay.vts.ticket;

import java.util.HexFormat;

/**
 * Sixteen bytes: r1, s or r2. Immutable; any thread.
 *
 * <p>{@link #toString()} does not show them: r1 and s are the merchant's secret until the claim.
 */
public final class Bytes16 {
  /** Length in bytes. */
  public static final int LENGTH = 16;

  private final long word0;
  private final long word1;

  private Bytes16(long word0, long word1) {
    this.word0 = word0;
    this.word1 = word1;
  }

  /** Reads the 16 bytes at {@code offset}. */
  public static Bytes16 copyOf(byte[] source, int offset) {
    return new Bytes16(Bytes.getLongBe(source, offset), Bytes.getLongBe(source, offset + 8));
  }

  /**
   * The whole array.
   *
   * @throws ProtocolException MALFORMED unless it has 16 bytes
   */
  public static Bytes16 of(byte[] source) {
    Bytes.requireLength("16-byte value", source.length, LENGTH);
    return copyOf(source, 0);
  }

  /**
   * Thirty-two hexadecimal digits, first byte first.
   *
   * @throws ProtocolException MALFORMED for anything else
   */
  public static Bytes16 fromHex(String hex) {
    return of(Bytes.fromHex(hex));
  }

  /** A new array of the 16 bytes. */
  public byte[] toArray() {
    byte[] bytes = new byte[LENGTH];
    copyTo(bytes, 0);
    return bytes;
  }

  /** Writes the 16 bytes at {@code offset}. */
  public void copyTo(byte[] target, int offset) {
    Bytes.putLongBe(target, offset, word0);
    Bytes.putLongBe(target, offset + 8, word1);
  }

  /** The first eight bytes as the protocol's integers are read: little-endian, unsigned. */
  long firstWord() {
    return Long.reverseBytes(word0);
  }

  /** Thirty-two lower-case digits. */
  public String toHex() {
    return HexFormat.of().toHexDigits(word0) + HexFormat.of().toHexDigits(word1);
  }

  @Override
  public boolean equals(Object object) {
    return object instanceof Bytes16 other && word0 == other.word0 && word1 == other.word1;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(word0 ^ word1);
  }

  @Override
  public String toString() {
    return "Bytes16[hidden]";
  }
}
