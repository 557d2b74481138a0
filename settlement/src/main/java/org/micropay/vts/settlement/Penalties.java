package org.micropay.vts.settlement;

import fr.acinq.bitcoin.Transaction;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.micropay.vts.ticket.Outpoint;

/**
 * Burns the deposits of buyers who spent an escrow twice. Runs on the chain thread beside the
 * {@link Settler}, with the same order of things: bytes durable before they are sent, the same
 * bytes again on any doubt, blocks alone decide what happened. {@link #submit} may be called by any
 * thread.
 *
 * <p>A burn that waits is replaced by one that pays more, with coins of the fee wallet beside the
 * deposit; near the deposit's refund height, where the buyer can take it back, by the {@link
 * FeeSchedule} of haste.
 */
final class Penalties implements BlockListener {
  private static final int QUEUE_CAPACITY = 4_096;
  private final Chain chain;
  private final LedgerCommands commands;
  private final EscrowWatcher watcher;
  private final FeeWallet wallet;
  private final Optional<BurnBuilder> builder;
  private final SettlementPolicy policy;
  private final FeeSchedule fees;
  private final PenaltyState state;
  private final SettlementState settlement;
  private final LongSupplier clockMillis;
  private final ArrayBlockingQueue<ProvenDoubleSpend> submitted =
      new ArrayBlockingQueue<>(QUEUE_CAPACITY);
  // Proofs in hand by their deposit: what is not stored yet, or may come back.
  private final Map<Outpoint, ProvenDoubleSpend> proofs = new LinkedHashMap<>();
  private final Deque<CompletableFuture<LedgerCommands.Result>> inFlight = new ArrayDeque<>();
  private final Map<Long, CompletableFuture<LedgerCommands.Result>> storing = new HashMap<>();
  private final Map<Long, Integer> sentAtHeight = new HashMap<>();
  private final Set<Outpoint> unresolved = new HashSet<>();
  // Refused by the chain: tried again at the next block or after the pause.
  private final Set<Long> refused = new HashSet<>();
  private BlockRef maintained;
  private long nextSend = Long.MIN_VALUE;
  private volatile String condition = "idle";

  /**
   * Puts it together.
   *
   * @param builder makes burns; empty when the fee wallet's key is elsewhere, and then a burn pays
   *     its own fee only
   * @param settlement names the coins that its batches count on, and whether the operator paused
   */
  Penalties(
      Chain chain,
      LedgerCommands commands,
      EscrowWatcher watcher,
      FeeWallet wallet,
      Optional<BurnBuilder> builder,
      SettlementPolicy policy,
      PenaltyState state,
      SettlementState settlement,
      LongSupplier clockMillis) {
    this.chain = chain;
    this.commands = commands;
    this.watcher = watcher;
    this.wallet = wallet;
    this.builder = builder;
    this.policy = policy;
    this.fees = new FeeSchedule(policy);
    this.state = state;
    this.settlement = settlement;
    this.clockMillis = clockMillis;
  }

  /** Hands a proof over. Any thread; safe to repeat. False when too many wait. */
  boolean submit(ProvenDoubleSpend proof) {
    return submitted.offer(proof);
  }

  /** One line for people. */
  String condition() {
    return condition;
  }

  /** Undoes what a crash left half told. */
  void start(int tipHeight) {
    undoFrom(tipHeight + 1);
  }

  /**
   * One step.
   *
   * @return how much was done
   * @throws IllegalStateException when a record could not be made durable: the process must halt
   */
  int doWork(BlockRef tip, boolean synced) {
    int work = checkDurable() + drain();
    if (!synced || !wallet.loaded()) {
      return work;
    }
    try {
      return work + resolve() + send(tip) + maintain(tip, clockMillis.getAsLong());
    } catch (ChainException e) {
      condition = e.getMessage();
      return work;
    }
  }

  private CompletableFuture<LedgerCommands.Result> record(PenaltyRecord entry) {
    state.apply(entry);
    CompletableFuture<LedgerCommands.Result> durable = commands.penalty(entry);
    inFlight.addLast(durable);
    return durable;
  }

  private int checkDurable() {
    int done = 0;
    while (!inFlight.isEmpty() && inFlight.peekFirst().isDone()) {
      LedgerCommands.Result result = inFlight.removeFirst().join();
      if (result.code() != 0) {
        throw new IllegalStateException("penalty record refused, code " + result.code());
      }
      done++;
    }
    return done;
  }

  private int drain() {
    int drained = 0;
    ProvenDoubleSpend proof;
    while ((proof = submitted.poll()) != null) {
      drained++;
      Outpoint deposit = proof.deposit().outpoint();
      if (proofs.putIfAbsent(deposit, proof) == null && watcher.spentHeight(deposit) > 0) {
        unresolved.add(deposit);
      }
      maintained = null;
    }
    return drained;
  }

