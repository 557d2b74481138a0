package org.micropay.vts.settlement;

import fr.acinq.bitcoin.Transaction;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.micropay.vts.ticket.Bytes32;

/**
 * What blocks do to batches, claims and splits: confirmed, taken by others, undone. The chain
 * thread owns it.
 */
final class SpendTracker implements BlockListener {
  private final SettlementState state;
  private final SettlementJournal journal;
  private final ClaimQueue claims;
  private final LongSupplier clockMillis;
  private boolean urgent;

  SpendTracker(
      SettlementState state,
      SettlementJournal journal,
      ClaimQueue claims,
      LongSupplier clockMillis) {
    this.state = state;
    this.journal = journal;
    this.claims = claims;
    this.clockMillis = clockMillis;
  }

  /** Whether claims came back from a batch that failed: they do not wait for more claims. */
  boolean urgent() {
    return urgent;
  }

  void urgent(boolean value) {
    urgent = value;
  }

  /** Takes up the journal's state: knows open batches, undoes what a crash left half told. */
  void start(int tipHeight) {
    for (BatchEntry entry : List.copyOf(state.entries())) {
      if (entry.live() || entry.status == BatchEntry.Status.CONFIRMED) {
        entry.pairs().forEach(claims::know);
      }
    }
    undoFrom(tipHeight + 1);
  }

  @Override
  public void onConnected(BlockRef block, List<Transaction> transactions, List<Spend> spends) {
    for (Spend spend : spends) {
      ReleasePair pair = claims.on(spend.outpoint());
      if (pair != null) {
        onSpend(block, spend, pair);
      }
    }
    if (!state.splits().all().isEmpty()) {
      transactions.forEach(tx -> confirmSplit(Transactions.txid(tx), block.height()));
    }
  }

  private void confirmSplit(Bytes32 txid, int height) {
    if (state.splits().get(txid).filter(split -> split.height() == 0).isPresent()) {
      journal.record(new SettlementRecord.SplitConfirmed(txid, height));
    }
  }

  /** The escrow of a claim that is not final is spent. */
  void onSpend(BlockRef block, Spend spend, ReleasePair pair) {
    Optional<BatchLog.AttemptRef> own = state.attempt(Transactions.txid(spend.tx()));
    if (own.isPresent()) {
      confirm(block, own.get());
      return;
    }
    boolean pays = BatchMaker.pays(spend.tx(), spend.inputIndex(), pair);
    close(
        pair,
        pays ? ClaimOutcome.PAID_ELSEWHERE : ClaimOutcome.LOST,
        block.height(),
        Transactions.txid(spend.tx()));
  }

  /** A claim ends outside our batches; nothing happens when it has ended already. */
  void close(ReleasePair pair, ClaimOutcome outcome, int height, Bytes32 txid) {
    if (state.isClosed(pair.position()) || !state.needs(pair.position())) {
      return;
    }
    AbandonReason reason =
        outcome == ClaimOutcome.FUNDING_DOUBLE_SPENT
            ? AbandonReason.INPUT_MISSING
            : AbandonReason.INPUT_SPENT;
    state.batchOf(pair.position()).ifPresent(entry -> abandon(entry, reason));
    journal.record(
        new SettlementRecord.ClaimClosed(
            pair.position(), outcome, height, pair.value(), pair.outpoint(), txid));
    claims.done(pair.position());
  }

  private void confirm(BlockRef block, BatchLog.AttemptRef own) {
    BatchEntry entry = own.entry();
    if (entry.confirmed()) {
      return;
    }
    // An abandoned transaction that made it after all: whatever took its claims over is dead.
    for (ReleasePair pair : entry.pairs()) {
      state
          .batchOf(pair.position())
          .filter(other -> other != entry)
          .ifPresent(other -> abandon(other, AbandonReason.SUPERSEDED));
    }
    journal.record(
        new SettlementRecord.BatchConfirmed(
            entry.number, own.attempt(), block.height(), block.hash()));
    for (ReleasePair pair : entry.pairs()) {
      claims.know(pair);
      claims.done(pair.position());
    }
  }

  /** Gives a batch up; its claims wait again. */
  void abandon(BatchEntry entry, AbandonReason reason) {
    journal.record(new SettlementRecord.BatchAbandoned(entry.number, reason));
    entry.pairs().forEach(this::await);
    urgent = true;
  }

  private void await(ReleasePair pair) {
    claims.await(pair, clockMillis.getAsLong());
    if (state.claims().isUnfunded(pair.position())) {
      claims.suspend(pair.position(), FundingWatch.WHY);
    }
  }

  /** A confirmed batch that is deep enough is final. */
  void finish(BlockRef tip, int finalDepth) {
    for (BatchEntry entry : List.copyOf(state.entries())) {
      boolean deep = tip.height() - entry.height + 1 >= finalDepth;
      if (entry.status == BatchEntry.Status.CONFIRMED && deep) {
        journal.record(
            new SettlementRecord.BatchFinal(entry.number, entry.confirmedAttempt, entry.height));
        entry.pairs().forEach(claims::forget);
      }
    }
  }

  @Override
  public void onDisconnected(BlockRef block) {
    undoFrom(block.height());
  }

  private void undoFrom(int height) {
    for (BatchEntry entry : List.copyOf(state.entries())) {
      if (entry.confirmed() && entry.height >= height) {
        entry.pairs().forEach(claims::know);
        journal.record(
            new SettlementRecord.BatchUnconfirmed(
                entry.number, entry.confirmedAttempt, entry.height, entry.blockHash));
      }
    }
    for (SettlementRecord.ClaimClosed closed : List.copyOf(state.closedClaims())) {
      if (closed.height() >= height) {
        journal.record(new SettlementRecord.ClaimReopened(closed.position()));
        ReleasePair pair = claims.on(closed.outpoint());
        // After a restart it may not be here yet: it is handed over like every open claim.
        if (pair != null) {
          await(pair);
          urgent = true;
        }
      }
    }
    for (SplitLog.Split split : List.copyOf(state.splits().all())) {
      if (split.height() >= height) {
        journal.record(new SettlementRecord.SplitUnconfirmed(split.txid()));
      }
    }
  }
}
