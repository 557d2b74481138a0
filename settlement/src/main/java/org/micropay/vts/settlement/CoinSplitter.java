package org.micropay.vts.settlement;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.micropay.vts.ticket.Bytes32;

/**
 * Keeps confirmed coins ready in the fee wallet: splits a large one when few are left, so that
 * batches need not wait for each other's change. A split is stored before it is sent, sent again
 * until it is mined, and replaced at a higher rate when it is not. The chain thread owns it.
 */
final class CoinSplitter {
  private static final int NO_DEADLINE = Integer.MAX_VALUE;

  private final Chain chain;
  private final SettlementState state;
  private final SettlementJournal journal;
  private final FeeWallet wallet;
  private final BatchBuilder builder;
  private final SettlementPolicy policy;
  private final FeeSchedule fees;
  private final Alarms alarms;
  private final boolean canSign;
  private final Map<Bytes32, CompletableFuture<LedgerCommands.Result>> storing = new HashMap<>();
  private final Map<Bytes32, Integer> sentAtHeight = new HashMap<>();

  CoinSplitter(
      Chain chain,
      SettlementState state,
      SettlementJournal journal,
      FeeWallet wallet,
      BatchBuilder builder,
      boolean canSign,
      SettlementPolicy policy,
      FeeSchedule fees,
      Alarms alarms) {
    this.chain = chain;
    this.state = state;
    this.journal = journal;
    this.wallet = wallet;
    this.builder = builder;
    this.canSign = canSign;
    this.policy = policy;
    this.fees = fees;
    this.alarms = alarms;
  }

  /**
   * Sends splits whose bytes are durable for the first time.
   *
   * @return how many
   */
  int send(BlockRef tip) {
    int sent = 0;
    for (SplitLog.Split split : List.copyOf(state.splits().live(state.wallet()))) {
      CompletableFuture<LedgerCommands.Result> stored = storing.get(split.txid());
      boolean durable = stored == null || stored.isDone();
      if (durable && !sentAtHeight.containsKey(split.txid())) {
        storing.remove(split.txid());
        broadcast(split);
        sentAtHeight.put(split.txid(), tip.height());
        sent++;
      }
    }
    return sent;
  }

  private void broadcast(SplitLog.Split split) {
    if (chain.broadcast(split.raw()) instanceof Acceptance.Rejected rejected) {
      alarms.say("split of fee coin " + split.coin() + " refused: " + rejected.text());
    }
  }

  /** Sends every split that is not mined once more, and replaces those that wait too long. */
  void sendAgain(BlockRef tip) {
    sentAtHeight.keySet().removeIf(txid -> !isLive(txid));
    for (SplitLog.Split split : List.copyOf(state.splits().live(state.wallet()))) {
      Integer sent = sentAtHeight.get(split.txid());
      if (sent != null && tip.height() - sent >= policy.bumpAfterBlocks()) {
        replace(split, tip);
      } else if (sent != null) {
        broadcast(split);
      }
    }
  }

  private boolean isLive(Bytes32 txid) {
    return state.splits().live(state.wallet()).stream().anyMatch(one -> one.txid().equals(txid));
  }

  private void replace(SplitLog.Split split, BlockRef tip) {
    int vsize = Transactions.vsize(Transactions.parse(split.raw()));
    int parts = Transactions.parse(split.raw()).txOut.size() - 1;
    FeeRate old = FeeRate.of(split.fee(), vsize);
    FeeRate rate = fees.raised(chain, state.settings().feeRate(), old, tip.height(), NO_DEADLINE);
    Optional<FeeCoin> coin =
        state.wallet().all().stream()
            .map(WalletCoins.Coin::coin)
            .filter(one -> one.outpoint().equals(split.coin()))
            .findFirst();
    if (coin.isPresent() && canSign && rate.compareTo(old) > 0 && !state.settings().paused()) {
      make(coin.get(), parts, rate);
    } else {
      broadcast(split);
    }
  }

  /**
   * Splits when few coins are free.
   *
   * @param claimsWait whether a batch may need the last coin
   * @return whether a split was made
   */
  boolean split(BlockRef tip, boolean claimsWait) {
    if (!canSign
        || policy.feeCoins() == 0
        || state.settings().paused()
        || !state.splits().live(state.wallet()).isEmpty()) {
      return false;
    }
    List<FeeCoin> usable = wallet.spendable(state.reservedCoins());
    int missing = policy.feeCoins() - wallet.spendable(java.util.Set.of()).size();
    boolean few = usable.size() <= (policy.feeCoins() + 1) / 2;
    if (missing <= 0 || !few || usable.isEmpty() || claimsWait && usable.size() == 1) {
      return false;
    }
    FeeRate rate = fees.first(chain, state.settings().feeRate(), tip.height(), NO_DEADLINE);
    return make(usable.getFirst(), missing, rate);
  }

  /** As many parts as the coin has room for. */
  private boolean make(FeeCoin coin, int wanted, FeeRate rate) {
    for (int parts = wanted; parts > 0; parts--) {
      Optional<byte[]> raw = builder.split(coin, parts, policy.feeCoinValue(), rate);
      if (raw.isPresent()) {
        long fee = coin.value() - Transactions.outputSum(Transactions.parse(raw.get()));
        SettlementRecord.WalletSplit record = new SettlementRecord.WalletSplit(fee, raw.get());
        storing.put(Transactions.txid(Transactions.parse(raw.get())), journal.record(record));
        return true;
      }
    }
    return false;
  }
}
