package org.micropay.vts.ticket;

import java.util.HexFormat;

/**
 * An ECDSA signature in its 64-byte compact, canonical form ({@link SignatureForm}). Immutable; any
 * thread.
 */
public final class CompactSignature {
  /** Encoded length in bytes. */
  public static final int LENGTH = SignatureForm.LENGTH;

  private final Bytes32 r;
  private final Bytes32 s;

  private CompactSignature(Bytes32 r, Bytes32 s) {
    this.r = r;
    this.s = s;
  }

  /**
   * Reads the 64 bytes at {@code offset}.
   *
   * @throws ProtocolException NON_CANONICAL_SIGNATURE when the form is wrong
   */
  public static CompactSignature copyOf(byte[] source, int offset) {
    if (!SignatureForm.isCanonical(source, offset)) {
      throw new ProtocolException(
          AnswerCode.NON_CANONICAL_SIGNATURE,
          "not a canonical signature (0 < r < n, 0 < s <= n/2): "
              + HexFormat.of().formatHex(source, offset, offset + LENGTH));
    }
    return new CompactSignature(
        Bytes32.copyOf(source, offset), Bytes32.copyOf(source, offset + Bytes32.LENGTH));
  }

  /**
   * The whole array.
   *
   * @throws ProtocolException MALFORMED for a wrong length, NON_CANONICAL_SIGNATURE for a wrong
   *     form
   */
  public static CompactSignature of(byte[] source) {
    Bytes.requireLength("signature", source.length, LENGTH);
    return copyOf(source, 0);
  }

  /**
   * One hundred and twenty-eight hexadecimal digits.
   *
   * @throws ProtocolException MALFORMED or NON_CANONICAL_SIGNATURE
   */
  public static CompactSignature fromHex(String hex) {
    return of(Bytes.fromHex(hex));
  }

  /** Writes the 64 bytes at {@code offset}. */
  public void copyTo(byte[] target, int offset) {
    r.copyTo(target, offset);
    s.copyTo(target, offset + Bytes32.LENGTH);
  }

  /** A new array of the 64 bytes. */
  public byte[] toArray() {
    byte[] bytes = new byte[LENGTH];
    copyTo(bytes, 0);
    return bytes;
  }

  /** One hundred and twenty-eight lower-case digits. */
  public String toHex() {
    return r.toHex() + s.toHex();
  }

  @Override
  public boolean equals(Object object) {
    return object instanceof CompactSignature other && r.equals(other.r) && s.equals(other.s);
  }

  @Override
  public int hashCode() {
    return 31 * r.hashCode() + s.hashCode();
  }

  @Override
  public String toString() {
    return toHex();
  }
}
