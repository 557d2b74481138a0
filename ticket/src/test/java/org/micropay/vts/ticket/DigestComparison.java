package org.micropay.vts.ticket;

import java.util.Random;

/**
 * Prints what one claim's digests cost with the platform's SHA-256 and with the plain Java one that
 * starts from stored states, interleaved in one run. Not a test; run it by hand:
 *
 * <pre>
 *  java -cp ticket/target/classes:ticket/target/test-classes:... \
 *      org.micropay.vts.ticket.DigestComparison
 * </pre>
 */
final class DigestComparison {
  private static final int CLAIMS = 20_000;
  private static final int ROUNDS = 9;

  private final ClaimDigester platform = new ClaimDigester();
  private final MidstateDigests midstates = new MidstateDigests();
  private final ClaimView view = new ClaimView();
  private final byte[] column = new byte[128];

  private DigestComparison() {}

  public static void main(String[] arguments) {
    byte[] claim = new Samples(new Random(1)).winner().claim().encode();
    DigestComparison comparison = new DigestComparison();
    double bestPlatform = Double.MAX_VALUE;
    double bestMidstates = Double.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      bestPlatform = Math.min(bestPlatform, comparison.platform(claim));
      bestMidstates = Math.min(bestMidstates, comparison.midstates(claim));
    }
    System.out.printf(
        "platform %.0f ns/claim, midstates in Java %.0f ns/claim, ratio %.2f%n",
        bestPlatform, bestMidstates, bestMidstates / bestPlatform);
  }

  private double platform(byte[] claim) {
    long start = System.nanoTime();
    for (int i = 0; i < CLAIMS; i++) {
      Bytes.putIntLe(claim, ClaimLayout.S, i);
      view.wrap(claim, 0, claim.length);
      platform.termsDigest(view, column, 0);
      platform.ticketDigest(view, column, 0, column, 32);
      platform.claimId(view, column, 0, column, 64);
      platform.spendDigest(view, column, 96);
      platform.commitmentOpens(view);
    }
    return (System.nanoTime() - start) / (double) CLAIMS;
  }

  private double midstates(byte[] claim) {
    long start = System.nanoTime();
    for (int i = 0; i < CLAIMS; i++) {
      Bytes.putIntLe(claim, ClaimLayout.S, i);
      midstates.digest(view.wrap(claim, 0, claim.length), column);
    }
    return (System.nanoTime() - start) / (double) CLAIMS;
  }

  /** The same five digests, each from the state behind its constant first block. */
  private static final class MidstateDigests {
    private final MidstateSha256 sha256 = new MidstateSha256();
    private final int[] initial = MidstateSha256.initial();
    private final int[] terms = after(TaggedHash.TERMS);
    private final int[] commitment = after(TaggedHash.COMMITMENT);
    private final int[] ticket = after(TaggedHash.TICKET);
    private final int[] claim = after(TaggedHash.CLAIM);
    private final int[] spend;
    private final byte[] scratch = new byte[SpendTemplate.MAX_PREIMAGE];
    private final byte[] preimage = new byte[SpendTemplate.MAX_PREIMAGE];
    private final byte[] output = new byte[SpendTemplate.MAX_OUTPUT];

    MidstateDigests() {
      SpendTemplate.writeConstants(preimage);
      spend = MidstateSha256.after(preimage);
    }

    private static int[] after(TaggedHash tag) {
      byte[] prefix = new byte[TaggedHash.PREFIX_LENGTH];
      tag.copyPrefixTo(prefix, 0);
      return MidstateSha256.after(prefix);
    }

    void digest(ClaimView view, byte[] column) {
      byte[] source = view.buffer();
      sha256.hash(terms, 64, source, view.termsOffset(), TermsLayout.LENGTH, column, 0);
      System.arraycopy(column, 0, scratch, 0, 32);
      System.arraycopy(source, view.commitmentOffset(), scratch, 32, 32);
      int length = view.sigTicketOffset() - view.r2Offset();
      System.arraycopy(source, view.r2Offset(), scratch, 64, length);
      sha256.hash(ticket, 64, scratch, 0, 64 + length, column, 32);
      length = view.sigTicketOffset() - view.commitmentOffset();
      System.arraycopy(source, view.commitmentOffset(), scratch, 32, length);
      sha256.hash(claim, 64, scratch, 0, 32 + length, column, 64);
      sha256.hash(commitment, 64, source, view.r1Offset(), Opening.LENGTH, scratch, 0);
      spendDigest(view, column);
    }

    private void spendDigest(ClaimView view, byte[] column) {
      byte[] source = view.buffer();
      System.arraycopy(source, view.outpointOffset(), preimage, 68, Outpoint.LENGTH);
      int end =
          EscrowScript.write(
              source,
              view.buyerKeyOffset(),
              source,
              view.vtsKeyOffset(),
              view.refundHeight(),
              preimage,
              105);
      preimage[104] = (byte) (end - 105);
      end = SpendTemplate.writeTail(view.value(), preimage, end);
      Bytes.putLongLe(output, 0, view.payout());
      System.arraycopy(source, view.scriptOffset() - 1, output, 8, view.scriptLength() + 1);
      sha256.hash(initial, 0, output, 0, 9 + view.scriptLength(), scratch, 0);
      sha256.hash(initial, 0, scratch, 0, 32, preimage, end - 40);
      sha256.hash(spend, 64, preimage, 64, end - 64, scratch, 0);
      sha256.hash(initial, 0, scratch, 0, 32, column, 96);
    }
  }
}
