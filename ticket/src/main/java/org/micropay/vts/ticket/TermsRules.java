package org.micropay.vts.ticket;

/** The ranges that the numbers of an escrow's terms must keep. Any thread; allocates nothing. */
final class TermsRules {
  /** All the satoshi there can ever be: 21 million bitcoin. */
  static final long MAX_MONEY = 21_000_000L * 100_000_000L;

  /** BIP 65: from here on a lock time is a Unix time, not a height. */
  static final int LOCK_TIME_THRESHOLD = 500_000_000;

  /** The cheapest supported payout output; the claim's own type is checked with the claim. */
  static final int MIN_PAYOUT = ScriptType.P2WPKH.dust();

  /** The escrow's own output is P2WSH. */
  static final int MIN_VALUE = ScriptType.P2WSH.dust();

  private TermsRules() {}

  /** Number of the first {@link AnswerCode} that objects, or 0. */
  static int check(long value, long payout, int odds, int refundHeight) {
    if (odds < 1
        || refundHeight < 1
        || refundHeight >= LOCK_TIME_THRESHOLD
        || value < 0
        || value > MAX_MONEY
        || payout < 0
        || payout > value) {
      return AnswerCode.INVALID_TERMS.number();
    }
    return value < MIN_VALUE || payout < MIN_PAYOUT ? AnswerCode.DUST.number() : 0;
  }
}
