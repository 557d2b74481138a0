package org.micropay.vts.ticket;

/**
 * The five output script types that a payout may have, with their length and the relay dust
 * threshold of Bitcoin Core's default policy (3,000 satoshi per 1,000 vbytes of the output and the
 * input that would spend it).
 */
public enum ScriptType {
  /** {@code DUP HASH160 <20> EQUALVERIFY CHECKSIG}. */
  P2PKH(25, 546),
  /** {@code HASH160 <20> EQUAL}. */
  P2SH(23, 540),
  /** {@code 0 <20>}, BIP 141. */
  P2WPKH(22, 294),
  /** {@code 0 <32>}, BIP 141. */
  P2WSH(34, 330),
  /** {@code 1 <32>}, BIP 341. */
  P2TR(34, 330);

  /** Shortest script of the five, in bytes. */
  public static final int MIN_LENGTH = 22;

  /** Longest script of the five, in bytes. */
  public static final int MAX_LENGTH = 34;

  private static final int OP_0 = 0x00;
  private static final int OP_1 = 0x51;
  private static final int OP_DUP = 0x76;
  private static final int OP_EQUAL = 0x87;
  private static final int OP_EQUALVERIFY = 0x88;
  private static final int OP_HASH160 = 0xA9;
  private static final int OP_CHECKSIG = 0xAC;

  private final int length;
  private final int dust;

  ScriptType(int length, int dust) {
    this.length = length;
    this.dust = dust;
  }

  /** Length of the script in bytes. */
  public int length() {
    return length;
  }

  /** The least satoshi that an output of this type must carry to be relayed. */
  public int dust() {
    return dust;
  }

  /** The type of the script at {@code offset}, or null when it is none of the five. */
  public static ScriptType classify(byte[] script, int offset, int length) {
    return switch (length) {
      case 22 -> isPush(script, offset, OP_0, 20) ? P2WPKH : null;
      case 23 ->
          isPush(script, offset, OP_HASH160, 20) && at(script, offset + 22) == OP_EQUAL
              ? P2SH
              : null;
      case 25 ->
          at(script, offset) == OP_DUP
                  && isPush(script, offset + 1, OP_HASH160, 20)
                  && at(script, offset + 23) == OP_EQUALVERIFY
                  && at(script, offset + 24) == OP_CHECKSIG
              ? P2PKH
              : null;
      case 34 ->
          isPush(script, offset, OP_0, 32) ? P2WSH : isPush(script, offset, OP_1, 32) ? P2TR : null;
      default -> null;
    };
  }

  private static boolean isPush(byte[] script, int offset, int opcode, int length) {
    return at(script, offset) == opcode && at(script, offset + 1) == length;
  }

  private static int at(byte[] script, int offset) {
    return script[offset] & 0xFF;
  }
}
