package org.micropay.vts.ticket;

/**
 * A flyweight over the bytes of a {@link Registration}, for paths that must not allocate.
 *
 * <p>It owns no memory: the array stays its owner's and must not change while the view is in use.
 * One thread at a time. Until {@link #checkWellFormed()} has returned 0, only that method may be
 * called.
 */
public final class RegistrationView {
  private static final int FLAGS = TermsLayout.LENGTH;
  private static final int DEPOSIT = FLAGS + 1;
  private static final int DEPOSIT_VALUE = 36;
  private static final int DEPOSIT_REFUND_HEIGHT = 44;
  private static final int DEPOSIT_BURN_FEE = 48;

  private byte[] buffer = new byte[0];
  private int offset;
  private int length;

  /** A view of nothing; {@link #wrap} comes first. */
  public RegistrationView() {}

  /** Looks at {@code length} bytes at {@code offset} from now on. */
  public RegistrationView wrap(byte[] buffer, int offset, int length) {
    this.buffer = buffer;
    this.offset = offset;
    this.length = length;
    return this;
  }

  /**
   * All that {@link Registration#decode} checks, in the same order.
   *
   * @return number of the {@link AnswerCode} that it would throw, or 0
   */
  public int checkWellFormed() {
    boolean secured = length == Registration.MAX_LENGTH;
    if (!secured && length != Registration.MIN_LENGTH
        || buffer[offset + FLAGS] != (secured ? 1 : 0)) {
      return AnswerCode.MALFORMED.number();
    }
    int objection =
        TermsRules.check(
            Bytes.getLongLe(buffer, offset + TermsLayout.VALUE),
            Bytes.getLongLe(buffer, offset + TermsLayout.PAYOUT),
            Bytes.getIntLe(buffer, offset + TermsLayout.ODDS),
            refundHeight());
    if (objection != 0) {
      return objection;
    }
    if (!PublicKey.isWellFormed(buffer, buyerKeyOffset())
        || !PublicKey.isWellFormed(buffer, vtsKeyOffset())) {
      return AnswerCode.INVALID_KEY.number();
    }
    objection = secured ? checkDeposit() : 0;
    if (objection != 0) {
      return objection;
    }
    if (!SignatureForm.isCanonical(buffer, offset + length - CompactSignature.LENGTH)) {
      return AnswerCode.NON_CANONICAL_SIGNATURE.number();
    }
    return secured && standsBehindItself() ? AnswerCode.BAD_DEPOSIT.number() : 0;
  }

  private int checkDeposit() {
    int at = depositOffset();
    if (!SignatureForm.isCanonical(buffer, at + Deposit.SIGNED_LENGTH)) {
      return AnswerCode.NON_CANONICAL_SIGNATURE.number();
    }
    long value = Bytes.getLongLe(buffer, at + DEPOSIT_VALUE);
    int refundHeight = Bytes.getIntLe(buffer, at + DEPOSIT_REFUND_HEIGHT);
    long burnFee = Bytes.getLongLe(buffer, at + DEPOSIT_BURN_FEE);
    return TermsRules.check(value, value, 1, refundHeight) != 0 || burnFee < 1 || burnFee >= value
        ? AnswerCode.BAD_DEPOSIT.number()
        : 0;
  }

  private boolean standsBehindItself() {
    int escrow = outpointOffset();
    int deposit = depositOffset();
    return Bytes.getIntLe(buffer, escrow + Bytes32.LENGTH)
            == Bytes.getIntLe(buffer, deposit + Bytes32.LENGTH)
        && Bytes.getLongLe(buffer, escrow) == Bytes.getLongLe(buffer, deposit)
        && Bytes.getLongLe(buffer, escrow + 8) == Bytes.getLongLe(buffer, deposit + 8)
        && Bytes.getLongLe(buffer, escrow + 16) == Bytes.getLongLe(buffer, deposit + 16)
        && Bytes.getLongLe(buffer, escrow + 24) == Bytes.getLongLe(buffer, deposit + 24);
  }

  /** The array that holds the registration. */
  public byte[] buffer() {
    return buffer;
  }

  /** P2P magic, its four bytes read little-endian. */
  public int network() {
    return Bytes.getIntLe(buffer, offset + TermsLayout.NETWORK);
  }

  /** Block height from which on the buyer can take the escrow back. */
  public int refundHeight() {
    return Bytes.getIntLe(buffer, offset + TermsLayout.REFUND_HEIGHT);
  }

  /** Where in {@link #buffer()} the 130 bytes of the terms begin. */
  public int termsOffset() {
    return offset;
  }

  /** Where the 36 bytes of the escrow's outpoint begin. */
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

  /** Whether a deposit stands behind the escrow. */
  public boolean hasDeposit() {
    return length == Registration.MAX_LENGTH;
  }

  /** Where the deposit's 120 bytes begin, if there is one. */
  public int depositOffset() {
    return offset + DEPOSIT;
  }
}
