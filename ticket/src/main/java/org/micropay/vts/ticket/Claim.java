package org.micropay.vts.ticket;

import java.util.Arrays;
import java.util.Objects;

/**
 * A winning ticket with its opening and its terms, {@link ClaimLayout 365 to 377 bytes}: all that
 * its check needs except the state of the escrow.
 *
 * <p>Well-formed only: whether it wins, opens the commitment and is signed is for {@link
 * ClaimDigester} and the verifier to say.
 *
 * @param terms the escrow's terms
 * @param commitment c of the ask
 * @param opening r1 and s
 * @param r2 the buyer's share of the lottery
 * @param expiry Unix seconds, an unsigned 32-bit number
 * @param payoutScript where the payout goes
 * @param sigTicket the buyer's signature over the ticket
 * @param sigSpend the buyer's signature over the release
 */
public record Claim(
    Terms terms,
    Bytes32 commitment,
    Opening opening,
    Bytes16 r2,
    long expiry,
    PayoutScript payoutScript,
    CompactSignature sigTicket,
    CompactSignature sigSpend) {
  /**
   * Checks that all is there, the expiry fits 32 bits and the payout is no dust.
   *
   * @throws ProtocolException MALFORMED or DUST
   */
  public Claim {
    Objects.requireNonNull(commitment);
    Objects.requireNonNull(opening);
    Objects.requireNonNull(r2);
    Objects.requireNonNull(sigTicket);
    Objects.requireNonNull(sigSpend);
    Ticket.requireExpiry(expiry);
    requireNoDust(terms, payoutScript);
  }

  private static void requireNoDust(Terms terms, PayoutScript payoutScript) {
    if (terms.payout() < payoutScript.type().dust()) {
      throw new ProtocolException(
          AnswerCode.DUST,
          "payout of %d satoshi is below the %d of %s"
              .formatted(terms.payout(), payoutScript.type().dust(), payoutScript.type()));
    }
  }

  /**
   * The claim of a ticket.
   *
   * @throws ProtocolException TERMS_MISMATCH when the ticket is on another escrow, DUST
   */
  public static Claim of(Terms terms, Ticket ticket, Opening opening) {
    if (!terms.digest().equals(ticket.termsDigest())) {
      throw new ProtocolException(
          AnswerCode.TERMS_MISMATCH,
          "ticket is for terms %s, not %s".formatted(ticket.termsDigest(), terms.digest()));
    }
    return new Claim(
        terms,
        ticket.commitment(),
        opening,
        ticket.r2(),
        ticket.expiry(),
        ticket.payoutScript(),
        ticket.sigTicket(),
        ticket.sigSpend());
  }

  /**
   * 365 to 377 bytes.
   *
   * @throws ProtocolException MALFORMED, INVALID_TERMS, DUST, INVALID_KEY, UNSUPPORTED_SCRIPT or
   *     NON_CANONICAL_SIGNATURE
   */
  public static Claim decode(byte[] bytes) {
    if (bytes.length < ClaimLayout.MIN_LENGTH || bytes.length > ClaimLayout.MAX_LENGTH) {
      throw new ProtocolException(
          AnswerCode.MALFORMED, "claim has " + bytes.length + " bytes, not 365 to 377");
    }
    int scriptLength = bytes[ClaimLayout.SCRIPT_LENGTH] & 0xFF;
    Bytes.requireLength("claim", bytes.length, ClaimLayout.LENGTH_WITHOUT_SCRIPT + scriptLength);
    int signatures = ClaimLayout.SCRIPT + scriptLength;
    // In the order of ClaimView.checkWellFormed: several faults get the same answer in both.
    Terms terms = Terms.copyOf(bytes, ClaimLayout.TERMS);
    PayoutScript payoutScript = PayoutScript.copyOf(bytes, ClaimLayout.SCRIPT, scriptLength);
    requireNoDust(terms, payoutScript);
    return new Claim(
        terms,
        Bytes32.copyOf(bytes, ClaimLayout.COMMITMENT),
        new Opening(Bytes16.copyOf(bytes, ClaimLayout.R1), Bytes16.copyOf(bytes, ClaimLayout.S)),
        Bytes16.copyOf(bytes, ClaimLayout.R2),
        Bytes.getUnsignedIntLe(bytes, ClaimLayout.EXPIRY),
        payoutScript,
        CompactSignature.copyOf(bytes, signatures),
        CompactSignature.copyOf(bytes, signatures + CompactSignature.LENGTH));
  }

  /** The canonical bytes. */
  public byte[] encode() {
    byte[] bytes = new byte[ClaimLayout.LENGTH_WITHOUT_SCRIPT + payoutScript.length()];
    terms.copyTo(bytes, ClaimLayout.TERMS);
    commitment.copyTo(bytes, ClaimLayout.COMMITMENT);
    opening.r1().copyTo(bytes, ClaimLayout.R1);
    opening.s().copyTo(bytes, ClaimLayout.S);
    r2.copyTo(bytes, ClaimLayout.R2);
    Bytes.putIntLe(bytes, ClaimLayout.EXPIRY, (int) expiry);
    bytes[ClaimLayout.SCRIPT_LENGTH] = (byte) payoutScript.length();
    int signatures = payoutScript.copyTo(bytes, ClaimLayout.SCRIPT);
    sigTicket.copyTo(bytes, signatures);
    sigSpend.copyTo(bytes, signatures + CompactSignature.LENGTH);
    return bytes;
  }

  /** As 487 to 503 digits of base64url. */
  public String toBase64Url() {
    return Bytes.toBase64Url(encode());
  }

  /**
   * The opposite of {@link #toBase64Url()}.
   *
   * @throws ProtocolException as {@link #decode}
   */
  public static Claim fromBase64Url(String text) {
    return decode(Bytes.fromBase64Url(text));
  }

  /** The ticket that is claimed. */
  public Ticket ticket() {
    return new Ticket(terms.digest(), commitment, r2, expiry, payoutScript, sigTicket, sigSpend);
  }

  /**
   * claimId = H_"vts/claim/1"(termsDigest || c || r1 || s || r2 || expiry || u8 length ||
   * payoutScript). The signatures are left out: the same transcript is the same claim.
   */
  public Bytes32 id() {
    byte[] transcript =
        Arrays.copyOfRange(
            encode(), ClaimLayout.COMMITMENT, ClaimLayout.SCRIPT + payoutScript.length());
    return TaggedHash.CLAIM.hash(terms.digest().toArray(), transcript);
  }

  /** Whether r1 and s are what the commitment hides. */
  public boolean commitmentOpens() {
    return opening.commitment().equals(commitment);
  }

  /** Whether the ticket wins at the terms' odds. */
  public boolean wins() {
    return WinRule.wins(opening.r1(), r2, terms.odds());
  }

  /** What sigSpend and the counter-signature sign. */
  public SpendTemplate spendTemplate() {
    return SpendTemplate.release(terms, payoutScript);
  }

  /** Shows what is public before the claim is. */
  @Override
  public String toString() {
    return "Claim[" + terms.outpoint() + ", commitment " + commitment + "]";
  }
}
