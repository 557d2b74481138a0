package org.micropay.vts.settlement;

import fr.acinq.bitcoin.ByteVector;
import fr.acinq.bitcoin.Satoshi;
import fr.acinq.bitcoin.ScriptWitness;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxIn;
import fr.acinq.bitcoin.TxOut;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Batches that were tampered with, each in one way that has to be noticed. Pure functions. */
final class Tampering {
  /** What is changed. */
  enum Kind {
    /** One satoshi more for the first merchant. */
    PAYOUT("a payout of one satoshi more"),
    /** The first two outputs change places. */
    SWAPPED("two payouts swapped"),
    /** The first payout goes to the second merchant's script. */
    SCRIPT("a payout to another script"),
    /** A bit of the VTS's signature. */
    VTS_SIGNATURE("a bit of a counter-signature"),
    /** A bit of the buyer's signature. */
    BUYER_SIGNATURE("a bit of a buyer's signature"),
    /** Version 2 instead of 3. */
    VERSION("version 2"),
    /** The last pair's output is left out. */
    DROPPED("a payout left out"),
    /** The change output gets a satoshi more. */
    CHANGE("a satoshi more of change");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    String text() {
      return text;
    }
  }

  private Tampering() {}

  /** The batch with its transaction changed; what it says of itself stays. */
  static Batch of(Batch batch, Kind kind) {
    Transaction tx = Transactions.parse(batch.raw());
    List<TxOut> out = new ArrayList<>(tx.txOut);
    Transaction changed =
        switch (kind) {
          case PAYOUT -> withOutputs(tx, more(out, 0));
          case SWAPPED -> {
            Collections.swap(out, 0, 1);
            yield withOutputs(tx, out);
          }
          case SCRIPT -> {
            out.set(0, new TxOut(out.get(0).amount, out.get(1).publicKeyScript));
            yield withOutputs(tx, out);
          }
          case VTS_SIGNATURE -> flip(tx, 0);
          case BUYER_SIGNATURE -> flip(tx, 1);
          case VERSION -> new Transaction(2, tx.txIn, tx.txOut, tx.lockTime);
          case DROPPED -> {
            out.remove(batch.pairs().size() - 1);
            yield withOutputs(tx, out);
          }
          case CHANGE -> withOutputs(tx, more(out, out.size() - 1));
        };
    return new Batch(
        Transactions.serialize(changed),
        Transactions.txid(changed),
        batch.pairs(),
        batch.feeCoins(),
        batch.change(),
        batch.fee(),
        Transactions.vsize(changed));
  }

  private static List<TxOut> more(List<TxOut> outputs, int index) {
    TxOut old = outputs.get(index);
    outputs.set(index, new TxOut(new Satoshi(Transactions.value(old) + 1), old.publicKeyScript));
    return outputs;
  }

  private static Transaction withOutputs(Transaction tx, List<TxOut> outputs) {
    return new Transaction(tx.version, tx.txIn, outputs, tx.lockTime);
  }

  private static Transaction flip(Transaction tx, int item) {
    TxIn in = tx.txIn.getFirst();
    List<ByteVector> stack = new ArrayList<>(in.witness.stack);
    byte[] bytes = stack.get(item).toByteArray();
    // The last byte is the sighash type; the one before it belongs to s.
    bytes[bytes.length - 2] ^= 1;
    stack.set(item, new ByteVector(bytes));
    return tx.updateWitness(0, new ScriptWitness(stack));
  }
}
