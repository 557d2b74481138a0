package org.micropay.vts.settlement;

import fr.acinq.bitcoin.Satoshi;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxIn;
import fr.acinq.bitcoin.TxOut;
import java.util.List;
import java.util.Objects;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.Deposit;
import org.micropay.vts.ticket.EscrowWitness;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.Terms;

/**
 * The burn of one deposit as Bitcoin sees it: an input, and the OP_RETURN output that must stand at
 * the same index. Both signatures are SINGLE|ANYONECANPAY: fee inputs and change may stand beside
 * it. Immutable; the arrays are not copied and not to be changed.
 *
 * @param outpoint the deposit
 * @param value satoshi in it
 * @param refundHeight from this block on the buyer can take it back
 * @param burnFee satoshi of it that go to the miner
 * @param witness the input's stack: VTS signature, buyer signature, script
 */
public record BurnPair(
    Outpoint outpoint, long value, int refundHeight, long burnFee, List<byte[]> witness) {

  /** Checks amounts. */
  public BurnPair {
    Objects.requireNonNull(outpoint);
    witness = List.copyOf(witness);
    if (burnFee < 1 || burnFee >= value || witness.size() != 3) {
      throw new IllegalArgumentException(
          "burn of %s: value %d, fee %d, %d witness items"
              .formatted(outpoint, value, burnFee, witness.size()));
    }
  }

  static BurnPair of(Terms terms, Deposit deposit, CompactSignature burnSignature) {
    return new BurnPair(
        deposit.outpoint(),
        deposit.value(),
        deposit.refundHeight(),
        deposit.burnFee(),
        EscrowWitness.release(burnSignature, deposit.sigBurn(), deposit.escrowScript(terms)));
  }

  /** The pair at the head of a burn transaction. */
  static BurnPair of(Transaction tx, long value, int refundHeight) {
    TxIn in = tx.txIn.getFirst();
    return new BurnPair(
        Transactions.outpoint(in.outPoint),
        value,
        refundHeight,
        value - Transactions.value(tx.txOut.getFirst()),
        WitnessInput.witness(tx, 0));
  }

  TxIn input() {
    return WitnessInput.of(outpoint, witness);
  }

  TxOut output() {
    return new TxOut(new Satoshi(value - burnFee), Deposit.burnScript());
  }

  /** The spent output. */
  TxOut spent() {
    return WitnessInput.spent(value, witness);
  }

  /** Weight units that the pair adds to a transaction. */
  int weight() {
    return WitnessInput.weight(witness) + BatchBuilder.outputWeight(Deposit.burnScript().length);
  }

  /** Whether a transaction that spends the deposit at {@code input} burns it there. */
  boolean isBurntBy(Transaction tx, int input) {
    if (input >= tx.txOut.size()) {
      return false;
    }
    TxOut out = tx.txOut.get(input);
    return Transactions.value(out) >= value - burnFee
        && java.util.Arrays.equals(Transactions.script(out), Deposit.burnScript());
  }
}
