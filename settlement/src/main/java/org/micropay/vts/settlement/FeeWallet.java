package org.micropay.vts.settlement;

import fr.acinq.bitcoin.ByteVector;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxIn;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.micropay.vts.ticket.Outpoint;

/**
 * The coins that pay for batches: confirmed outputs of one P2WPKH script. Unconfirmed ones are
 * never used: a version 3 transaction may not spend other versions' unconfirmed outputs, and a
 * batch that waits for another is stuck with it.
 *
 * <p>Found by one scan of the chain when the journal knows nothing of this script, then kept by
 * blocks; every change is journaled, so that a restart goes on where the journal ends. The chain
 * thread owns it.
 */
final class FeeWallet implements BlockListener {
  private final byte[] script;
  private final ByteVector scriptVector;
  private final WalletCoins coins;
  private final Consumer<SettlementRecord> journal;
  private int tipHeight;
  private Supplier<Set<Outpoint>> reservedElsewhere = Set::of;

  FeeWallet(byte[] script, WalletCoins coins, Consumer<SettlementRecord> journal) {
    this.script = script.clone();
    this.scriptVector = new ByteVector(this.script);
    this.coins = coins;
    this.journal = journal;
  }

  /** Undoes what a crash left half told above the ledger's tip. */
  void start(int ledgerHeight) {
    tipHeight = ledgerHeight;
    undoFrom(ledgerHeight + 1);
  }

  /** Whether the coins are known. */
  boolean loaded() {
    return coins.knows(script);
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
    List<WalletCoins.Coin> found = answer.utxos().stream().map(FeeWallet::coin).toList();
    byte[] scanned = script.clone();
    int from = 0;
    do {
      int to = Math.min(found.size(), from + SettlementRecord.WalletChanged.MAX_COINS);
      journal.accept(
          new SettlementRecord.WalletChanged(
              tip.height(), scanned, List.copyOf(found.subList(from, to)), List.of()));
      scanned = new byte[0];
      from = to;
    } while (from < found.size());
    tipHeight = tip.height();
    return true;
  }

  private static WalletCoins.Coin coin(Utxo utxo) {
    FeeCoin coin = new FeeCoin(utxo.outpoint(), utxo.value());
    return new WalletCoins.Coin(coin, utxo.height(), utxo.coinbase(), WalletCoins.UNSPENT);
  }

  /** Names coins that others than settlement's batches count on: the penalty's burns. */
  void reserve(Supplier<Set<Outpoint>> others) {
    reservedElsewhere = others;
  }

  /** Those of {@link #coins} that nobody else counts on. */
  List<FeeCoin> spendable(Set<Outpoint> reserved) {
    Set<Outpoint> all = new HashSet<>(reserved);
    all.addAll(reservedElsewhere.get());
    return coins(all);
  }

  /** Confirmed, unspent, mature coins outside {@code reserved}, the largest first. */
  List<FeeCoin> coins(Set<Outpoint> reserved) {
    return coins.spendable(reserved, tipHeight);
  }

  /** Satoshi of all of them. */
  long balance() {
    return coins(Set.of()).stream().mapToLong(FeeCoin::value).reduce(0, Math::addExact);
  }

  @Override
  public void onConnected(BlockRef block, List<Transaction> transactions, List<Spend> spends) {
    tipHeight = block.height();
    if (!loaded()) {
      return;
    }
    List<WalletCoins.Coin> added = new ArrayList<>();
    List<Outpoint> spent = new ArrayList<>();
    for (Transaction tx : transactions) {
      for (int vout = 0; vout < tx.txOut.size(); vout++) {
        if (tx.txOut.get(vout).publicKeyScript.equals(scriptVector)) {
          added.add(coin(tx, vout, block.height()));
        }
      }
      for (TxIn in : tx.txIn) {
        Outpoint outpoint = Transactions.outpoint(in.outPoint);
        if (coins.contains(outpoint) || isAmong(added, outpoint)) {
          spent.add(outpoint);
        }
      }
    }
    if (!added.isEmpty() || !spent.isEmpty()) {
      record(block.height(), added, spent);
    }
  }

  /** What came before what left: a coin may do both in one block. */
  private void record(int height, List<WalletCoins.Coin> added, List<Outpoint> spent) {
    int most = SettlementRecord.WalletChanged.MAX_COINS;
    boolean together = added.size() <= most && spent.size() <= most;
    List<Outpoint> first = together ? spent : List.of();
    for (int from = 0; from == 0 || from < added.size(); from += most) {
      change(height, part(added, from, from + most), first);
    }
    for (int from = 0; !together && from < spent.size(); from += most) {
      change(height, List.of(), part(spent, from, from + most));
    }
  }

  private void change(int height, List<WalletCoins.Coin> added, List<Outpoint> spent) {
    journal.accept(new SettlementRecord.WalletChanged(height, new byte[0], added, spent));
  }

  private static WalletCoins.Coin coin(Transaction tx, int vout, int height) {
    Outpoint outpoint = new Outpoint(Transactions.txid(tx), vout);
    FeeCoin coin = new FeeCoin(outpoint, Transactions.value(tx.txOut.get(vout)));
    return new WalletCoins.Coin(coin, height, tx.isCoinbase(), WalletCoins.UNSPENT);
  }

  private static boolean isAmong(List<WalletCoins.Coin> coins, Outpoint outpoint) {
    return coins.stream().anyMatch(coin -> coin.coin().outpoint().equals(outpoint));
  }

  private static <T> List<T> part(List<T> all, int from, int to) {
    return List.copyOf(all.subList(Math.min(from, all.size()), Math.min(to, all.size())));
  }

  @Override
  public void onDisconnected(BlockRef block) {
    tipHeight = block.height() - 1;
    undoFrom(block.height());
  }

  private void undoFrom(int height) {
    if (coins.touchedFrom(height)) {
      journal.accept(new SettlementRecord.WalletUndone(height));
    }
  }
}
