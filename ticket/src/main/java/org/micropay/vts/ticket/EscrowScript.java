package org.micropay.vts.ticket;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * The script of an escrow or deposit: the buyer and the VTS together at any time, or the buyer
 * alone from {@code refundHeight} on. Immutable; any thread.
 *
 * <p>Miniscript {@code and_v(v:pk(buyerKey),or_d(pk(vtsKey),after(refundHeight)))} in {@code
 * wsh()}:
 *
 * <pre>
 *  &lt;buyerKey&gt; CHECKSIGVERIFY &lt;vtsKey&gt; CHECKSIG IFDUP NOTIF &lt;refundHeight&gt; CHECKLOCKTIMEVERIFY ENDIF
 *
 *   21 buyerKey ad  21 vtsKey ac 73 64  height b1 68
 *  |1 |   33   |1 |1 |  33   |1 |1 |1 | 1 to 5 |1 |1 |    bytes, 75 to 79
 * </pre>
 *
 * {@code height} is the shortest push of the number: OP_1 to OP_16 for 1 to 16, otherwise the
 * length and the bytes, least significant first, with a zero byte more when the top bit is set.
 */
public final class EscrowScript {
  /** Longest script in bytes: refund heights stay below 2^29, hence need four bytes. */
  public static final int MAX_LENGTH = 79;

  private static final byte PUSH_33 = 0x21;
  private static final byte OP_RESERVED = 0x50;
  private static final byte OP_NOTIF = 0x64;
  private static final byte OP_ENDIF = 0x68;
  private static final byte OP_IFDUP = 0x73;
  private static final byte OP_CHECKSIG = (byte) 0xAC;
  private static final byte OP_CHECKSIGVERIFY = (byte) 0xAD;
  private static final byte OP_CHECKLOCKTIMEVERIFY = (byte) 0xB1;

  private final byte[] script;

  private EscrowScript(byte[] script) {
    this.script = script;
  }

  /** The script for these keys and this height. */
  public static EscrowScript of(PublicKey buyerKey, PublicKey vtsKey, int refundHeight) {
    byte[] bytes = new byte[MAX_LENGTH];
    int length = write(buyerKey.toArray(), 0, vtsKey.toArray(), 0, refundHeight, bytes, 0);
    return new EscrowScript(Arrays.copyOf(bytes, length));
  }

  /** Writes the script at {@code at} and returns the offset behind it. Allocates nothing. */
  static int write(
      byte[] buyerKey, int buyerAt, byte[] vtsKey, int vtsAt, int height, byte[] target, int at) {
    int end = at;
    target[end++] = PUSH_33;
    System.arraycopy(buyerKey, buyerAt, target, end, PublicKey.LENGTH);
    end += PublicKey.LENGTH;
    target[end++] = OP_CHECKSIGVERIFY;
    target[end++] = PUSH_33;
    System.arraycopy(vtsKey, vtsAt, target, end, PublicKey.LENGTH);
    end += PublicKey.LENGTH;
    target[end++] = OP_CHECKSIG;
    target[end++] = OP_IFDUP;
    target[end++] = OP_NOTIF;
    end = writeNumber(height, target, end);
    target[end++] = OP_CHECKLOCKTIMEVERIFY;
    target[end++] = OP_ENDIF;
    return end;
  }

  private static int writeNumber(int number, byte[] target, int at) {
    if (number <= 16) {
      target[at] = (byte) (OP_RESERVED + number);
      return at + 1;
    }
    // One bit more than the number needs: the top bit of the last byte is the sign.
    int length = (32 - Integer.numberOfLeadingZeros(number)) / 8 + 1;
    target[at] = (byte) length;
    for (int i = 0; i < length; i++) {
      target[at + 1 + i] = (byte) (number >>> 8 * i);
    }
    return at + 1 + length;
  }

  /** Length in bytes. */
  public int length() {
    return script.length;
  }

  /** A new array of the script's bytes. */
  public byte[] toArray() {
    return script.clone();
  }

  /** Lower-case digits. */
  public String toHex() {
    return HexFormat.of().formatHex(script);
  }

  /** The output script {@code 0 <SHA256(script)>} (P2WSH, BIP 141), 34 bytes. */
  public PayoutScript scriptPubKey() {
    byte[] output = new byte[ScriptType.P2WSH.length()];
    output[1] = Bytes32.LENGTH;
    Sha256.of(script).copyTo(output, 2);
    return PayoutScript.of(output);
  }

  @Override
  public boolean equals(Object object) {
    return object instanceof EscrowScript other && Arrays.equals(script, other.script);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(script);
  }

  @Override
  public String toString() {
    return toHex();
  }
}
