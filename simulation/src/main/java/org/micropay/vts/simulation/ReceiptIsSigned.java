package org.micropay.vts.simulation;

import java.util.Arrays;
import java.util.function.Function;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.CompactSignature;

/**
 * A grant carries the VTS's counter-signature for just this claim, and nothing else carries one.
 */
final class ReceiptIsSigned extends Checker {
  private static final byte[] NONE = new byte[64];

  private final Function<Bytes32, CompactSignature> vts;

  /** {@code vts} signs as the VTS does. */
  ReceiptIsSigned(Function<Bytes32, CompactSignature> vts) {
    this.vts = vts;
  }

  @Override
  void onAnswer(Answer answer, long durable) {
    if (!answer.isGrant()) {
      require(Arrays.equals(NONE, answer.signature()), "%s carries a signature", answer);
      return;
    }
    Claim claim = answer.intent().claim().orElse(null);
    require(claim != null, "%s, but the client's claim was spoiled", answer);
    require(claim.id().equals(answer.claimId()), "%s names another claim", answer);
    require(
        Arrays.equals(vts.apply(claim.spendTemplate().digest()).toArray(), answer.signature()),
        "%s carries a wrong signature",
        answer);
  }
}
