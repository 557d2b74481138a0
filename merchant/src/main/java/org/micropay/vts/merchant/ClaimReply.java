package org.micropay.vts.merchant;

import java.util.Optional;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.CompactSignature;

/**
 * The VTS's answer to one claim.
 *
 * @param code the answer
 * @param claimId which claim; zero when the VTS did not come to compute it
 * @param position journal record that the receipt names; 0 when nothing was journaled
 * @param counterSignature present exactly for GRANTED
 * @param retryAfterMillis when to come back; 0 unless the answer is retryable
 */
public record ClaimReply(
    AnswerCode code,
    Bytes32 claimId,
    long position,
    Optional<CompactSignature> counterSignature,
    long retryAfterMillis) {

  /** Whether the claim won its escrow. */
  public boolean isGranted() {
    return code == AnswerCode.GRANTED;
  }
}
