package org.micropay.vts.settlement;

import fr.acinq.bitcoin.ByteVector;
import fr.acinq.bitcoin.Crypto;
import fr.acinq.bitcoin.PrivateKey;
import fr.acinq.bitcoin.Satoshi;
import fr.acinq.bitcoin.Script;
import fr.acinq.bitcoin.SigHash;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxIn;
import fr.acinq.bitcoin.TxOut;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;

/**
 * The miner's purse of a regtest chain: one P2WPKH key that everyone knows, worthless by
 * construction. Any thread.
 */
public final class DevWallet {
  private static final PrivateKey KEY =
      new PrivateKey(Crypto.sha256("vts regtest coins".getBytes(StandardCharsets.US_ASCII)));
  private static final FeeRate FEE_RATE = new FeeRate(2_000);
  private static final int MAX_PAYMENTS = 1_000;
  private static final int MAX_CHAIN = 20;

  /** Blocks above maturity, so that a small reorganization does not unmake what was funded. */
  static final int MATURITY_MARGIN = 10;

  private static final int INPUT_VSIZE = 68;
  private static final int BASE_VSIZE = 12 + 31;

  private record Coin(Outpoint outpoint, long value, int unconfirmedDepth) {}

  private final Chain chain;
  private final byte[] script = Script.write(Script.pay2wpkh(KEY.publicKey()));
  private final Set<Outpoint> spent = new HashSet<>();
  private final Map<Outpoint, Coin> change = new HashMap<>();

  DevWallet(Chain chain) {
    this.chain = chain;
  }

  /** The output script that mined coins go to; a new array. */
  public byte[] script() {
    return script.clone();
  }

  /** Spendable satoshi, unconfirmed change included. */
  public synchronized long balance() {
    return coins().stream().mapToLong(Coin::value).reduce(0, Math::addExact);
  }

  /**
   * Puts transactions into the mempool that make these outputs.
   *
   * @return one outpoint for each payment, in order
   * @throws IllegalStateException when the coins do not suffice
   */
  public synchronized List<Outpoint> fund(List<Payment> payments) {
    List<Outpoint> made = new ArrayList<>();
    for (int from = 0; from < payments.size(); from += MAX_PAYMENTS) {
      List<Payment> part = payments.subList(from, Math.min(payments.size(), from + MAX_PAYMENTS));
      Bytes32 txid = send(part);
      for (int i = 0; i < part.size(); i++) {
        made.add(new Outpoint(txid, i));
      }
    }
    return made;
  }

  private Bytes32 send(List<Payment> payments) {
    List<TxOut> outputs = new ArrayList<>();
    long total = 0;
    int vsize = BASE_VSIZE;
    for (Payment payment : payments) {
      outputs.add(new TxOut(new Satoshi(payment.value()), payment.script()));
      total = Math.addExact(total, payment.value());
      vsize += 9 + payment.script().length;
    }
    List<Coin> inputs = new ArrayList<>();
    long in = 0;
    long needed = 0;
    List<Coin> coins = coins();
    for (int i = 0; i < coins.size() && (inputs.isEmpty() || in < needed); i++) {
      inputs.add(coins.get(i));
      in = Math.addExact(in, coins.get(i).value());
      vsize += INPUT_VSIZE;
      needed = Math.addExact(total, FEE_RATE.feeFor(vsize) + Dust.threshold(script));
    }
    if (inputs.isEmpty() || in < needed) {
      throw new IllegalStateException(
          "regtest wallet has " + in + " satoshi, needs " + needed + "; mine more blocks");
    }
    outputs.add(new TxOut(new Satoshi(in - total - FEE_RATE.feeFor(vsize)), script));
    return broadcast(inputs, outputs);
  }

  private Bytes32 broadcast(List<Coin> inputs, List<TxOut> outputs) {
    List<TxIn> txIn = new ArrayList<>();
    for (Coin coin : inputs) {
      txIn.add(new TxIn(Transactions.outPoint(coin.outpoint()), Transactions.SEQUENCE_REPLACEABLE));
    }
    Transaction tx = new Transaction(2, txIn, outputs, 0);
    byte[] scriptCode = Script.write(Script.pay2pkh(KEY.publicKey()));
    for (int i = 0; i < inputs.size(); i++) {
      byte[] signature =
          tx.signInput(
              i,
              scriptCode,
              SigHash.SIGHASH_ALL,
              new Satoshi(inputs.get(i).value()),
              fr.acinq.bitcoin.SigVersion.SIGVERSION_WITNESS_V0,
              KEY);
      tx = tx.updateWitness(i, Script.witnessPay2wpkh(KEY.publicKey(), new ByteVector(signature)));
    }
    Acceptance answer = chain.broadcast(Transactions.serialize(tx));
    if (answer instanceof Acceptance.Rejected rejected) {
      throw new IllegalStateException("funding transaction refused: " + rejected.text());
    }
    remember(tx, inputs);
    return Transactions.txid(tx);
  }

  private void remember(Transaction tx, List<Coin> inputs) {
    int depth = 0;
    for (Coin coin : inputs) {
      spent.add(coin.outpoint());
      change.remove(coin.outpoint());
      depth = Math.max(depth, coin.unconfirmedDepth());
    }
    int last = tx.txOut.size() - 1;
    Outpoint outpoint = new Outpoint(Transactions.txid(tx), last);
    change.put(outpoint, new Coin(outpoint, Transactions.value(tx.txOut.get(last)), depth + 1));
  }

  /** Confirmed coins first, the largest of them first; then own unconfirmed change. */
  private List<Coin> coins() {
    ScanAnswer answer = chain.scan(script);
    Map<Outpoint, Coin> coins = new HashMap<>();
    for (Coin coin : change.values()) {
      boolean known =
          chain.transactionStatus(coin.outpoint().txid(), coin.outpoint().vout() + 1)
              instanceof TxStatus.InMempool;
      if (known && coin.unconfirmedDepth() <= MAX_CHAIN) {
        coins.put(coin.outpoint(), coin);
      }
    }
    for (Utxo utxo : answer.utxos()) {
      if (utxo.spendableAfter(answer.tip().height() - MATURITY_MARGIN)
          && (!spent.contains(utxo.outpoint()) || isFree(utxo.outpoint()))) {
        coins.put(utxo.outpoint(), new Coin(utxo.outpoint(), utxo.value(), 0));
      }
    }
    return coins.values().stream()
        .sorted(
            Comparator.comparingInt(Coin::unconfirmedDepth)
                .thenComparing(Comparator.comparingLong(Coin::value).reversed())
                .thenComparing(coin -> coin.outpoint().txid()))
        .toList();
  }

  private boolean isFree(Outpoint outpoint) {
    return chain.spenderInMempool(outpoint).isEmpty();
  }
}
