package org.micropay.vts.ticket;

/**
 * Every answer that the VTS gives, and every reason for which a message is refused.
 *
 * <p>The numbers travel as u16 and are stored in journals: they never change and are never reused.
 * Zero is not an answer; it stands for "undecided" or "nothing to object" where a method returns a
 * number. An answer is {@linkplain #retryable() retryable} when the very same message may be
 * answered differently later, without anyone doing anything about it.
 */
public enum AnswerCode {
  /** First valid winner on its escrow, or the same claim again; carries the counter-signature. */
  GRANTED(1, false, "granted"),
  /** Another winning claim was granted on this escrow; both are kept as evidence. */
  DOUBLE_SPEND(2, false, "the escrow was granted to another claim"),
  /** The escrow's terms are registered; the same registration again gets the same position. */
  REGISTERED(3, false, "registered"),

  /** Wrong length, unknown flag, or a field that no rule below names. */
  MALFORMED(10, false, "the message does not follow the format"),
  /** The terms name another chain than the VTS serves. */
  WRONG_NETWORK(11, false, "the terms are for another network"),
  /** The terms name another VTS key. */
  WRONG_VTS_KEY(12, false, "the terms name another VTS"),
  /** Not P2WPKH, P2SH, P2PKH, P2WSH or P2TR. */
  UNSUPPORTED_SCRIPT(13, false, "the payout script is of no supported type"),
  /** Value, payout, odds or refund height out of range. */
  INVALID_TERMS(14, false, "the terms are out of range"),
  /** r or s is zero or at least the group order, or s is in the upper half. */
  NON_CANONICAL_SIGNATURE(15, false, "a signature is not in canonical low-s form"),
  /** Not a compressed point: wrong prefix, x at least p, or off the curve. */
  INVALID_KEY(16, false, "a public key is not a valid compressed point"),
  /** Unknown template, schema version or message out of turn. */
  UNSUPPORTED_MESSAGE(17, false, "the message type or version is not supported"),
  /** Longer than its format allows. */
  TOO_LARGE(18, false, "the message is too large"),

  /** No escrow is registered under this outpoint or terms digest. */
  UNKNOWN_ESCROW(20, false, "no such escrow is registered"),
  /** The outpoint is registered under other terms. */
  TERMS_MISMATCH(21, false, "the escrow is registered under other terms"),
  /** The funding is not on the chain or not deep enough yet. */
  ESCROW_UNCONFIRMED(22, true, "the escrow's funding is not confirmed deep enough"),
  /** The escrow's output is spent. */
  ESCROW_SPENT(23, false, "the escrow's output is spent"),
  /** The buyer could take the coins back before the claim is settled. */
  REFUND_TOO_NEAR(24, false, "the refund height is too near"),
  /** The ticket's expiry lies in the VTS's past. */
  EXPIRED(25, false, "the ticket is expired"),
  /** The commitment is not the hash of r1 and s. */
  WRONG_OPENING(26, false, "the opening does not match the commitment"),
  /** r1 and r2 do not win at the terms' odds. */
  LOSING_TICKET(27, false, "the ticket does not win"),
  /** The buyer's signature over the ticket is invalid. */
  BAD_TICKET_SIGNATURE(28, false, "the ticket signature is invalid"),
  /** The buyer's signature over the spend is invalid. */
  BAD_SPEND_SIGNATURE(29, false, "the spend signature is invalid"),

  /** The outpoint is registered under other terms already. */
  OUTPOINT_TAKEN(30, false, "the outpoint is registered under other terms"),
  /** The chain does not show the funding output yet. */
  FUNDING_NOT_FOUND(31, true, "the funding output is not on the chain yet"),
  /** The funding output has another script or value than the terms. */
  FUNDING_MISMATCH(32, false, "the funding output differs from the terms"),
  /** An output would be below the relay dust threshold of its type. */
  DUST(33, false, "an amount is below the dust threshold"),
  /** The buyer's signature over the registration is invalid. */
  BAD_REGISTRATION_SIGNATURE(34, false, "the registration signature is invalid"),
  /** The deposit is out of range, not funded as it says, or its burn signature is invalid. */
  BAD_DEPOSIT(35, false, "the deposit is invalid"),
  /** No answer is stored under this claim id. */
  UNKNOWN_CLAIM(36, false, "no such claim is known"),

  /** The queue is full; come back after the hint. */
  OVERLOADED(40, true, "the VTS is overloaded"),
  /** The configured number of escrows is reached. */
  LEDGER_FULL(41, false, "the ledger is full"),
  /** The VTS does not know the chain's present state. */
  CHAIN_STALE(42, true, "the view of the chain is stale"),
  /** Free disk space is down to the reserve. */
  DISK_RESERVE(43, true, "the disk reserve is reached"),
  /** The server is going down; ask again after its restart. */
  SHUTTING_DOWN(44, true, "the VTS is shutting down"),
  /** More requests in flight on one connection than its welcome allowed. */
  TOO_MANY_IN_FLIGHT(45, true, "too many requests in flight on this connection"),
  /** A fault of the server. */
  INTERNAL(50, false, "internal error");

  private static final AnswerCode[] BY_NUMBER = new AnswerCode[51];

  static {
    for (AnswerCode code : values()) {
      BY_NUMBER[code.number] = code;
    }
  }

  private final int number;
  private final boolean retryable;
  private final String text;

  AnswerCode(int number, boolean retryable, String text) {
    this.number = number;
    this.retryable = retryable;
    this.text = text;
  }

  /** The u16 that travels and is stored. */
  public int number() {
    return number;
  }

  /** Whether the very same message may be answered differently later. */
  public boolean retryable() {
    return retryable;
  }

  /** One line in English, without a trailing full stop. */
  public String text() {
    return text;
  }

  /** Whether the number is that of an answer. */
  public static boolean isKnown(int number) {
    return number >= 0 && number < BY_NUMBER.length && BY_NUMBER[number] != null;
  }

  /**
   * The answer with this number.
   *
   * @throws ProtocolException MALFORMED when there is none
   */
  public static AnswerCode ofNumber(int number) {
    if (!isKnown(number)) {
      throw new ProtocolException(MALFORMED, "unknown answer code " + number);
    }
    return BY_NUMBER[number];
  }
}
