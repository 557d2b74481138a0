package org.micropay.vts.ticket;

/**
 * The form of a 64-byte compact ECDSA signature over secp256k1: r then s, each 32 bytes big-endian,
 * 1 &lt;= r &lt; n and 1 &lt;= s &lt;= (n - 1) / 2 (BIP 146's low s).
 *
 * <p>One message then has one transcript: whoever relays it cannot turn s into n - s. Variable
 * time, for public data only; allocates nothing; any thread.
 */
public final class SignatureForm {
  /** Encoded length in bytes. */
  public static final int LENGTH = 64;

  // The group order n and its half, rounded down, in 64-bit words, most significant first.
  private static final long N0 = 0xFFFF_FFFF_FFFF_FFFFL;
  private static final long N1 = 0xFFFF_FFFF_FFFF_FFFEL;
  private static final long N2 = 0xBAAE_DCE6_AF48_A03BL;
  private static final long N3 = 0xBFD2_5E8C_D036_4141L;
  private static final long H0 = 0x7FFF_FFFF_FFFF_FFFFL;
  private static final long H1 = 0xFFFF_FFFF_FFFF_FFFFL;
  private static final long H2 = 0x5D57_6E73_57A4_501DL;
  private static final long H3 = 0xDFE9_2F46_681B_20A0L;

  private SignatureForm() {}

  /** Whether the 64 bytes at {@code offset} have the canonical form. */
  public static boolean isCanonical(byte[] source, int offset) {
    int s = offset + 32;
    return !isZero(source, offset)
        && compare(source, offset, N0, N1, N2, N3) < 0
        && !isZero(source, s)
        && compare(source, s, H0, H1, H2, H3) <= 0;
  }

  private static boolean isZero(byte[] source, int offset) {
    return (Bytes.getLongBe(source, offset)
            | Bytes.getLongBe(source, offset + 8)
            | Bytes.getLongBe(source, offset + 16)
            | Bytes.getLongBe(source, offset + 24))
        == 0;
  }

  private static int compare(byte[] source, int offset, long w0, long w1, long w2, long w3) {
    int order = Long.compareUnsigned(Bytes.getLongBe(source, offset), w0);
    if (order == 0) {
      order = Long.compareUnsigned(Bytes.getLongBe(source, offset + 8), w1);
    }
    if (order == 0) {
      order = Long.compareUnsigned(Bytes.getLongBe(source, offset + 16), w2);
    }
    return order != 0 ? order : Long.compareUnsigned(Bytes.getLongBe(source, offset + 24), w3);
  }
}
