package org.micropay.vts.settlement;

import fr.acinq.bitcoin.ByteVector;
import fr.acinq.bitcoin.Satoshi;
import fr.acinq.bitcoin.ScriptWitness;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxIn;
import fr.acinq.bitcoin.TxOut;
import java.util.List;
import org.micropay.vts.ticket.Outpoint;

/**
 * What the inputs of escrows and deposits have in common: both spend a P2WSH output with three
 * witness items, the last of them the script. Pure functions.
 */
final class WitnessInput {
  private WitnessInput() {}

  static TxIn of(Outpoint outpoint, List<byte[]> witness) {
    return new TxIn(
        Transactions.outPoint(outpoint),
        ByteVector.empty,
        Transactions.SEQUENCE_REPLACEABLE,
        new ScriptWitness(witness.stream().map(ByteVector::new).toList()));
  }

  /** The witness of an input of a transaction. */
  static List<byte[]> witness(Transaction tx, int index) {
    return tx.txIn.get(index).witness.stack.stream().map(ByteVector::toByteArray).toList();
  }

  /** The spent output. */
  static TxOut spent(long value, List<byte[]> witness) {
    return new TxOut(new Satoshi(value), Transactions.p2wsh(witness.getLast()));
  }

  /** Weight units of the input with its witness. */
  static int weight(List<byte[]> witness) {
    int items = 1;
    for (byte[] item : witness) {
      items += 1 + item.length;
    }
    return BatchBuilder.INPUT_WEIGHT + items;
  }
}
