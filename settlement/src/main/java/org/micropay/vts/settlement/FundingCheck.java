package org.micropay.vts.settlement;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Deposit;
import org.micropay.vts.ticket.EscrowScript;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.Terms;

/** Whether the chain shows what a registration claims: outputs, scripts, values. Pure functions. */
public final class FundingCheck {
  private FundingCheck() {}

  /** What the chain shows. */
  public sealed interface Result {}

  /**
   * All is there.
   *
   * @param height of the escrow's block
   * @param depositHeight of the deposit's block; 0 without a deposit
   * @param tip at which it was seen
   */
  public record Funded(int height, int depositHeight, BlockRef tip) implements Result {}

  /**
   * It is not.
   *
   * @param code FUNDING_NOT_FOUND, FUNDING_MISMATCH or BAD_DEPOSIT
   * @param text for people
   */
  public record Refused(AnswerCode code, String text) implements Result {}

  /** The outputs that {@link #check} needs to know. */
  public static List<Outpoint> outpoints(Terms terms, Optional<Deposit> deposit) {
    List<Outpoint> outpoints = new ArrayList<>(List.of(terms.outpoint()));
    deposit.ifPresent(value -> outpoints.add(value.outpoint()));
    return outpoints;
  }

  /**
   * Asks the chain and checks.
   *
   * @throws ChainException when the chain cannot answer
   */
  public static Result check(Chain chain, Terms terms, Optional<Deposit> deposit) {
    return check(chain.utxos(outpoints(terms, deposit)), terms, deposit);
  }

  /** Checks against an answer that covers {@link #outpoints}. */
  public static Result check(UtxoAnswer answer, Terms terms, Optional<Deposit> deposit) {
    Optional<Utxo> escrow = answer.get(terms.outpoint());
    if (escrow.isEmpty()) {
      return new Refused(
          AnswerCode.FUNDING_NOT_FOUND,
          terms.outpoint() + " is not confirmed, or is spent, at block " + answer.tip());
    }
    Optional<String> difference = difference(escrow.get(), terms.value(), terms.escrowScript());
    if (difference.isPresent()) {
      return new Refused(AnswerCode.FUNDING_MISMATCH, difference.get());
    }
    if (deposit.isEmpty()) {
      return new Funded(escrow.get().height(), 0, answer.tip());
    }
    return checkDeposit(answer, terms, deposit.get(), escrow.get().height());
  }

  private static Result checkDeposit(
      UtxoAnswer answer, Terms terms, Deposit deposit, int escrowHeight) {
    Optional<Utxo> utxo = answer.get(deposit.outpoint());
    if (utxo.isEmpty()) {
      return new Refused(
          AnswerCode.FUNDING_NOT_FOUND,
          "deposit " + deposit.outpoint() + " is not confirmed, or is spent");
    }
    Optional<String> difference =
        difference(utxo.get(), deposit.value(), deposit.escrowScript(terms));
    if (difference.isPresent()) {
      return new Refused(AnswerCode.BAD_DEPOSIT, difference.get());
    }
    return new Funded(escrowHeight, utxo.get().height(), answer.tip());
  }

  private static Optional<String> difference(Utxo utxo, long value, EscrowScript script) {
    if (utxo.value() != value) {
      return Optional.of(
          utxo.outpoint() + " holds " + utxo.value() + " satoshi, the request says " + value);
    }
    if (!Arrays.equals(utxo.script(), script.scriptPubKey().toArray())) {
      return Optional.of(utxo.outpoint() + " has another script than the request's terms give");
    }
    return Optional.empty();
  }
}