  /** Looks up who spent deposits in blocks that were followed before their proofs came in. */
  private int resolve() {
    int resolved = unresolved.size();
    for (Outpoint deposit : Set.copyOf(unresolved)) {
      int height = watcher.spentHeight(deposit);
      Optional<ChainBlock> raw = chain.hashAt(height).flatMap(chain::block);
      if (height > 0 && raw.isPresent()) {
        onTransactions(raw.get().ref(), WireReader.block(raw.get().raw()).tx, Set.of(deposit));
      }
      unresolved.remove(deposit);
    }
    return resolved;
  }

  // ---- blocks

  @Override
  public void onConnected(BlockRef block, List<Transaction> transactions, List<Spend> spends) {
    Set<Outpoint> followed = new HashSet<>(proofs.keySet());
    state.entries().forEach(entry -> followed.add(entry.deposit));
    if (!followed.isEmpty()) {
      onTransactions(block, transactions, followed);
    }
  }

  private void onTransactions(BlockRef block, List<Transaction> transactions, Set<Outpoint> of) {
    for (Transaction tx : transactions) {
      for (int i = 0; i < tx.txIn.size(); i++) {
        Outpoint spent = Transactions.outpoint(tx.txIn.get(i).outPoint);
        if (of.contains(spent)) {
          onSpend(block, tx, i, spent);
        }
      }
    }
  }

  private void onSpend(BlockRef block, Transaction tx, int input, Outpoint deposit) {
    Optional<PenaltyState.Entry> known = state.on(deposit);
    if (known.isPresent() && known.get().confirmed()
        || known.map(entry -> entry.status == PenaltyState.Status.GONE).orElse(false)) {
      return;
    }
    if (known.isPresent()) {
      List<Burn> attempts = known.get().attempts;
      for (int i = 0; i < attempts.size(); i++) {
        if (attempts.get(i).txid().equals(Transactions.txid(tx))) {
          record(
              new PenaltyRecord.BurnConfirmed(known.get().proof, i, block.height(), block.hash()));
          sentAtHeight.remove(known.get().proof);
          return;
        }
      }
    }
    BurnPair pair = pair(deposit, known);
    long proof = known.map(entry -> entry.proof).orElseGet(() -> proofs.get(deposit).position());
    DepositOutcome outcome =
        pair.isBurntBy(tx, input) ? DepositOutcome.BURNED_ELSEWHERE : DepositOutcome.TAKEN_BACK;
    record(
        new PenaltyRecord.DepositGone(
            proof, outcome, block.height(), pair.value(), deposit, Transactions.txid(tx)));
    sentAtHeight.remove(proof);
    condition = "deposit " + deposit + ": " + outcome + " by " + tx.txid;
  }

  private BurnPair pair(Outpoint deposit, Optional<PenaltyState.Entry> known) {
    return known
        .filter(entry -> !entry.attempts.isEmpty())
        .map(entry -> entry.latest().pair())
        .orElseGet(() -> proofs.get(deposit).pair());
  }

  @Override
  public void onDisconnected(BlockRef block) {
    undoFrom(block.height());
  }

  private void undoFrom(int height) {
    for (PenaltyState.Entry entry : List.copyOf(state.entries())) {
      if (entry.height < height) {
        continue;
      }
      if (entry.confirmed()) {
        record(
            new PenaltyRecord.BurnUnconfirmed(
                entry.proof, entry.confirmedAttempt, entry.height, entry.hash));
      } else if (entry.status == PenaltyState.Status.GONE) {
        record(new PenaltyRecord.DepositReturned(entry.proof));
      }
    }
    maintained = null;
  }

  // ---- burns on their way

  /** Sends burns whose bytes are durable. */
  private int send(BlockRef tip) {
    int sent = 0;
    for (PenaltyState.Entry entry : List.copyOf(state.entries())) {
      boolean ready = entry.status == PenaltyState.Status.STORED && isDurable(entry);
      if (ready && !refused.contains(entry.proof)) {
        storing.remove(entry.proof);
        Acceptance answer = chain.broadcast(entry.latest().raw());
        if (answer.ok()) {
          record(new PenaltyRecord.BurnBroadcast(entry.proof, entry.attempts.size() - 1));
          sentAtHeight.put(entry.proof, tip.height());
          condition =
              "burn of " + entry.deposit + " sent, " + entry.latest().txid().toReversedHex();
          sent++;
        } else {
          refused.add(entry.proof);
          onRejected(entry, (Acceptance.Rejected) answer, tip);
        }
      }
    }
    return sent;
  }

  private boolean isDurable(PenaltyState.Entry entry) {
    CompletableFuture<LedgerCommands.Result> stored = storing.get(entry.proof);
    return stored == null || stored.isDone();
  }

  private int maintain(BlockRef tip, long now) {
    if (tip.equals(maintained) && now < nextSend) {
      return 0;
    }
    refused.clear();
    int done = 0;
    for (ProvenDoubleSpend proof : List.copyOf(proofs.values())) {
      done += begin(proof, tip);
    }
    for (PenaltyState.Entry entry : List.copyOf(state.entries())) {
      switch (entry.status) {
        case CONFIRMED -> finish(entry, tip);
        case BROADCAST -> sendAgain(entry, tip);
        case STORED, OPEN, FINAL, GONE -> {}
      }
    }
    maintained = tip;
    nextSend = now + policy.retryMillis();
    return done + 1;
  }

