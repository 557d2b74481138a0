package org.micropay.vts.ticket;

import java.util.Arrays;
import java.util.HexFormat;

/** An output script of one of the five supported {@link ScriptType}s. Immutable; any thread. */
public final class PayoutScript {
  private final ScriptType type;
  private final byte[] script;

  private PayoutScript(ScriptType type, byte[] script) {
    this.type = type;
    this.script = script;
  }

  /**
   * Reads {@code length} bytes at {@code offset}.
   *
   * @throws ProtocolException UNSUPPORTED_SCRIPT unless they are a script of a supported type
   */
  public static PayoutScript copyOf(byte[] source, int offset, int length) {
    byte[] script = Arrays.copyOfRange(source, offset, offset + length);
    ScriptType type = ScriptType.classify(script, 0, length);
    if (type == null) {
      throw new ProtocolException(
          AnswerCode.UNSUPPORTED_SCRIPT,
          "payout script is not P2WPKH, P2SH, P2PKH, P2WSH or P2TR: "
              + HexFormat.of().formatHex(script, 0, Math.min(length, 64)));
    }
    return new PayoutScript(type, script);
  }

  /**
   * The whole array.
   *
   * @throws ProtocolException UNSUPPORTED_SCRIPT
   */
  public static PayoutScript of(byte[] script) {
    return copyOf(script, 0, script.length);
  }

  /**
   * The script in hexadecimal digits.
   *
   * @throws ProtocolException MALFORMED or UNSUPPORTED_SCRIPT
   */
  public static PayoutScript fromHex(String hex) {
    return of(Bytes.fromHex(hex));
  }

  /** Which of the five it is. */
  public ScriptType type() {
    return type;
  }

  /** Length in bytes, 22 to 34. */
  public int length() {
    return script.length;
  }

  /** Writes the script at {@code offset} and returns the offset behind it. */
  public int copyTo(byte[] target, int offset) {
    System.arraycopy(script, 0, target, offset, script.length);
    return offset + script.length;
  }

  /** A new array of the script's bytes. */
  public byte[] toArray() {
    return script.clone();
  }

  /** Lower-case digits. */
  public String toHex() {
    return HexFormat.of().formatHex(script);
  }

  @Override
  public boolean equals(Object object) {
    return object instanceof PayoutScript other && Arrays.equals(script, other.script);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(script);
  }

  @Override
  public String toString() {
    return type + ":" + toHex();
  }
}
