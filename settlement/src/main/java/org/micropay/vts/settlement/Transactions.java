package org.micropay.vts.settlement;

import fr.acinq.bitcoin.OutPoint;
import fr.acinq.bitcoin.Script;
import fr.acinq.bitcoin.ScriptFlags;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxHash;
import fr.acinq.bitcoin.TxIn;
import fr.acinq.bitcoin.TxOut;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;

/** Between bitcoin-kmp's types and ours. Pure functions, any thread. */
final class Transactions {
  /** Signals that the transaction may be replaced (BIP 125) and lets nLockTime bind. */
  static final long SEQUENCE_REPLACEABLE = 0xFFFF_FFFDL;

  private Transactions() {}

  /**
   * Parses a transaction that fills the array to its last byte.
   *
   * @throws IllegalArgumentException when it does not
   */
  static Transaction parse(byte[] raw) {
    Transaction tx = WireReader.transaction(raw);
    // Counts may be written longer than need be: not by us.
    if (!Arrays.equals(raw, Transaction.write(tx))) {
      throw new IllegalArgumentException(raw.length + " bytes are not exactly one transaction");
    }
    return tx;
  }

  static byte[] serialize(Transaction tx) {
    return Transaction.write(tx);
  }

  static Bytes32 txid(Transaction tx) {
    return Bytes32.of(tx.hash.value.toByteArray());
  }

  static Outpoint outpoint(OutPoint outPoint) {
    return new Outpoint(Bytes32.of(outPoint.hash.value.toByteArray()), (int) outPoint.index);
  }

  static OutPoint outPoint(Outpoint outpoint) {
    return new OutPoint(
        new TxHash(outpoint.txid().toArray()), Integer.toUnsignedLong(outpoint.vout()));
  }

  /**
   * Index of the input that spends the output.
   *
   * @throws IllegalArgumentException when none does
   */
  static int inputOf(Transaction tx, OutPoint outPoint) {
    for (int i = 0; i < tx.txIn.size(); i++) {
      if (tx.txIn.get(i).outPoint.equals(outPoint)) {
        return i;
      }
    }
    throw new IllegalArgumentException(
        "transaction " + tx.txid + " does not spend " + outpoint(outPoint));
  }

  /** Virtual size (BIP 141): weight over four, rounded up. */
  static int vsize(Transaction tx) {
    return Math.ceilDiv(tx.weight(), 4);
  }

  static byte[] script(TxOut out) {
    return out.publicKeyScript.toByteArray();
  }

  static long value(TxOut out) {
    return out.amount.toLong();
  }

  /** Sum of all outputs, exact. */
  static long outputSum(Transaction tx) {
    long sum = 0;
    for (TxOut out : tx.txOut) {
      sum = Math.addExact(sum, value(out));
    }
    return sum;
  }

  /** The output script {@code 0 <SHA256(witnessScript)>} (BIP 141). */
  static byte[] p2wsh(byte[] witnessScript) {
    return Script.write(Script.pay2wsh(witnessScript));
  }

  /**
   * Executes one input's scripts under the standard flags.
   *
   * @param spent the spent output of each input, in order
   * @return the reason of the failure, or empty when the input is valid
   */
  static Optional<String> checkInput(Transaction tx, int index, List<TxOut> spent) {
    TxIn input = tx.txIn.get(index);
    TxOut out = spent.get(index);
    try {
      Script.Runner runner =
          new Script.Runner(
              new Script.Context(tx, index, out.amount, spent),
              ScriptFlags.STANDARD_SCRIPT_VERIFY_FLAGS);
      boolean valid =
          runner.verifyScripts(input.signatureScript, out.publicKeyScript, input.witness);
      return valid ? Optional.empty() : Optional.of("script evaluates to false");
    } catch (RuntimeException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** Executes all inputs under the standard flags; empty when all are valid. */
  static Optional<String> checkAll(Transaction tx, Map<OutPoint, TxOut> spent) {
    try {
      tx.correctlySpends(spent, ScriptFlags.STANDARD_SCRIPT_VERIFY_FLAGS);
      return Optional.empty();
    } catch (RuntimeException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }
}
