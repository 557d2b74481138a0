package org.micropay.vts.ticket;

import java.util.Arrays;

/**
 * Strict DER (BIP 66) of a compact signature, with the sighash byte behind it, as Bitcoin's
 * witnesses want it.
 *
 * <pre>
 *  30 len 02 lenR R 02 lenS S sighash     R, S: big-endian, no needless zeros, never negative
 * </pre>
 *
 * Any thread.
 */
public final class Der {
  /** Longest encoding in bytes: r with a sign byte, low s without, the sighash byte. */
  public static final int MAX_LENGTH = 72;

  private Der() {}

  /** The encoding of a signature with this sighash byte, 9 to 72 bytes. */
  public static byte[] encode(CompactSignature signature, int sighash) {
    byte[] bytes = new byte[MAX_LENGTH];
    return Arrays.copyOf(bytes, encode(signature.toArray(), 0, sighash, bytes, 0));
  }

  /**
   * Writes the encoding of the canonical 64 bytes at {@code offset} to {@code target} and returns
   * the offset behind it. Allocates nothing.
   */
  public static int encode(byte[] compact, int offset, int sighash, byte[] target, int at) {
    int end = writeInteger(compact, offset, target, at + 2);
    end = writeInteger(compact, offset + 32, target, end);
    target[at] = 0x30;
    target[at + 1] = (byte) (end - at - 2);
    target[end] = (byte) sighash;
    return end + 1;
  }

  private static int writeInteger(byte[] source, int offset, byte[] target, int at) {
    int skip = 0;
    while (skip < 31 && source[offset + skip] == 0) {
      skip++;
    }
    int sign = source[offset + skip] < 0 ? 1 : 0;
    target[at] = 0x02;
    target[at + 1] = (byte) (32 - skip + sign);
    target[at + 2] = 0;
    System.arraycopy(source, offset + skip, target, at + 2 + sign, 32 - skip);
    return at + 2 + sign + 32 - skip;
  }
}
