package org.micropay.vts.ticket;

import java.util.Arrays;

/**
 * A flyweight over the {@link ClaimLayout canonical bytes} of a claim, for the ring's path.
 *
 * <p>It owns no memory: the array stays its owner's and must not change while the view is in use.
 * One thread at a time. Allocates nothing. Until {@link #checkWellFormed()} has returned 0, only
 * that method may be called.
 */
public final class ClaimView {
  private byte[] buffer = new byte[0];
  private int offset;
  private int length;

  /** A view of nothing; {@link #wrap} comes first. */
  public ClaimView() {}

  /** Looks at {@code length} bytes at {@code offset} from now on. */
  public ClaimView wrap(byte[] buffer, int offset, int length) {
    this.buffer = buffer;
    this.offset = offset;
    this.length = length;
    return this;
  }

  /**
   * All that can be said about a claim without hashing: lengths, ranges, keys, script, dust and
   * signatures, in this order.
   *
   * @return number of the first {@link AnswerCode} that objects, or 0
   */
  public int checkWellFormed() {
    if (length < ClaimLayout.MIN_LENGTH
        || length > ClaimLayout.MAX_LENGTH
        || length != ClaimLayout.LENGTH_WITHOUT_SCRIPT + scriptLength()) {
      return AnswerCode.MALFORMED.number();
    }
    int objection = TermsRules.check(value(), payout(), odds(), refundHeight());
    if (objection != 0) {
      return objection;
    }
    if (!PublicKey.isWellFormed(buffer, buyerKeyOffset())
        || !PublicKey.isWellFormed(buffer, vtsKeyOffset())) {
      return AnswerCode.INVALID_KEY.number();
    }
    ScriptType type = ScriptType.classify(buffer, scriptOffset(), scriptLength());
    if (type == null) {
      return AnswerCode.UNSUPPORTED_SCRIPT.number();
    }
    if (payout() < type.dust()) {
      return AnswerCode.DUST.number();
    }
    return SignatureForm.isCanonical(buffer, sigTicketOffset())
            && SignatureForm.isCanonical(buffer, sigSpendOffset())
        ? 0
        : AnswerCode.NON_CANONICAL_SIGNATURE.number();
  }

  /** The array that holds the claim. */
  public byte[] buffer() {
    return buffer;
  }

  /** Where in {@link #buffer()} the claim begins. */
  public int offset() {
    return offset;
  }

  /** Length of the claim in bytes. */
  public int length() {
    return length;
  }

  /** P2P magic, its four bytes read little-endian. */
  public int network() {
    return Bytes.getIntLe(buffer, offset + TermsLayout.NETWORK);
  }

  /** Satoshi in the escrow. */
  public long value() {
    return Bytes.getLongLe(buffer, offset + TermsLayout.VALUE);
  }

  /** Satoshi for the winner. */
  public long payout() {
    return Bytes.getLongLe(buffer, offset + TermsLayout.PAYOUT);
  }

  /** N of 1/N. */
  public int odds() {
    return Bytes.getIntLe(buffer, offset + TermsLayout.ODDS);
  }

  /** Block height. */
  public int refundHeight() {
    return Bytes.getIntLe(buffer, offset + TermsLayout.REFUND_HEIGHT);
  }

  /** Unix seconds, 0 to 2^32 - 1. */
  public long expiry() {
    return Bytes.getUnsignedIntLe(buffer, offset + ClaimLayout.EXPIRY);
  }

  /** Where in {@link #buffer()} the 130 bytes of the terms begin. */
  public int termsOffset() {
    return offset + ClaimLayout.TERMS;
  }

  /** Where the 36 bytes of the outpoint begin. */
  public int outpointOffset() {
    return offset + TermsLayout.OUTPOINT;
  }

  /** Where the 33 bytes of the buyer's key begin. */
  public int buyerKeyOffset() {
    return offset + TermsLayout.BUYER_KEY;
  }

  /** Where the 33 bytes of the VTS's key begin. */
  public int vtsKeyOffset() {
    return offset + TermsLayout.VTS_KEY;
  }

  /** Where the 32 bytes of the commitment begin. */
  public int commitmentOffset() {
    return offset + ClaimLayout.COMMITMENT;
  }

  /** Where the 16 bytes of r1 begin. */
  public int r1Offset() {
    return offset + ClaimLayout.R1;
  }

  /** Where the 16 bytes of r2 begin. */
  public int r2Offset() {
    return offset + ClaimLayout.R2;
  }

  /** Where the payout script begins. */
  public int scriptOffset() {
    return offset + ClaimLayout.SCRIPT;
  }

  /** Length of the payout script in bytes. */
  public int scriptLength() {
    return buffer[offset + ClaimLayout.SCRIPT_LENGTH] & 0xFF;
  }

  /** Where the 64 bytes of the ticket signature begin. */
  public int sigTicketOffset() {
    return scriptOffset() + scriptLength();
  }

  /** Where the 64 bytes of the spend signature begin. */
  public int sigSpendOffset() {
    return sigTicketOffset() + CompactSignature.LENGTH;
  }

  /** Whether the ticket wins at the terms' odds. */
  public boolean wins() {
    return WinRule.wins(buffer, r1Offset(), buffer, r2Offset(), odds());
  }

  /** A copy as a value; allocates. */
  public Claim toClaim() {
    return Claim.decode(Arrays.copyOfRange(buffer, offset, offset + length));
  }
}
