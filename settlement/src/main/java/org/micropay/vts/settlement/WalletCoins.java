package org.micropay.vts.settlement;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.micropay.vts.ticket.Outpoint;

/**
 * The fee wallet's coins: a fold over WALLET_COINS and WALLET_UNDONE, so that a restart need not
 * scan the chain. Spent coins are kept {@link SettlementState#HORIZON} blocks for reorganizations.
 * Not thread-safe; the chain thread owns it.
 */
final class WalletCoins {
  /** Spent height of a coin that nothing spends. */
  static final int UNSPENT = 0;

  /**
   * One coin.
   *
   * @param height of the block that made it
   * @param coinbase whether a coinbase made it, so that it needs 100 blocks on top to be spent
   * @param spentHeight of the block that spends it, or {@link #UNSPENT}
   */
  record Coin(FeeCoin coin, int height, boolean coinbase, int spentHeight) {
    boolean spendableAfter(int tipHeight) {
      return spentHeight == UNSPENT
          && (!coinbase || tipHeight + 1 - height >= Utxo.COINBASE_MATURITY);
    }
  }

  private static final Comparator<Outpoint> ORDER =
      Comparator.comparing(Outpoint::txid).thenComparing(Outpoint::vout);

  private final Map<Outpoint, Coin> coins = new TreeMap<>(ORDER);
  private byte[] script = {};

  void apply(SettlementRecord.WalletChanged change) {
    if (change.scanned().length > 0) {
      coins.clear();
      script = change.scanned();
    }
    change.added().forEach(coin -> coins.put(coin.coin().outpoint(), coin));
    for (Outpoint outpoint : change.spent()) {
      coins.computeIfPresent(
          outpoint,
          (key, coin) -> new Coin(coin.coin(), coin.height(), coin.coinbase(), change.height()));
    }
    int forgotten = change.height() - SettlementState.HORIZON;
    coins
        .values()
        .removeIf(coin -> coin.spentHeight() != UNSPENT && coin.spentHeight() < forgotten);
  }

  void apply(SettlementRecord.WalletUndone undone) {
    coins.values().removeIf(coin -> coin.height() >= undone.height());
    coins.replaceAll(
        (outpoint, coin) ->
            coin.spentHeight() >= undone.height()
                ? new Coin(coin.coin(), coin.height(), coin.coinbase(), UNSPENT)
                : coin);
  }

  /** Takes the coins as a snapshot holds them. */
  void restore(byte[] scanned, Collection<Coin> all) {
    script = scanned;
    all.forEach(coin -> coins.put(coin.coin().outpoint(), coin));
  }

  /** Whether a block at this height or above left a trace. */
  boolean touchedFrom(int height) {
    return coins.values().stream()
        .anyMatch(coin -> coin.height() >= height || coin.spentHeight() >= height);
  }

  /** Whether the coins of this script are known. */
  boolean knows(byte[] wanted) {
    return Arrays.equals(script, wanted);
  }

  byte[] script() {
    return script;
  }

  Collection<Coin> all() {
    return coins.values();
  }

  boolean holds(Outpoint outpoint) {
    Coin coin = coins.get(outpoint);
    return coin != null && coin.spentHeight() == UNSPENT;
  }

  boolean contains(Outpoint outpoint) {
    return coins.containsKey(outpoint);
  }

  /** Coins that the block after {@code tipHeight} may spend, outside {@code reserved}. */
  List<FeeCoin> spendable(Set<Outpoint> reserved, int tipHeight) {
    return coins.values().stream()
        .filter(coin -> coin.spendableAfter(tipHeight))
        .map(Coin::coin)
        .filter(coin -> !reserved.contains(coin.outpoint()))
        .sorted(
            Comparator.comparingLong(FeeCoin::value)
                .reversed()
                .thenComparing(FeeCoin::outpoint, ORDER))
        .toList();
  }

  @Override
  public boolean equals(Object object) {
    return object instanceof WalletCoins other
        && coins.equals(other.coins)
        && Arrays.equals(script, other.script);
  }

  @Override
  public int hashCode() {
    return Objects.hash(coins, Arrays.hashCode(script));
  }

  @Override
  public String toString() {
    return coins.values().toString();
  }
}
