package org.micropay.vts.ticket;

import java.util.HexFormat;

/**
 * Thirty-two bytes: a digest, a transaction id, a claim id. Immutable; any thread.
 *
 * <p>Ordered like the bytes, first byte most significant, each unsigned.
 */
public final class Bytes32 implements Comparable<Bytes32> {
  /** Length in bytes. */
  public static final int LENGTH = 32;

  /** Thirty-two zero bytes. */
  public static final Bytes32 ZERO = new Bytes32(0, 0, 0, 0);

  // Four words instead of an array: no second object, and nothing that could be changed.
  private final long word0;
  private final long word1;
  private final long word2;
  private final long word3;

  private Bytes32(long word0, long word1, long word2, long word3) {
    this.word0 = word0;
    this.word1 = word1;
    this.word2 = word2;
    this.word3 = word3;
  }

  /** Reads the 32 bytes at {@code offset}. */
  public static Bytes32 copyOf(byte[] source, int offset) {
    return new Bytes32(
        Bytes.getLongBe(source, offset),
        Bytes.getLongBe(source, offset + 8),
        Bytes.getLongBe(source, offset + 16),
        Bytes.getLongBe(source, offset + 24));
  }

  /**
   * The whole array.
   *
   * @throws ProtocolException MALFORMED unless it has 32 bytes
   */
  public static Bytes32 of(byte[] source) {
    Bytes.requireLength("32-byte value", source.length, LENGTH);
    return copyOf(source, 0);
  }

  /**
   * Sixty-four hexadecimal digits, first byte first.
   *
   * @throws ProtocolException MALFORMED for anything else
   */
  public static Bytes32 fromHex(String hex) {
    return of(Bytes.fromHex(hex));
  }

  /**
   * Sixty-four hexadecimal digits, last byte first: how Bitcoin prints transaction and block ids.
   *
   * @throws ProtocolException MALFORMED for anything else
   */
  public static Bytes32 fromReversedHex(String hex) {
    return fromHex(hex).reversed();
  }

  /** A new array of the 32 bytes. */
  public byte[] toArray() {
    byte[] bytes = new byte[LENGTH];
    copyTo(bytes, 0);
    return bytes;
  }

  /** Writes the 32 bytes at {@code offset}. */
  public void copyTo(byte[] target, int offset) {
    Bytes.putLongBe(target, offset, word0);
    Bytes.putLongBe(target, offset + 8, word1);
    Bytes.putLongBe(target, offset + 16, word2);
    Bytes.putLongBe(target, offset + 24, word3);
  }

  /** Whether the 32 bytes at {@code offset} are these. Variable time. */
  public boolean equalsAt(byte[] source, int offset) {
    return word0 == Bytes.getLongBe(source, offset)
        && word1 == Bytes.getLongBe(source, offset + 8)
        && word2 == Bytes.getLongBe(source, offset + 16)
        && word3 == Bytes.getLongBe(source, offset + 24);
  }

  /** The same bytes in the opposite order. */
  public Bytes32 reversed() {
    return new Bytes32(
        Long.reverseBytes(word3),
        Long.reverseBytes(word2),
        Long.reverseBytes(word1),
        Long.reverseBytes(word0));
  }

  /** Sixty-four lower-case digits, first byte first. */
  public String toHex() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(word0)
        + hex.toHexDigits(word1)
        + hex.toHexDigits(word2)
        + hex.toHexDigits(word3);
  }

  /** Sixty-four lower-case digits, last byte first: how Bitcoin prints transaction ids. */
  public String toReversedHex() {
    return reversed().toHex();
  }

  @Override
  public int compareTo(Bytes32 other) {
    int order = Long.compareUnsigned(word0, other.word0);
    if (order == 0) {
      order = Long.compareUnsigned(word1, other.word1);
    }
    if (order == 0) {
      order = Long.compareUnsigned(word2, other.word2);
    }
    return order != 0 ? order : Long.compareUnsigned(word3, other.word3);
  }

  @Override
  public boolean equals(Object object) {
    return object instanceof Bytes32 other
        && word0 == other.word0
        && word1 == other.word1
        && word2 == other.word2
        && word3 == other.word3;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(word0 ^ word1 ^ word2 ^ word3);
  }

  @Override
  public String toString() {
    return toHex();
  }
}
