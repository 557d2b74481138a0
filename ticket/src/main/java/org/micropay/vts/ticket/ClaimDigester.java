package org.micropay.vts.ticket;

import java.util.Arrays;

/**
 * The digests of a claim, from a {@link ClaimView} into the caller's columns. The view must have
 * passed {@link ClaimView#checkWellFormed()}.
 *
 * <p>One instance belongs to one thread. Allocates nothing in steady state: every preimage has a
 * buffer of its own whose constant part (tag prefix, or BIP 143's version and zero hashes) was laid
 * down once, so that each digest is a few short copies and one run over whole blocks.
 *
 * <p>A stored state behind those constant blocks would save 5 of a claim's 20 compressions, but the
 * platform's digest cannot start from one without allocating, and it runs on the CPU's SHA
 * instructions: all five digests of a claim took 1.77 us with it and 8.1 us with stored states in
 * plain Java (JDK 25, x86-64 with SHA-NI, other load on the machine; the ratio of 4.6 is what
 * counts). DigestComparison among the tests repeats the measurement.
 */
public final class ClaimDigester {
  private static final int PREFIX = TaggedHash.PREFIX_LENGTH;
  private static final int TRANSCRIPT = PREFIX + Bytes32.LENGTH;

  private final Sha256 sha256 = new Sha256();
  private final byte[] terms = prefixed(TaggedHash.TERMS, TermsLayout.LENGTH);
  private final byte[] commitment = prefixed(TaggedHash.COMMITMENT, Opening.LENGTH);
  private final byte[] ticket = prefixed(TaggedHash.TICKET, 85 + ScriptType.MAX_LENGTH);
  private final byte[] claim = prefixed(TaggedHash.CLAIM, 117 + ScriptType.MAX_LENGTH);
  private final byte[] preimage = new byte[SpendTemplate.MAX_PREIMAGE];
  private final byte[] output = new byte[SpendTemplate.MAX_OUTPUT];
  private final byte[] digest = new byte[Bytes32.LENGTH];

  /** A digester for the calling thread. */
  public ClaimDigester() {
    SpendTemplate.writeConstants(preimage);
  }

  private static byte[] prefixed(TaggedHash hash, int length) {
    byte[] bytes = new byte[PREFIX + length];
    hash.copyPrefixTo(bytes, 0);
    return bytes;
  }

  /** termsDigest, 32 bytes into {@code target}. */
  public void termsDigest(ClaimView view, byte[] target, int at) {
    System.arraycopy(view.buffer(), view.termsOffset(), terms, PREFIX, TermsLayout.LENGTH);
    sha256.hash(terms, 0, PREFIX + TermsLayout.LENGTH, target, at);
  }

  /** Whether the commitment is H_"vts/commitment/1"(r1 || s). */
  public boolean commitmentOpens(ClaimView view) {
    System.arraycopy(view.buffer(), view.r1Offset(), commitment, PREFIX, Opening.LENGTH);
    sha256.hash(commitment, 0, PREFIX + Opening.LENGTH, digest, 0);
    return Arrays.equals(
        digest,
        0,
        Bytes32.LENGTH,
        view.buffer(),
        view.commitmentOffset(),
        view.commitmentOffset() + Bytes32.LENGTH);
  }

  /**
   * What sigTicket signs, 32 bytes into {@code target}.
   *
   * @param termsDigest array that holds the claim's terms digest at {@code termsDigestAt}
   */
  public void ticketDigest(
      ClaimView view, byte[] termsDigest, int termsDigestAt, byte[] target, int at) {
    byte[] source = view.buffer();
    System.arraycopy(termsDigest, termsDigestAt, ticket, PREFIX, Bytes32.LENGTH);
    System.arraycopy(source, view.commitmentOffset(), ticket, TRANSCRIPT, Bytes32.LENGTH);
    // r2, expiry, script length and script lie in the claim as they are hashed.
    int length = view.sigTicketOffset() - view.r2Offset();
    System.arraycopy(source, view.r2Offset(), ticket, TRANSCRIPT + Bytes32.LENGTH, length);
    sha256.hash(ticket, 0, TRANSCRIPT + Bytes32.LENGTH + length, target, at);
  }

  /**
   * claimId, 32 bytes into {@code target}.
   *
   * @param termsDigest array that holds the claim's terms digest at {@code termsDigestAt}
   */
  public void claimId(
      ClaimView view, byte[] termsDigest, int termsDigestAt, byte[] target, int at) {
    System.arraycopy(termsDigest, termsDigestAt, claim, PREFIX, Bytes32.LENGTH);
    int length = view.sigTicketOffset() - view.commitmentOffset();
    System.arraycopy(view.buffer(), view.commitmentOffset(), claim, TRANSCRIPT, length);
    sha256.hash(claim, 0, TRANSCRIPT + length, target, at);
  }

  /** What sigSpend and the counter-signature sign (BIP 143), 32 bytes into {@code target}. */
  public void spendDigest(ClaimView view, byte[] target, int at) {
    byte[] source = view.buffer();
    System.arraycopy(
        source, view.outpointOffset(), preimage, SpendTemplate.OUTPOINT_AT, Outpoint.LENGTH);
    int scriptEnd =
        EscrowScript.write(
            source,
            view.buyerKeyOffset(),
            source,
            view.vtsKeyOffset(),
            view.refundHeight(),
            preimage,
            SpendTemplate.SCRIPT_AT);
    preimage[SpendTemplate.SCRIPT_LENGTH_AT] = (byte) (scriptEnd - SpendTemplate.SCRIPT_AT);
    int end = SpendTemplate.writeTail(view.value(), preimage, scriptEnd);
    Bytes.putLongLe(output, 0, view.payout());
    // The script's length stands right before it, in the claim as in the output.
    System.arraycopy(source, view.scriptOffset() - 1, output, 8, view.scriptLength() + 1);
    sha256.hashTwice(output, 0, 9 + view.scriptLength(), preimage, end - 40);
    sha256.hashTwice(preimage, 0, end, target, at);
  }
}
