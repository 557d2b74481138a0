package org.micropay.vts.settlement;

import fr.acinq.bitcoin.Transaction;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;

/**
 * The fee wallet's splits of its own coins: a fold, see {@link SettlementState}. Several splits of
 * one coin replace each other; the chain takes one of them. The chain thread owns it.
 */
final class SplitLog {
  /**
   * One transaction that splits one coin.
   *
   * @param raw its bytes, stored before its broadcast
   * @param coin what it spends
   * @param height of its block; 0 while there is none
   */
  record Split(Bytes32 txid, byte[] raw, long fee, Outpoint coin, int height) {
    @Override
    public boolean equals(Object object) {
      return object instanceof Split other && txid.equals(other.txid) && height == other.height;
    }

    @Override
    public int hashCode() {
      return Objects.hash(txid, height);
    }

    @Override
    public String toString() {
      return "split " + txid + " of " + coin + " at " + height;
    }
  }

  private final LinkedHashMap<Bytes32, Split> splits = new LinkedHashMap<>();
  private long fees;

  void store(SettlementRecord.WalletSplit record) {
    Transaction tx = Transactions.parse(record.raw());
    Bytes32 txid = Transactions.txid(tx);
    Outpoint coin = Transactions.outpoint(tx.txIn.getFirst().outPoint);
    splits.put(txid, new Split(txid, record.raw(), record.fee(), coin, 0));
  }

  void confirm(SettlementRecord.SplitConfirmed record) {
    Split split = find(record.txid());
    splits.put(split.txid(), at(split, record.height()));
    fees = Math.addExact(fees, split.fee());
    int forgotten = record.height() - SettlementState.HORIZON;
    List<Outpoint> done =
        splits.values().stream()
            .filter(one -> one.height() != 0 && one.height() < forgotten)
            .map(Split::coin)
            .toList();
    splits.values().removeIf(one -> done.contains(one.coin()));
  }

  void unconfirm(SettlementRecord.SplitUnconfirmed record) {
    Split split = find(record.txid());
    splits.put(split.txid(), at(split, 0));
    fees = Math.subtractExact(fees, split.fee());
  }

  private Split find(Bytes32 txid) {
    Split split = splits.get(txid);
    if (split == null) {
      throw new IllegalStateException("split " + txid + " is unknown");
    }
    return split;
  }

  private static Split at(Split split, int height) {
    return new Split(split.txid(), split.raw(), split.fee(), split.coin(), height);
  }

  Optional<Split> get(Bytes32 txid) {
    return Optional.ofNullable(splits.get(txid));
  }

  Collection<Split> all() {
    return splits.values();
  }

  /** The newest split of each coin that the wallet still holds, oldest first. */
  Collection<Split> live(WalletCoins wallet) {
    Map<Outpoint, Split> newest = new LinkedHashMap<>();
    for (Split split : splits.values()) {
      if (split.height() == 0 && wallet.holds(split.coin())) {
        newest.put(split.coin(), split);
      }
    }
    return newest.values();
  }

  /** Satoshi that confirmed splits paid. */
  long fees() {
    return fees;
  }

  /** Takes a split as a snapshot holds it, in the order of their storing. */
  void restore(SettlementRecord.WalletSplit record, int height) {
    store(record);
    splits.put(splits.lastEntry().getKey(), at(splits.lastEntry().getValue(), height));
  }

  void restoreFees(long satoshi) {
    fees = satoshi;
  }

  @Override
  public boolean equals(Object object) {
    return object instanceof SplitLog other && splits.equals(other.splits) && fees == other.fees;
  }

  @Override
  public int hashCode() {
    return Objects.hash(splits, fees);
  }

  @Override
  public String toString() {
    return splits.values().toString();
  }
}
