package org.micropay.vts.ticket;

import java.util.Objects;
import java.util.Optional;

/**
 * A buyer's request to register an escrow, with or without a penalty deposit.
 *
 * <pre>
 *   0        130     131                        131 or 251
 *   +--------+-------+--------------------------+----------+
 *   | terms  | flags | deposit, when flags = 1  | sigTerms |      195 or 315 bytes
 *   +--------+-------+--------------------------+----------+
 * </pre>
 *
 * The signature keeps others from registering a buyer's outpoint under terms that he never agreed
 * to.
 *
 * @param terms the escrow's terms
 * @param deposit what stands behind it
 * @param sigTerms the buyer's signature over {@link #digest()}
 */
public record Registration(Terms terms, Optional<Deposit> deposit, CompactSignature sigTerms) {
  /** Encoded length in bytes without a deposit. */
  public static final int MIN_LENGTH = 195;

  /** Encoded length in bytes with a deposit. */
  public static final int MAX_LENGTH = MIN_LENGTH + Deposit.LENGTH;

  private static final int FLAGS = TermsLayout.LENGTH;
  private static final int DEPOSIT = FLAGS + 1;
  private static final int HAS_DEPOSIT = 1;

  /**
   * Checks that the deposit is not the escrow itself.
   *
   * @throws ProtocolException BAD_DEPOSIT
   */
  public Registration {
    Objects.requireNonNull(terms);
    Objects.requireNonNull(sigTerms);
    if (deposit.isPresent() && deposit.get().outpoint().equals(terms.outpoint())) {
      throw new ProtocolException(
          AnswerCode.BAD_DEPOSIT, "the deposit is the escrow itself: " + terms.outpoint());
    }
  }

  /**
   * Exactly 195 or 315 bytes.
   *
   * @throws ProtocolException MALFORMED, INVALID_TERMS, DUST, INVALID_KEY, BAD_DEPOSIT or
   *     NON_CANONICAL_SIGNATURE
   */
  public static Registration decode(byte[] bytes) {
    if (bytes.length != MIN_LENGTH && bytes.length != MAX_LENGTH) {
      throw new ProtocolException(
          AnswerCode.MALFORMED, "registration has " + bytes.length + " bytes, not 195 or 315");
    }
    int flags = bytes.length == MAX_LENGTH ? HAS_DEPOSIT : 0;
    if (bytes[FLAGS] != flags) {
      throw new ProtocolException(
          AnswerCode.MALFORMED, "registration flags are " + bytes[FLAGS] + ", not " + flags);
    }
    return new Registration(
        Terms.copyOf(bytes, 0),
        flags == HAS_DEPOSIT ? Optional.of(Deposit.copyOf(bytes, DEPOSIT)) : Optional.empty(),
        CompactSignature.copyOf(bytes, bytes.length - CompactSignature.LENGTH));
  }

  /** The 195 or 315 bytes. */
  public byte[] encode() {
    byte[] bytes = new byte[deposit.isPresent() ? MAX_LENGTH : MIN_LENGTH];
    terms.copyTo(bytes, 0);
    if (deposit.isPresent()) {
      bytes[FLAGS] = HAS_DEPOSIT;
      deposit.get().copyTo(bytes, DEPOSIT);
    }
    sigTerms.copyTo(bytes, bytes.length - CompactSignature.LENGTH);
    return bytes;
  }

  /** As 260 or 420 digits of base64url. */
  public String toBase64Url() {
    return Bytes.toBase64Url(encode());
  }

  /**
   * The opposite of {@link #toBase64Url()}.
   *
   * @throws ProtocolException as {@link #decode}
   */
  public static Registration fromBase64Url(String text) {
    return decode(Bytes.fromBase64Url(text));
  }

  /** What the buyer signs. */
  public Bytes32 digest() {
    return digest(terms, deposit);
  }

  /** H_"vts/registration/1"(termsDigest || depositDigest, or 32 zero bytes without a deposit). */
  public static Bytes32 digest(Terms terms, Optional<Deposit> deposit) {
    return TaggedHash.REGISTRATION.hash(
        terms.digest().toArray(), deposit.map(Deposit::digest).orElse(Bytes32.ZERO).toArray());
  }
}
