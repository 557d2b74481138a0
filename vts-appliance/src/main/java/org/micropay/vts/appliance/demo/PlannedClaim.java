package org.micropay.vts.appliance.demo;

import java.util.Optional;
import java.util.Set;
import org.micropay.vts.merchant.ClaimReply;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.Receipt;

/**
 * A claim that somebody sends, the answers that would be right, and the one that came. Written once
 * by the thread that reads the answer.
 */
final class PlannedClaim {
  private final byte[] bytes;
  private final Optional<Claim> claim;
  private final Set<AnswerCode> expected;
  private volatile ClaimReply reply;

  private PlannedClaim(byte[] bytes, Optional<Claim> claim, Set<AnswerCode> expected) {
    this.bytes = bytes;
    this.claim = claim;
    this.expected = expected;
  }

  /** A claim in its canonical form. */
  static PlannedClaim of(Claim claim, AnswerCode expected) {
    return new PlannedClaim(claim.encode(), Optional.of(claim), Set.of(expected));
  }

  /** One of two claims on the same escrow: the VTS grants whichever it sees first. */
  static PlannedClaim rival(Claim claim) {
    return new PlannedClaim(
        claim.encode(), Optional.of(claim), Set.of(AnswerCode.GRANTED, AnswerCode.DOUBLE_SPEND));
  }

  /** Bytes that are not a claim. */
  static PlannedClaim malformed(byte[] bytes, AnswerCode expected) {
    return new PlannedClaim(bytes, Optional.empty(), Set.of(expected));
  }

  /** What is sent; not to be changed. */
  byte[] bytes() {
    return bytes;
  }

  /** Empty for bytes that are not a claim. */
  Optional<Claim> claim() {
    return claim;
  }

  void answer(ClaimReply answer) {
    reply = answer;
  }

  /** The answer; null before it came. */
  ClaimReply reply() {
    return reply;
  }

  /** The right answers' codes. */
  Set<AnswerCode> expected() {
    return expected;
  }

  boolean isGranted() {
    return reply != null && reply.isGranted();
  }

  boolean isDoubleSpend() {
    return reply != null && reply.code() == AnswerCode.DOUBLE_SPEND;
  }

  /** The canonical receipt of a decided claim's answer, 106 bytes. */
  static byte[] receipt(ClaimReply reply) {
    return new Receipt(reply.claimId(), reply.code(), reply.position(), reply.counterSignature())
        .encode();
  }
}
