package org.micropay.vts.simulation;

import java.util.HashMap;
import java.util.Map;
import org.micropay.vts.ticket.Bytes32;

/** Whenever a claim is answered with a receipt, it is the same receipt, to the byte. */
final class SameClaimSameReceipt extends Checker {
  private final Map<Bytes32, Answer> receipts = new HashMap<>();

  @Override
  void onAnswer(Answer answer, long durable) {
    if (answer.isReceipt()) {
      Answer first = receipts.putIfAbsent(answer.claimId(), answer);
      require(
          first == null || first.sameReceipt(answer),
          "first %s, then %s, for one claim",
          first,
          answer);
    }
  }
}
