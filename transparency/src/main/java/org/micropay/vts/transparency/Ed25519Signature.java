package org.micropay.vts.transparency;

import java.util.Arrays;
import java.util.HexFormat;

/** The 64 bytes of an Ed25519 signature (RFC 8032). Immutable; any thread. */
public final class Ed25519Signature {
  /** Length in bytes. */
  public static final int LENGTH = 64;

  private final byte[] bytes;

  private Ed25519Signature(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * The 64 bytes at {@code offset}.
   *
   * @throws LogDataException when there are fewer
   */
  public static Ed25519Signature copyOf(byte[] source, int offset) {
    if (source.length - offset < LENGTH) {
      throw new LogDataException(
          "an Ed25519 signature has 64 bytes, not " + (source.length - offset));
    }
    return new Ed25519Signature(Arrays.copyOfRange(source, offset, offset + LENGTH));
  }

  /** Writes the 64 bytes. */
  public void copyTo(byte[] target, int offset) {
    System.arraycopy(bytes, 0, target, offset, LENGTH);
  }

  /** A new array of the 64 bytes. */
  public byte[] toArray() {
    return bytes.clone();
  }

  @Override
  public boolean equals(Object object) {
    return object instanceof Ed25519Signature other && Arrays.equals(bytes, other.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes);
  }
}
