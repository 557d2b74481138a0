package org.micropay.vts.settlement;

import fr.acinq.bitcoin.Satoshi;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxIn;
import fr.acinq.bitcoin.TxOut;
import java.util.List;
import java.util.Objects;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.EscrowWitness;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.Terms;

/**
 * One granted claim as Bitcoin sees it: an input and the output that must stand at the same index.
 * Both signatures are SINGLE|ANYONECANPAY, so that the pair fits into any version 3 transaction
 * with lock time 0. Immutable; the arrays are not copied and not to be changed.
 *
 * @param position of the grant in the journal: names the claim
 * @param outpoint the escrow
 * @param value satoshi in the escrow
 * @param refundHeight from this block on the buyer can take the escrow back
 * @param witness the input's stack: VTS signature, buyer signature, script
 * @param payout satoshi of the output
 * @param payoutScript script of the output
 */
public record ReleasePair(
    long position,
    Outpoint outpoint,
    long value,
    int refundHeight,
    List<byte[]> witness,
    long payout,
    PayoutScript payoutScript) {

  /** Checks amounts. */
  public ReleasePair {
    Objects.requireNonNull(outpoint);
    Objects.requireNonNull(payoutScript);
    witness = List.copyOf(witness);
    if (position < 1 || payout < 1 || payout > value || witness.size() != 3) {
      throw new IllegalArgumentException(
          "pair of position %d: payout %d, value %d, %d witness items"
              .formatted(position, payout, value, witness.size()));
    }
  }

  /** The pair of a claim that was granted at {@code position}. */
  public static ReleasePair of(long position, Claim claim, CompactSignature counterSignature) {
    Terms terms = claim.terms();
    return new ReleasePair(
        position,
        terms.outpoint(),
        terms.value(),
        terms.refundHeight(),
        EscrowWitness.release(counterSignature, claim.sigSpend(), terms.escrowScript()),
        terms.payout(),
        claim.payoutScript());
  }

  /** The pair at {@code index} of a batch transaction. */
  static ReleasePair of(Transaction tx, int index, long position, long value, int refundHeight) {
    TxIn in = tx.txIn.get(index);
    TxOut out = tx.txOut.get(index);
    return new ReleasePair(
        position,
        Transactions.outpoint(in.outPoint),
        value,
        refundHeight,
        WitnessInput.witness(tx, index),
        Transactions.value(out),
        PayoutScript.of(Transactions.script(out)));
  }

  /** Satoshi of the escrow that may go to fees. */
  public long allowance() {
    return value - payout;
  }

  TxIn input() {
    return WitnessInput.of(outpoint, witness);
  }

  TxOut output() {
    return new TxOut(new Satoshi(payout), payoutScript.toArray());
  }

  /** The spent output. */
  TxOut spent() {
    return WitnessInput.spent(value, witness);
  }

  /** Weight units that the pair adds to a transaction. */
  int weight() {
    return WitnessInput.weight(witness) + BatchBuilder.outputWeight(payoutScript.length());
  }
}