  /** Stores the first burn of a proof, when there is none yet. */
  private int begin(ProvenDoubleSpend proof, BlockRef tip) {
    Outpoint deposit = proof.deposit().outpoint();
    Optional<PenaltyState.Entry> known = state.on(deposit);
    boolean open = known.isEmpty() || known.get().status == PenaltyState.Status.OPEN;
    if (!open || unresolved.contains(deposit)) {
      return 0;
    }
    long position = known.map(entry -> entry.proof).orElse(proof.position());
    FeeRate rate =
        fees.first(
            chain, settlement.settings().feeRate(), tip.height(), proof.deposit().refundHeight());
    return build(position, 0, proof.pair(), List.of(), BatchBuilder.Fee.at(rate)) ? 1 : 0;
  }

  private boolean build(
      long proof, int attempt, BurnPair pair, List<FeeCoin> required, BatchBuilder.Fee fee) {
    if (settlement.settings().paused()) {
      condition = "burn of " + pair.outpoint() + ": paused, nothing new is signed";
      return false;
    }
    Optional<Burn> burn = tryBuild(pair, required, fee);
    if (burn.isEmpty()) {
      condition =
          "burn of %s: its own fee of %d satoshi and the fee wallet's free coins do not pay for %s"
              .formatted(pair.outpoint(), pair.burnFee(), fee.rate());
      // Too low for the rate that we want is still better than nothing, if nodes relay it.
      burn = attempt > 0 ? burn : tryBuild(pair, List.of(), BatchBuilder.Fee.at(FeeRate.MIN_RELAY));
    }
    refused.remove(proof);
    burn.ifPresent(
        made -> storing.put(proof, record(new PenaltyRecord.BurnStored(proof, attempt, made))));
    return burn.isPresent();
  }

  private Optional<Burn> tryBuild(BurnPair pair, List<FeeCoin> required, BatchBuilder.Fee fee) {
    Set<Outpoint> reserved = new HashSet<>(settlement.reservedCoins());
    reserved.addAll(state.reservedCoins());
    List<FeeCoin> own = new ArrayList<>(builder.isEmpty() ? List.of() : wallet.coins(reserved));
    return builder
        .map(one -> one.build(pair, required, own, fee))
        .orElseGet(() -> BurnBuilder.alone(pair, fee));
  }

  private void finish(PenaltyState.Entry entry, BlockRef tip) {
    if (tip.height() - entry.height + 1 >= policy.finalDepth()) {
      record(new PenaltyRecord.BurnFinal(entry.proof, entry.height));
    }
  }

  /** The same bytes once more, and a higher fee when they have waited long. */
  private void sendAgain(PenaltyState.Entry entry, BlockRef tip) {
    if (chain.broadcast(entry.latest().raw()) instanceof Acceptance.Rejected rejected) {
      onRejected(entry, rejected, tip);
      return;
    }
    int sent = sentAtHeight.computeIfAbsent(entry.proof, proof -> tip.height());
    int patience = fees.bumpAfterBlocks(tip.height(), entry.latest().pair().refundHeight());
    if (tip.height() - sent >= patience) {
      bump(entry, entry.latest().feeCoins(), tip);
    }
  }

  private void onRejected(PenaltyState.Entry entry, Acceptance.Rejected rejected, BlockRef tip) {
    condition = "burn of " + entry.deposit + ": " + rejected.text();
    switch (rejected.reason()) {
      case FEE_TOO_LOW -> bump(entry, entry.latest().feeCoins(), tip);
      // A fee coin went elsewhere, or a block holds the deposit's spend and is about to be told.
      case MISSING_INPUTS, CONFLICT -> replaceCoins(entry, tip);
      case NOT_FINAL, SCRIPT, DUST, TRUC, OTHER -> {}
    }
  }

  private void replaceCoins(PenaltyState.Entry entry, BlockRef tip) {
    List<Outpoint> coins = entry.latest().feeCoins().stream().map(FeeCoin::outpoint).toList();
    if (chain.utxos(coins).utxos().size() < coins.size()) {
      bump(entry, List.of(), tip);
    }
  }

  private void bump(PenaltyState.Entry entry, List<FeeCoin> coins, BlockRef tip) {
    Burn stuck = entry.latest();
    FeeRate rate =
        fees.raised(
            chain,
            settlement.settings().feeRate(),
            stuck.rate(),
            tip.height(),
            stuck.pair().refundHeight());
    if (rate.compareTo(stuck.rate()) <= 0) {
      condition = "burn of " + entry.deposit + " waits at the highest allowed fee rate";
      return;
    }
    // A replacement pays for itself above what it replaces, one more fee input included.
    long step = FeeRate.MIN_RELAY.feeFor(stuck.vsize() + 2 * 100);
    BatchBuilder.Fee fee = new BatchBuilder.Fee(rate, Math.addExact(stuck.fee(), step));
    if (build(entry.proof, entry.attempts.size(), stuck.pair(), coins, fee)) {
      sentAtHeight.remove(entry.proof);
    }
  }
}
