package org.micropay.vts.settlement;

import fr.acinq.bitcoin.ByteVector;
import fr.acinq.bitcoin.Satoshi;
import fr.acinq.bitcoin.ScriptWitness;
import fr.acinq.bitcoin.SigHash;
import fr.acinq.bitcoin.SigVersion;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxIn;
import fr.acinq.bitcoin.TxOut;
import java.util.List;
import java.util.function.Function;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.Der;
import org.micropay.vts.ticket.EscrowScript;
import org.micropay.vts.ticket.EscrowWitness;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.Terms;

/** The buyer takes an escrow back, from its refund height on. Pure functions. */
public final class RefundTransaction {
  private static final int VERSION = 2;

  private RefundTransaction() {}

  /**
   * The complete transaction (BIP 144): the whole value less the fee to one output, nLockTime at
   * the refund height, so that it can be in the block after that height.
   *
   * @param signer ECDSA with the buyer's key over a digest, low s
   * @throws IllegalArgumentException when less than dust would be left
   */
  public static byte[] of(
      Terms terms, PayoutScript to, FeeRate rate, Function<Bytes32, CompactSignature> signer) {
    EscrowScript script = terms.escrowScript();
    // The fee needs the size, the size is known but for the signature: take its greatest length.
    List<ByteVector> widest =
        List.of(
            ByteVector.empty,
            new ByteVector(new byte[Der.MAX_LENGTH]),
            new ByteVector(script.toArray()));
    Transaction draft =
        transaction(terms, to, terms.value()).updateWitness(0, new ScriptWitness(widest));
    long left = terms.value() - rate.feeFor(Transactions.vsize(draft));
    if (left < to.type().dust()) {
      throw new IllegalArgumentException(
          "refund of " + terms.value() + " satoshi would leave " + left + " after the fee");
    }
    Transaction tx = transaction(terms, to, left);
    byte[] digest =
        tx.hashForSigning(
            0,
            script.toArray(),
            SigHash.SIGHASH_ALL,
            new Satoshi(terms.value()),
            SigVersion.SIGVERSION_WITNESS_V0);
    List<byte[]> witness =
        EscrowWitness.refund(signer.apply(Bytes32.of(digest)), SigHash.SIGHASH_ALL, script);
    return Transactions.serialize(
        tx.updateWitness(0, new ScriptWitness(witness.stream().map(ByteVector::new).toList())));
  }

  private static Transaction transaction(Terms terms, PayoutScript to, long value) {
    TxIn in = new TxIn(Transactions.outPoint(terms.outpoint()), Transactions.SEQUENCE_REPLACEABLE);
    TxOut out = new TxOut(new Satoshi(value), to.toArray());
    return new Transaction(VERSION, List.of(in), List.of(out), terms.refundHeight());
  }
}
