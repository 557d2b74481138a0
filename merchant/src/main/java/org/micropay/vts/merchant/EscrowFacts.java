package org.micropay.vts.merchant;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import org.micropay.vts.ticket.Terms;

/**
 * What the VTS says of an escrow, as of one block.
 *
 * @param terms registered; empty when the escrow is UNKNOWN
 * @param state where it stands
 * @param confirmations of the funding
 * @param tipHeight of the block
 * @param deposit what is burned on a double-spend
 */
public record EscrowFacts(
    Optional<Terms> terms,
    EscrowState state,
    int confirmations,
    int tipHeight,
    Optional<PenaltyDeposit> deposit) {

  /**
   * A penalty deposit.
   *
   * @param value satoshi
   * @param refundHeight from this block on the buyer can take it back
   * @param shares live escrows that it stands behind, at least 1
   */
  public record PenaltyDeposit(long value, int refundHeight, int shares) {}

  /** Of an escrow that is not registered. */
  public static EscrowFacts unknown() {
    return new EscrowFacts(Optional.empty(), EscrowState.UNKNOWN, 0, 0, Optional.empty());
  }

  /** The same escrow after a win. */
  EscrowFacts granted() {
    return new EscrowFacts(terms, EscrowState.GRANTED, confirmations, tipHeight, deposit);
  }

  /**
   * Reads the answer of {@code GET /v1/escrows/{termsDigest}}.
   *
   * @throws RuntimeException when a field is missing or out of range
   */
  static EscrowFacts of(JsonNode body) {
    JsonNode deposit = body.path("deposit");
    return new EscrowFacts(
        Optional.of(Terms.fromBase64Url(body.path("terms").asText())),
        EscrowState.valueOf(body.path("state").asText()),
        body.path("confirmations").asInt(),
        body.path("tipHeight").asInt(),
        deposit.isObject()
            ? Optional.of(
                new PenaltyDeposit(
                    deposit.path("value").asLong(),
                    deposit.path("refundHeight").asInt(),
                    Math.max(1, deposit.path("shares").asInt())))
            : Optional.empty());
  }

  /** Blocks between the tip and the refund height; negative when it is reached. */
  public int blocksToRefund() {
    return terms.map(t -> t.refundHeight() - tipHeight).orElse(0);
  }
}
