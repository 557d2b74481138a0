package org.micropay.vts.ticket;

/**
 * Where the fields of a claim lie in its canonical bytes, from their start. Integers are
 * little-endian; n is the length of the payout script, 22 to 34.
 *
 * <pre>
 *   0          130          162   178  194   210      214     215            215+n       279+n    343+n
 *   +----------+------------+-----+----+-----+--------+-------+--------------+-----------+----------+
 *   | terms    | commitment | r1  | s  | r2  | expiry | n u8  | payoutScript | sigTicket | sigSpend |
 *   +----------+------------+-----+----+-----+--------+-------+--------------+-----------+----------+
 *                \____________________________________________________________/
 *                  behind the terms digest: exactly what the claim id hashes
 * </pre>
 */
public final class ClaimLayout {
  /** 130 bytes, {@link TermsLayout}. */
  public static final int TERMS = 0;

  /** 32 bytes. */
  public static final int COMMITMENT = 130;

  /** 16 bytes. */
  public static final int R1 = 162;

  /** 16 bytes. */
  public static final int S = 178;

  /** 16 bytes. */
  public static final int R2 = 194;

  /** u32, Unix seconds. */
  public static final int EXPIRY = 210;

  /** u8. */
  public static final int SCRIPT_LENGTH = 214;

  /** 22 to 34 bytes. */
  public static final int SCRIPT = 215;

  /** Length of all but the script: fields before it, and two signatures behind it. */
  public static final int LENGTH_WITHOUT_SCRIPT = SCRIPT + 2 * CompactSignature.LENGTH;

  /** Least length in bytes, 365. */
  public static final int MIN_LENGTH = LENGTH_WITHOUT_SCRIPT + ScriptType.MIN_LENGTH;

  /** Greatest length in bytes, 377. */
  public static final int MAX_LENGTH = LENGTH_WITHOUT_SCRIPT + ScriptType.MAX_LENGTH;

  private ClaimLayout() {}
}
