package org.micropay.vts.ticket;

import java.util.Objects;

/**
 * One output of one transaction.
 *
 * <pre>
 *  0        32       36
 *  | txid   | vout   |
 * </pre>
 *
 * @param txid transaction id in internal byte order (the reverse of what explorers print)
 * @param vout index of the output, an unsigned 32-bit number, little-endian on the wire
 */
public record Outpoint(Bytes32 txid, int vout) {
  /** Encoded length in bytes. */
  public static final int LENGTH = 36;

  /** Checks that both parts are there. */
  public Outpoint {
    Objects.requireNonNull(txid);
  }

  /** Reads the 36 bytes at {@code offset}. */
  public static Outpoint copyOf(byte[] source, int offset) {
    return new Outpoint(
        Bytes32.copyOf(source, offset), Bytes.getIntLe(source, offset + Bytes32.LENGTH));
  }

  /**
   * Exactly 36 bytes.
   *
   * @throws ProtocolException MALFORMED for any other length
   */
  public static Outpoint decode(byte[] bytes) {
    Bytes.requireLength("outpoint", bytes.length, LENGTH);
    return copyOf(bytes, 0);
  }

  /** Writes the 36 bytes at {@code offset}. */
  public void copyTo(byte[] target, int offset) {
    txid.copyTo(target, offset);
    Bytes.putIntLe(target, offset + Bytes32.LENGTH, vout);
  }

  /** The 36 bytes as they stand in a transaction's input. */
  public byte[] encode() {
    byte[] bytes = new byte[LENGTH];
    copyTo(bytes, 0);
    return bytes;
  }

  /** As explorers print it: {@code <txid, reversed>:<vout>}. */
  @Override
  public String toString() {
    return txid.toReversedHex() + ":" + Integer.toUnsignedString(vout);
  }
}
