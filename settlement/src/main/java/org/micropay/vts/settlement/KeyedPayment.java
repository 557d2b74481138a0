package org.micropay.vts.settlement;

import fr.acinq.bitcoin.ByteVector;
import fr.acinq.bitcoin.Satoshi;
import fr.acinq.bitcoin.Script;
import fr.acinq.bitcoin.ScriptWitness;
import fr.acinq.bitcoin.SigHash;
import fr.acinq.bitcoin.SigVersion;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxIn;
import fr.acinq.bitcoin.TxOut;
import java.util.List;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Der;

/**
 * A transaction that spends one P2WPKH coin of a key: what buyers, merchants and thieves send in
 * scenarios and tests. Pure functions.
 */
final class KeyedPayment {
  private KeyedPayment() {}

  /** The complete transaction (BIP 144); what the payments leave over is its fee. */
  static byte[] of(int version, FeeSigner key, FeeCoin coin, List<Payment> payments) {
    TxIn in = new TxIn(Transactions.outPoint(coin.outpoint()), Transactions.SEQUENCE_REPLACEABLE);
    List<TxOut> outputs =
        payments.stream().map(one -> new TxOut(new Satoshi(one.value()), one.script())).toList();
    Transaction tx = new Transaction(version, List.of(in), outputs, 0);
    fr.acinq.bitcoin.PublicKey publicKey =
        new fr.acinq.bitcoin.PublicKey(key.publicKey().toArray());
    byte[] digest =
        tx.hashForSigning(
            0,
            Script.write(Script.pay2pkh(publicKey)),
            SigHash.SIGHASH_ALL,
            new Satoshi(coin.value()),
            SigVersion.SIGVERSION_WITNESS_V0);
    byte[] der = Der.encode(key.sign(Bytes32.of(digest)), SigHash.SIGHASH_ALL);
    return Transactions.serialize(
        tx.updateWitness(
            0,
            new ScriptWitness(
                List.of(new ByteVector(der), new ByteVector(key.publicKey().toArray())))));
  }
}
