package org.micropay.vts.ticket;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * A penalty deposit: an output of the escrow's script form with the keys of the terms that it
 * stands behind, and the buyer's signature that lets the VTS burn it on proof of a double-spend.
 *
 * <pre>
 *   0          36      44             48        56          120
 *   +----------+-------+--------------+---------+-----------+
 *   | outpoint | value | refundHeight | burnFee | sigBurn   |
 *   +----------+-------+--------------+---------+-----------+
 * </pre>
 *
 * @param outpoint the output that holds the deposit
 * @param value satoshi in it, 330 to 21 million bitcoin
 * @param refundHeight from this block on the buyer can take it back, 1 to 499,999,999
 * @param burnFee satoshi of it that the burn pays as fee, 1 to value - 1
 * @param sigBurn the buyer's signature over {@link SpendTemplate#burn}
 */
public record Deposit(
    Outpoint outpoint, long value, int refundHeight, long burnFee, CompactSignature sigBurn) {
  /** Encoded length in bytes. */
  public static final int LENGTH = 120;

  /** Length in bytes of what the digest covers: all but the signature. */
  static final int SIGNED_LENGTH = 56;

  private static final byte OP_RETURN = 0x6A;

  // The payload also keeps the transaction above 65 bytes without witness, below which it would
  // not be relayed.
  private static final byte[] BURN_PAYLOAD = "VTS burn".getBytes(StandardCharsets.US_ASCII);

  /**
   * Checks the ranges.
   *
   * @throws ProtocolException BAD_DEPOSIT
   */
  public Deposit {
    Objects.requireNonNull(outpoint);
    Objects.requireNonNull(sigBurn);
    if (TermsRules.check(value, value, 1, refundHeight) != 0 || burnFee < 1 || burnFee >= value) {
      throw new ProtocolException(
          AnswerCode.BAD_DEPOSIT,
          "deposit out of range: value %d, burn fee %d, refund height %d"
              .formatted(value, burnFee, refundHeight));
    }
  }

  /**
   * Reads the 120 bytes at {@code offset}.
   *
   * @throws ProtocolException BAD_DEPOSIT or NON_CANONICAL_SIGNATURE
   */
  public static Deposit copyOf(byte[] source, int offset) {
    return new Deposit(
        Outpoint.copyOf(source, offset),
        Bytes.getLongLe(source, offset + 36),
        Bytes.getIntLe(source, offset + 44),
        Bytes.getLongLe(source, offset + 48),
        CompactSignature.copyOf(source, offset + SIGNED_LENGTH));
  }

  /**
   * Exactly 120 bytes.
   *
   * @throws ProtocolException MALFORMED, BAD_DEPOSIT or NON_CANONICAL_SIGNATURE
   */
  public static Deposit decode(byte[] bytes) {
    Bytes.requireLength("deposit", bytes.length, LENGTH);
    return copyOf(bytes, 0);
  }

  /** Writes the 120 bytes at {@code offset}. */
  public void copyTo(byte[] target, int offset) {
    outpoint.copyTo(target, offset);
    Bytes.putLongLe(target, offset + 36, value);
    Bytes.putIntLe(target, offset + 44, refundHeight);
    Bytes.putLongLe(target, offset + 48, burnFee);
    sigBurn.copyTo(target, offset + SIGNED_LENGTH);
  }

  /** The 120 bytes. */
  public byte[] encode() {
    byte[] bytes = new byte[LENGTH];
    copyTo(bytes, 0);
    return bytes;
  }

  /**
   * depositDigest = H_"vts/deposit/1"(outpoint || value || refundHeight || burnFee), without the
   * signature: that is checked for itself.
   */
  public Bytes32 digest() {
    return TaggedHash.DEPOSIT.hash(Arrays.copyOf(encode(), SIGNED_LENGTH));
  }

  /** The deposit's script: the keys are those of the terms that it stands behind. */
  public EscrowScript escrowScript(Terms terms) {
    return EscrowScript.of(terms.buyerKey(), terms.vtsKey(), refundHeight);
  }

  /** {@code OP_RETURN <"VTS burn">}, 10 bytes: unspendable for ever. */
  public static byte[] burnScript() {
    byte[] script = new byte[2 + BURN_PAYLOAD.length];
    script[0] = OP_RETURN;
    script[1] = (byte) BURN_PAYLOAD.length;
    System.arraycopy(BURN_PAYLOAD, 0, script, 2, BURN_PAYLOAD.length);
    return script;
  }
}
