package org.micropay.vts.simulation;

import fr.acinq.bitcoin.Block;
import fr.acinq.bitcoin.OutPoint;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxIn;
import fr.acinq.bitcoin.TxOut;
import java.util.HashMap;
import java.util.Map;
import org.micropay.vts.settlement.Chain;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;

/** What the best chain's blocks say, read without settlement's help. */
final class ChainWalk {
  /** An output and what became of it; heights are 0 for never. */
  static final class Output {
    final TxOut output;
    final int height;
    Transaction spender;
    int spentAt;
    int inputIndex;

    Output(TxOut output, int height) {
      this.output = output;
      this.height = height;
    }

    long value() {
      return output.amount.toLong();
    }
  }

  final Map<Outpoint, Output> outputs = new HashMap<>();

  ChainWalk(Chain chain) {
    int tip = chain.tip().height();
    for (int height = 1; height <= tip; height++) {
      byte[] raw = chain.block(chain.hashAt(height).orElseThrow()).orElseThrow().raw();
      for (Transaction tx : Block.read(raw).tx) {
        connect(tx, height);
      }
    }
  }

  private void connect(Transaction tx, int height) {
    for (int i = 0; i < tx.txIn.size(); i++) {
      TxIn in = tx.txIn.get(i);
      Output spent = outputs.get(outpoint(in.outPoint));
      if (spent != null) {
        spent.spender = tx;
        spent.spentAt = height;
        spent.inputIndex = i;
      }
    }
    for (int i = 0; i < tx.txOut.size(); i++) {
      outputs.put(new Outpoint(txid(tx), i), new Output(tx.txOut.get(i), height));
    }
  }

  static Bytes32 txid(Transaction tx) {
    return Bytes32.of(tx.hash.value.toByteArray());
  }

  static Outpoint outpoint(OutPoint outPoint) {
    return new Outpoint(Bytes32.of(outPoint.hash.value.toByteArray()), (int) outPoint.index);
  }

  static byte[] script(TxOut output) {
    return output.publicKeyScript.toByteArray();
  }
}
