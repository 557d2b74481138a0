package org.micropay.vts.settlement;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;

/**
 * Batches on their way: sent once their bytes are durable, sent again with the same bytes whenever
 * the network may have lost them, raised by replacement when they wait too long, given up when one
 * of their inputs went elsewhere. Keeps nothing that a restart needs. The chain thread owns it.
 *
 * <p>Replacement follows BIP 125: the same claims and fee coins again (so it conflicts with every
 * earlier version, and no claim is ever paid twice), further coins confirmed only, a higher rate,
 * and a fee above all that it evicts, children of others included, plus its own relay.
 */
final class BatchSender {
  private static final int BUMP_TRIES = 4;

  private final Chain chain;
  private final SettlementState state;
  private final SettlementJournal journal;
  private final SpendTracker tracker;
  private final ClaimQueue claims;
  private final FeeWallet wallet;
  private final BatchMaker maker;
  private final FeeSchedule fees;
  private final Alarms alarms;
  private final Map<Bytes32, CompletableFuture<LedgerCommands.Result>> storing = new HashMap<>();
  private final Map<Integer, Integer> sentAtHeight = new HashMap<>();

  BatchSender(
      Chain chain,
      SettlementState state,
      SettlementJournal journal,
      SpendTracker tracker,
      ClaimQueue claims,
      FeeWallet wallet,
      BatchMaker maker,
      FeeSchedule fees,
      Alarms alarms) {
    this.chain = chain;
    this.state = state;
    this.journal = journal;
    this.tracker = tracker;
    this.claims = claims;
    this.wallet = wallet;
    this.maker = maker;
    this.fees = fees;
    this.alarms = alarms;
  }

  /** Stores a transaction; it is sent once it is durable. */
  void store(int number, int attempt, Batch batch) {
    storing.put(
        batch.txid(), journal.record(new SettlementRecord.BatchStored(number, attempt, batch)));
    batch.pairs().forEach(pair -> claims.done(pair.position()));
  }

  /** Sends batches whose bytes are durable. */
  int send(BlockRef tip) {
    int sent = 0;
    for (BatchEntry entry : List.copyOf(state.entries())) {
      Batch batch = entry.latest();
      if (entry.status != BatchEntry.Status.STORED || !isDurable(batch)) {
        continue;
      }
      storing.remove(batch.txid());
      if (chain.broadcast(batch.raw()) instanceof Acceptance.Rejected rejected) {
        onRejected(entry, rejected, tip);
      } else {
        journal.record(new SettlementRecord.BatchBroadcast(entry.number, entry.latestAttempt()));
        sentAtHeight.put(entry.number, tip.height());
        alarms.say("batch " + entry.number + " sent, " + batch.txid().toReversedHex());
      }
      sent++;
    }
    return sent;
  }

  private boolean isDurable(Batch batch) {
    CompletableFuture<LedgerCommands.Result> stored = storing.get(batch.txid());
    // Not among them after a restart: then it came from the journal.
    return stored == null || stored.isDone();
  }

  /** Sends every unconfirmed batch once more; raises those that have waited long. */
  void sendAgain(BlockRef tip) {
    sentAtHeight.keySet().removeIf(number -> !isBroadcast(number));
    alarms.clear(Alarm.BATCH_STUCK);
    for (BatchEntry entry : List.copyOf(state.entries())) {
      if (entry.status == BatchEntry.Status.BROADCAST) {
        sendAgain(entry, tip);
      }
    }
  }

  private boolean isBroadcast(int number) {
    return state.entries().stream()
        .anyMatch(one -> one.number == number && one.status == BatchEntry.Status.BROADCAST);
  }

  private void sendAgain(BatchEntry entry, BlockRef tip) {
    if (chain.broadcast(entry.latest().raw()) instanceof Acceptance.Rejected rejected) {
      onRejected(entry, rejected, tip);
    } else if (tip.height() >= bumpHeight(entry, tip)) {
      bump(entry, tip);
    }
  }

  /** The height from which on a batch that still waits is raised. */
  int bumpHeight(BatchEntry entry, BlockRef tip) {
    int sent = sentAtHeight.computeIfAbsent(entry.number, number -> tip.height());
    return sent + fees.bumpAfterBlocks(tip.height(), entry.deadline());
  }

  private void onRejected(BatchEntry entry, Acceptance.Rejected rejected, BlockRef tip) {
    alarms.say("batch " + entry.number + ": " + rejected.text());
    if (giveUpConflicting(entry) || giveUpMissing(entry, tip)) {
      return;
    }
    switch (rejected.reason()) {
      case FEE_TOO_LOW -> bump(entry, tip);
      // A block holds this very transaction, or the chain moved on: the follower will say.
      case MISSING_INPUTS, CONFLICT, NOT_FINAL -> {}
      case SCRIPT, DUST, TRUC, OTHER -> {
        tracker.abandon(entry, AbandonReason.REFUSED);
        entry.pairs().forEach(pair -> claims.hold(pair.position(), rejected.text()));
        alarms.raise(Alarm.BATCH_REFUSED, "batch " + entry.number + ": " + rejected.text());
      }
    }
  }

