package org.micropay.vts.ticket;

import java.util.Objects;

/**
 * The terms of one escrow, {@link TermsLayout 130 bytes}.
 *
 * @param network the chain's P2P magic, its four bytes read little-endian ({@link Network#magic()})
 * @param outpoint the output that holds the escrow
 * @param value satoshi locked in it, 330 to 21 million bitcoin
 * @param payout satoshi that a winner gets, 294 to value; the rest is the fee allowance
 * @param odds N: a ticket wins with probability 1/N, 1 to 2^31 - 1
 * @param refundHeight from this block on the buyer alone can take the coins back, 1 to 499,999,999
 * @param buyerKey the buyer's key
 * @param vtsKey the VTS's key
 */
public record Terms(
    int network,
    Outpoint outpoint,
    long value,
    long payout,
    int odds,
    int refundHeight,
    PublicKey buyerKey,
    PublicKey vtsKey) {
  /** Encoded length in bytes. */
  public static final int LENGTH = TermsLayout.LENGTH;

  /**
   * Checks the ranges.
   *
   * @throws ProtocolException INVALID_TERMS or DUST
   */
  public Terms {
    Objects.requireNonNull(outpoint);
    Objects.requireNonNull(buyerKey);
    Objects.requireNonNull(vtsKey);
    requireInRange(value, payout, odds, refundHeight);
  }

  private static void requireInRange(long value, long payout, int odds, int refundHeight) {
    int objection = TermsRules.check(value, payout, odds, refundHeight);
    if (objection != 0) {
      throw new ProtocolException(
          AnswerCode.ofNumber(objection),
          "terms out of range: value %d, payout %d, odds %d, refund height %d"
              .formatted(value, payout, odds, refundHeight));
    }
  }

  /**
   * Reads the 130 bytes at {@code offset}.
   *
   * @throws ProtocolException INVALID_TERMS, DUST or INVALID_KEY
   */
  public static Terms copyOf(byte[] source, int offset) {
    long value = Bytes.getLongLe(source, offset + TermsLayout.VALUE);
    long payout = Bytes.getLongLe(source, offset + TermsLayout.PAYOUT);
    int odds = Bytes.getIntLe(source, offset + TermsLayout.ODDS);
    int refundHeight = Bytes.getIntLe(source, offset + TermsLayout.REFUND_HEIGHT);
    // Before the keys, so that bytes with several faults get the same answer everywhere.
    requireInRange(value, payout, odds, refundHeight);
    return new Terms(
        Bytes.getIntLe(source, offset + TermsLayout.NETWORK),
        Outpoint.copyOf(source, offset + TermsLayout.OUTPOINT),
        value,
        payout,
        odds,
        refundHeight,
        PublicKey.copyOf(source, offset + TermsLayout.BUYER_KEY),
        PublicKey.copyOf(source, offset + TermsLayout.VTS_KEY));
  }

  /**
   * Exactly 130 bytes.
   *
   * @throws ProtocolException MALFORMED, INVALID_TERMS, DUST or INVALID_KEY
   */
  public static Terms decode(byte[] bytes) {
    Bytes.requireLength("terms", bytes.length, LENGTH);
    return copyOf(bytes, 0);
  }

  /** Writes the 130 bytes at {@code offset}. */
  public void copyTo(byte[] target, int offset) {
    Bytes.putIntLe(target, offset + TermsLayout.NETWORK, network);
    outpoint.copyTo(target, offset + TermsLayout.OUTPOINT);
    Bytes.putLongLe(target, offset + TermsLayout.VALUE, value);
    Bytes.putLongLe(target, offset + TermsLayout.PAYOUT, payout);
    Bytes.putIntLe(target, offset + TermsLayout.ODDS, odds);
    Bytes.putIntLe(target, offset + TermsLayout.REFUND_HEIGHT, refundHeight);
    buyerKey.copyTo(target, offset + TermsLayout.BUYER_KEY);
    vtsKey.copyTo(target, offset + TermsLayout.VTS_KEY);
  }

  /** The 130 bytes. */
  public byte[] encode() {
    byte[] bytes = new byte[LENGTH];
    copyTo(bytes, 0);
    return bytes;
  }

  /** As 174 digits of base64url. */
  public String toBase64Url() {
    return Bytes.toBase64Url(encode());
  }

  /**
   * The opposite of {@link #toBase64Url()}.
   *
   * @throws ProtocolException as {@link #decode}
   */
  public static Terms fromBase64Url(String text) {
    return decode(Bytes.fromBase64Url(text));
  }

  /** termsDigest = H_"vts/terms/1"(the 130 bytes). */
  public Bytes32 digest() {
    return TaggedHash.TERMS.hash(encode());
  }

  /** Satoshi of the escrow that are not the winner's: what the release can pay as fee. */
  public long feeAllowance() {
    return value - payout;
  }

  /** The script that the escrow's output commits to. */
  public EscrowScript escrowScript() {
    return EscrowScript.of(buyerKey, vtsKey, refundHeight);
  }
}
