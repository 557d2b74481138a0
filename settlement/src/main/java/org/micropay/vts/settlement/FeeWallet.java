package org.micropay.vts.settlement;

import fr.acinq.bitcoin.ByteVector;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxIn;
import fr.acinq.bitcoin.TxOut;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.micropay.vts.ticket.Outpoint;

/**
 * The coins that pay for batches: confirmed outputs of one P2WPKH script. Unconfirmed ones are
 * never used: a version 3 transaction may not spend other versions' unconfirmed outputs, and a
 * batch that waits for another is stuck with it.
 *
 * <p>Loaded by a scan once the follower is at the chain's tip, then kept by blocks. Coinbase
 * outputs count from the next load on, when they are mature. The chain thread owns it.
 */
final class FeeWallet implements BlockListener {
  private static final int UNSPENT = 0;

  private record Coin(FeeCoin coin, int height, int spentHeight) {}

  private final byte[] script;
  private final ByteVector scriptVector;
  private final int horizon;
  private final Map<Outpoint, Coin> coins = new HashMap<>();
  private boolean loaded;

  FeeWallet(byte[] script, int horizon) {
    this.script = script.clone();
    this.scriptVector = new ByteVector(this.script);
    this.horizon = horizon;
  }

  /** Whether the coins are known. */
  boolean loaded() {
    return loaded;
  }

  /**
   * Asks the chain for the wallet's coins.
   *
   * @return whether they are known now; false when the chain has moved on from {@code tip}
   */
  boolean load(Chain chain, BlockRef tip) {
    ScanAnswer answer = chain.scan(script);
    if (!answer.tip().hash().equals(tip.hash())) {
      return false;
    }
    coins.clear();
    for (Utxo utxo : answer.utxos()) {
      if (utxo.spendableAfter(tip.height())) {
        FeeCoin coin = new FeeCoin(utxo.outpoint(), utxo.value());
        coins.put(utxo.outpoint(), new Coin(coin, utxo.height(), UNSPENT));
      }
    }
    loaded = true;
    return true;
  }

  /** Unspent coins outside {@code reserved}, the largest first. */
  List<FeeCoin> spendable(Set<Outpoint> reserved) {
    return coins.values().stream()
        .filter(coin -> coin.spentHeight() == UNSPENT)
        .map(Coin::coin)
        .filter(coin -> !reserved.contains(coin.outpoint()))
        .sorted(
            Comparator.comparingLong(FeeCoin::value)
                .reversed()
                .thenComparing(coin -> coin.outpoint().txid())
                .thenComparing(coin -> coin.outpoint().vout()))
        .toList();
  }

  /** Satoshi of all confirmed, unspent coins. */
  long balance() {
    return spendable(Set.of()).stream().mapToLong(FeeCoin::value).reduce(0, Math::addExact);
  }

  @Override
  public void onConnected(BlockRef block, List<Transaction> transactions, List<Spend> spends) {
    for (Transaction tx : transactions) {
      for (TxIn in : tx.txIn) {
        coins.computeIfPresent(
            Transactions.outpoint(in.outPoint),
            (outpoint, coin) -> new Coin(coin.coin(), coin.height(), block.height()));
      }
      for (int vout = 0; vout < tx.txOut.size() && !tx.isCoinbase(); vout++) {
        TxOut out = tx.txOut.get(vout);
        if (out.publicKeyScript.equals(scriptVector)) {
          Outpoint outpoint = new Outpoint(Transactions.txid(tx), vout);
          FeeCoin coin = new FeeCoin(outpoint, Transactions.value(out));
          coins.put(outpoint, new Coin(coin, block.height(), UNSPENT));
        }
      }
    }
    int forgotten = block.height() - horizon;
    coins
        .values()
        .removeIf(coin -> coin.spentHeight() != UNSPENT && coin.spentHeight() < forgotten);
  }

  @Override
  public void onDisconnected(BlockRef block) {
    coins.values().removeIf(coin -> coin.height() >= block.height());
    coins.replaceAll(
        (outpoint, coin) ->
            coin.spentHeight() >= block.height()
                ? new Coin(coin.coin(), coin.height(), UNSPENT)
                : coin);
  }
}