  /** Whether transactions of others that spend its inputs are in the mempool. */
  private boolean giveUpConflicting(BatchEntry entry) {
    Map<Outpoint, MempoolSpend> foreign = maker.foreignSpends(entry.latest(), versions(entry));
    if (foreign.isEmpty()) {
      return false;
    }
    tracker.abandon(entry, AbandonReason.CONFLICT);
    for (long position : BatchMaker.positions(entry.latest(), foreign.keySet())) {
      claims.hold(position, "a transaction of others in the mempool spends its escrow");
    }
    return true;
  }

  static Set<Bytes32> versions(BatchEntry entry) {
    Set<Bytes32> own = new HashSet<>();
    entry.attempts.forEach(batch -> own.add(batch.txid()));
    return own;
  }

  /** Whether the chain, at the follower's tip, holds one of its inputs no longer. */
  private boolean giveUpMissing(BatchEntry entry, BlockRef tip) {
    List<Outpoint> inputs = BatchMaker.inputs(entry.latest());
    UtxoAnswer answer = chain.utxos(inputs);
    if (!answer.tip().hash().equals(tip.hash())) {
      return false;
    }
    Set<Outpoint> missing = new HashSet<>(inputs);
    missing.removeAll(answer.utxos().keySet());
    if (missing.isEmpty()) {
      return false;
    }
    tracker.abandon(entry, AbandonReason.INPUT_MISSING);
    for (long position : BatchMaker.positions(entry.latest(), missing)) {
      claims.hold(position, "its escrow is not on the chain");
    }
    return true;
  }

  private void bump(BatchEntry entry, BlockRef tip) {
    if (state.settings().paused()) {
      return;
    }
    if (!maker.canSign()) {
      alarms.raise(
          Alarm.BATCH_STUCK,
          "batch %d waits; sign a replacement: vts settle psbt export --replace %d"
              .formatted(entry.number, entry.number));
      return;
    }
    Batch stuck = entry.latest();
    Optional<FeeRate> override = state.settings().feeRate();
    FeeRate rate = fees.raised(chain, override, stuck.rate(), tip.height(), entry.deadline());
    long evicted =
        entry.attempts.stream()
            .map(batch -> chain.mempoolEntry(batch.txid()))
            .flatMap(Optional::stream)
            .mapToLong(MempoolEntry::familyFees)
            .max()
            .orElse(0);
    List<FeeCoin> coins = wallet.spendable(state.reservedCoins());
    for (int i = 0; i < BUMP_TRIES; i++) {
      if (rate.compareTo(stuck.rate()) <= 0) {
        alarms.raise(
            Alarm.BATCH_STUCK,
            "batch " + entry.number + " waits at the highest allowed fee rate, " + stuck.rate());
        return;
      }
      switch (maker.replace(stuck, versions(entry), evicted, coins, rate)) {
        case BatchMaker.Made made -> {
          store(entry.number, entry.attempts.size(), made.batch());
          sentAtHeight.remove(entry.number);
          return;
        }
        case BatchMaker.Without without -> {
          alarms.say(without.why());
          return;
        }
        case BatchMaker.Failed failed -> {
          alarms.raise(Alarm.BATCH_STUCK, "batch " + entry.number + ": " + failed.why());
          if (!failed.mayNeedMore()) {
            return;
          }
        }
      }
      // Another node's idea of a step, or a child that came meanwhile: try more, within the cap.
      stuck = stuckAt(stuck, rate);
      rate = fees.raised(chain, override, rate, tip.height(), entry.deadline());
    }
  }

  /** The same batch as if it had paid {@code rate} already, so that the next try pays more. */
  private static Batch stuckAt(Batch batch, FeeRate rate) {
    long fee = Math.max(batch.fee(), rate.feeFor(batch.vsize()));
    return new Batch(
        batch.raw(),
        batch.txid(),
        batch.pairs(),
        batch.feeCoins(),
        batch.change(),
        fee,
        batch.vsize());
  }

  /** What is on its way, for a plan. */
  List<SettlementPlan.InFlight> inFlight(BlockRef tip) {
    List<SettlementPlan.InFlight> list = new ArrayList<>();
    for (BatchEntry entry : state.entries()) {
      if (entry.live()) {
        Batch batch = entry.latest();
        list.add(
            new SettlementPlan.InFlight(
                entry.number,
                batch.txid().toReversedHex(),
                entry.attempts.size(),
                batch.pairs().size(),
                batch.vsize(),
                batch.fee(),
                batch.rate().satPerKvb() / 1e3,
                entry.deadline(),
                bumpHeight(entry, tip)));
      }
    }
    return list;
  }
}
