package org.micropay.vts.ticket;

import java.util.Arrays;

/**
 * What the buyer's and the VTS's signatures over a spend commit to: one input and the output at the
 * same index of a version 3 transaction, signed SINGLE|ANYONECANPAY. Immutable; any thread.
 *
 * <p>Whoever holds both signatures may put the pair into any transaction of version 3 with lock
 * time 0, beside any other pairs, inputs and outputs, as long as input and output keep one index.
 *
 * <p>The BIP 143 preimage, 232 to 236 bytes:
 *
 * <pre>
 *   0       4                36               68         104
 *   +-------+----------------+----------------+----------+--------+--------+
 *   | 3     | 32 zeros       | 32 zeros       | outpoint | length | script |
 *   +-------+----------------+----------------+----------+--------+--------+
 *   version   hashPrevouts     hashSequence     36 bytes   1 byte   75 to 79
 *
 *   +-------+------------+----------------+----------+----------+
 *   | value | fffffffd   | SHA256d(output)| 0        | 0x83     |
 *   +-------+------------+----------------+----------+----------+
 *     u64     sequence u32  32 bytes        lockTime   sighash u32
 * </pre>
 */
public final class SpendTemplate {
  /** Transaction version: 3, topologically restricted (BIP 431). */
  public static final int VERSION = 3;

  /** Lock time of a release. */
  public static final int LOCK_TIME = 0;

  /** Sequence of the input: replaceable (BIP 125), no relative lock. */
  public static final int SEQUENCE = 0xFFFF_FFFD;

  /** SIGHASH_SINGLE | SIGHASH_ANYONECANPAY. */
  public static final int SIGHASH = 0x83;

  /** Longest preimage in bytes. */
  static final int MAX_PREIMAGE = 105 + EscrowScript.MAX_LENGTH + 52;

  /** Longest serialized output in bytes: value u64, length u8, script. */
  static final int MAX_OUTPUT = 9 + ScriptType.MAX_LENGTH;

  static final int OUTPOINT_AT = 68;
  static final int SCRIPT_LENGTH_AT = 104;
  static final int SCRIPT_AT = 105;

  private final Outpoint outpoint;
  private final EscrowScript script;
  private final long value;
  private final byte[] output;

  private SpendTemplate(Outpoint outpoint, EscrowScript script, long value, byte[] output) {
    this.outpoint = outpoint;
    this.script = script;
    this.value = value;
    this.output = output;
  }

  /** The release of an escrow: its payout to {@code payoutScript}. */
  public static SpendTemplate release(Terms terms, PayoutScript payoutScript) {
    return new SpendTemplate(
        terms.outpoint(),
        terms.escrowScript(),
        terms.value(),
        output(terms.payout(), payoutScript.toArray()));
  }

  /** The burn of a deposit that stands behind escrows with these terms' keys. */
  public static SpendTemplate burn(Terms terms, Deposit deposit) {
    return new SpendTemplate(
        deposit.outpoint(),
        deposit.escrowScript(terms),
        deposit.value(),
        output(deposit.value() - deposit.burnFee(), Deposit.burnScript()));
  }

  private static byte[] output(long amount, byte[] outputScript) {
    byte[] bytes = new byte[9 + outputScript.length];
    Bytes.putLongLe(bytes, 0, amount);
    bytes[8] = (byte) outputScript.length;
    System.arraycopy(outputScript, 0, bytes, 9, outputScript.length);
    return bytes;
  }

  /** The output that spends {@link #outpoint()}. */
  public Outpoint outpoint() {
    return outpoint;
  }

  /** The witness script of the spent output. */
  public EscrowScript script() {
    return script;
  }

  /** Satoshi in the spent output. */
  public long value() {
    return value;
  }

  /** The output at the input's index as it stands in a transaction: u64 satoshi, length, script. */
  public byte[] output() {
    return output.clone();
  }

  /** The BIP 143 preimage for sighash byte 0x83. */
  public byte[] preimage() {
    byte[] bytes = new byte[MAX_PREIMAGE];
    writeConstants(bytes);
    outpoint.copyTo(bytes, OUTPOINT_AT);
    byte[] witnessScript = script.toArray();
    bytes[SCRIPT_LENGTH_AT] = (byte) witnessScript.length;
    System.arraycopy(witnessScript, 0, bytes, SCRIPT_AT, witnessScript.length);
    int end = writeTail(value, bytes, SCRIPT_AT + witnessScript.length);
    Sha256.twice(output).copyTo(bytes, end - 40);
    return Arrays.copyOf(bytes, end);
  }

  /** Writes what never changes: the version and the zeros that stand for the other inputs. */
  static void writeConstants(byte[] preimage) {
    Arrays.fill(preimage, 0, OUTPOINT_AT, (byte) 0);
    Bytes.putIntLe(preimage, 0, VERSION);
  }

  /**
   * Writes all that follows the script except the hash of the output, which belongs 40 bytes before
   * the end, and returns the end.
   */
  static int writeTail(long value, byte[] preimage, int at) {
    Bytes.putLongLe(preimage, at, value);
    Bytes.putIntLe(preimage, at + 8, SEQUENCE);
    Bytes.putIntLe(preimage, at + 44, LOCK_TIME);
    Bytes.putIntLe(preimage, at + 48, SIGHASH);
    return at + 52;
  }

  /** What both sign: SHA256(SHA256(preimage)). */
  public Bytes32 digest() {
    return Sha256.twice(preimage());
  }

  /**
   * The pair alone as a complete transaction in network serialization (BIP 144): the merchant's way
   * out without the VTS, and the burn.
   *
   * @param witness the input's witness, as {@link EscrowWitness} builds it
   */
  public byte[] transaction(byte[] witness) {
    byte[] bytes = new byte[4 + 2 + 1 + 41 + 1 + output.length + witness.length + 4];
    Bytes.putIntLe(bytes, 0, VERSION);
    bytes[5] = 1; // marker 0, flag 1
    bytes[6] = 1; // one input, with an empty scriptSig
    outpoint.copyTo(bytes, 7);
    Bytes.putIntLe(bytes, 44, SEQUENCE);
    bytes[48] = 1; // one output
    System.arraycopy(output, 0, bytes, 49, output.length);
    System.arraycopy(witness, 0, bytes, 49 + output.length, witness.length);
    Bytes.putIntLe(bytes, bytes.length - 4, LOCK_TIME);
    return bytes;
  }
}
