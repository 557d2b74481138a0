package org.micropay.vts.settlement;

import fr.acinq.bitcoin.Block;
import fr.acinq.bitcoin.OutPoint;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxIn;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;

/**
 * Turns granted claims into confirmed batch transactions. Runs on the chain thread, beside the
 * {@link ChainFollower}, which also tells it of blocks. {@link #submit} and {@link #flush} may be
 * called by any thread.
 *
 * <p>What is known for good is in {@link SettlementState}: each change is a journal record first.
 * No transaction is sent before its bytes are durable, and the same bytes are sent again whenever
 * the network may have lost them. Blocks alone decide what is confirmed, spent or lost; the mempool
 * only decides what to try next. Nothing can be paid twice: each claim is one output of the chain.
 */
public final class Settler implements BlockListener {
  private static final int DRAIN_LIMIT = 1_024;

  private record Unresolved(ReleasePair pair, int height) {}

  private final Chain chain;
  private final LedgerCommands commands;
  private final EscrowWatcher watcher;
  private final FeeWallet wallet;
  private final BatchMaker maker;
  private final SettlementPolicy policy;
  private final SettlementState state;
  private final LongSupplier clockMillis;
  private final ArrayBlockingQueue<GrantedClaim> submitted;
  private final ClaimQueue claims = new ClaimQueue();
  private final Deque<Unresolved> unresolved = new ArrayDeque<>();
  private final Deque<CompletableFuture<LedgerCommands.Result>> inFlight = new ArrayDeque<>();
  private final Map<Bytes32, CompletableFuture<LedgerCommands.Result>> storing = new HashMap<>();
  private final Map<Integer, Integer> sentAtHeight = new HashMap<>();
  private final Set<Outpoint> splitting = new HashSet<>();
  private SettlementRecord.WalletSplit split;
  private CompletableFuture<LedgerCommands.Result> splitStored;
  private volatile boolean flush;
  private volatile String condition = "idle";
  private BlockRef maintained;
  private boolean urgent;
  private long nextMake = Long.MIN_VALUE;
  private long nextSend = Long.MIN_VALUE;

  Settler(
      Chain chain,
      LedgerCommands commands,
      EscrowWatcher watcher,
      FeeWallet wallet,
      FeeSigner signer,
      SettlementPolicy policy,
      SettlementState state,
      int queueCapacity,
      LongSupplier clockMillis) {
    this.chain = chain;
    this.commands = commands;
    this.watcher = watcher;
    this.wallet = wallet;
    this.maker = new BatchMaker(chain, signer, policy.maxRate());
    this.policy = policy;
    this.state = state;
    this.submitted = new ArrayBlockingQueue<>(queueCapacity);
    this.clockMillis = clockMillis;
  }

  /**
   * Hands a grant over. Any thread; safe to repeat.
   *
   * @return false when too many wait: hand it over again later, or after a restart
   */
  public boolean submit(GrantedClaim claim) {
    return submitted.offer(claim);
  }

  /** Sends what waits without waiting for more. Any thread. */
  public void flush() {
    flush = true;
  }

  /** One line for people: what it is doing, or what it lacks. */
  public String condition() {
    return condition;
  }

  /** Claims that wait for a batch. The chain thread only. */
  int waiting() {
    return claims.size();
  }

  /** Claims kept out of batches until the next block. The chain thread only. */
  int held() {
    return claims.heldCount();
  }

  /** Takes up the journal's state: undoes what a crash left half told, knows open batches again. */
  void start(int tipHeight) {
    for (SettlementState.Entry entry : List.copyOf(state.entries())) {
      if (entry.live() || entry.status == SettlementState.Status.CONFIRMED) {
        entry.pairs().forEach(claims::know);
      }
    }
    undoFrom(tipHeight + 1);
  }

  /**
   * One step.
   *
   * @param tip of the follower
   * @param synced whether that is the chain's best block
   * @return how much was done
   * @throws IllegalStateException when a record could not be made durable: the process must halt
   */
  int doWork(BlockRef tip, boolean synced) {
    int work = checkDurable() + drain();
    if (!synced) {
      return work;
    }
    long now = clockMillis.getAsLong();
    try {
      if (!wallet.loaded() && !wallet.load(chain, tip)) {
        return work;
      }
      work += resolve();
      work += maintain(tip, now);
      work += send(tip);
      work += make(tip, now);
      work += splitCoins(now);
    } catch (ChainException e) {
      condition = e.getMessage();
      nextMake = now + policy.retryMillis();
    }
    return work;
  }

  private CompletableFuture<LedgerCommands.Result> record(SettlementRecord entry) {
    state.apply(entry);
    CompletableFuture<LedgerCommands.Result> durable = commands.settlement(entry);
    inFlight.addLast(durable);
    return durable;
  }

  private int checkDurable() {
    int done = 0;
    while (!inFlight.isEmpty() && inFlight.peekFirst().isDone()) {
      LedgerCommands.Result result = inFlight.removeFirst().join();
      if (result.code() != 0) {
        throw new IllegalStateException("settlement record refused, code " + result.code());
      }
      done++;
    }
    return done;
  }

  // ---- claims come in

  private int drain() {
    int drained = 0;
    GrantedClaim claim;
    while (drained < DRAIN_LIMIT && (claim = submitted.poll()) != null) {
      accept(claim);
      drained++;
    }
    return drained;
  }

  private void accept(GrantedClaim claim) {
    long position = claim.position();
    if (!state.needs(position)) {
      return;
    }
    ReleasePair pair = claim.pair();
    claims.know(pair);
    if (state.isClosed(position) || state.batchOf(position).isPresent()) {
      return;
    }
    claims.await(pair, clockMillis.getAsLong());
    int spentHeight = watcher.spentHeight(pair.outpoint());
    if (spentHeight > 0) {
      unresolved.add(new Unresolved(pair, spentHeight));
    }
  }

  /** Looks up who spent escrows in blocks that were followed before their claims came in. */
  private int resolve() {
    int resolved = 0;
    while (!unresolved.isEmpty()) {
      Unresolved next = unresolved.peekFirst();
      Optional<ChainBlock> raw = chain.hashAt(next.height()).flatMap(chain::block);
      boolean still = watcher.spentHeight(next.pair().outpoint()) == next.height();
      if (still && raw.isPresent()) {
        findSpend(raw.get(), next.pair());
      }
      unresolved.removeFirst();
      resolved++;
    }
    return resolved;
  }

  private void findSpend(ChainBlock raw, ReleasePair pair) {
    OutPoint wanted = Transactions.outPoint(pair.outpoint());
    for (Transaction tx : Block.read(raw.raw()).tx) {
      List<TxIn> inputs = tx.txIn;
      for (int i = 0; i < inputs.size(); i++) {
        if (inputs.get(i).outPoint.equals(wanted)) {
          onSpend(raw.ref(), new Spend(pair.outpoint(), tx, i), pair);
        }
      }
    }
  }

  // ---- blocks

  @Override
  public void onConnected(BlockRef block, List<Transaction> transactions, List<Spend> spends) {
    for (Spend spend : spends) {
      ReleasePair pair = claims.on(spend.outpoint());
      if (pair != null) {
        onSpend(block, spend, pair);
      }
    }
  }

  private void onSpend(BlockRef block, Spend spend, ReleasePair pair) {
    Optional<SettlementState.AttemptRef> own = state.attempt(Transactions.txid(spend.tx()));
    if (own.isPresent()) {
      confirm(block, own.get());
      return;
    }
    if (state.isClosed(pair.position()) || !state.needs(pair.position())) {
      return;
    }
    state.batchOf(pair.position()).ifPresent(entry -> abandon(entry, AbandonReason.INPUT_SPENT));
    ClaimOutcome outcome =
        BatchMaker.pays(spend.tx(), spend.inputIndex(), pair)
            ? ClaimOutcome.PAID_ELSEWHERE
            : ClaimOutcome.LOST;
    record(
        new SettlementRecord.ClaimClosed(
            pair.position(),
            outcome,
            block.height(),
            pair.value(),
            pair.outpoint(),
            Transactions.txid(spend.tx())));
    claims.done(pair.position());
  }

  private void confirm(BlockRef block, SettlementState.AttemptRef own) {
    SettlementState.Entry entry = own.entry();
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
    record(
        new SettlementRecord.BatchConfirmed(
            entry.number, own.attempt(), block.height(), block.hash()));
    for (ReleasePair pair : entry.pairs()) {
      claims.know(pair);
      claims.done(pair.position());
    }
    sentAtHeight.remove(entry.number);
  }

  private void abandon(SettlementState.Entry entry, AbandonReason reason) {
    record(new SettlementRecord.BatchAbandoned(entry.number, reason));
    sentAtHeight.remove(entry.number);
    long now = clockMillis.getAsLong();
    for (ReleasePair pair : entry.pairs()) {
      claims.await(pair, now);
    }
    urgent = true;
  }

  @Override
  public void onDisconnected(BlockRef block) {
    undoFrom(block.height());
  }

  private void undoFrom(int height) {
    for (SettlementState.Entry entry : List.copyOf(state.entries())) {
      if (entry.confirmed() && entry.height >= height) {
        entry.pairs().forEach(claims::know);
        record(
            new SettlementRecord.BatchUnconfirmed(
                entry.number, entry.confirmedAttempt, entry.height, entry.blockHash));
      }
    }
    for (SettlementRecord.ClaimClosed closed : List.copyOf(state.closedClaims())) {
      if (closed.height() >= height) {
        record(new SettlementRecord.ClaimReopened(closed.position()));
        ReleasePair pair = claims.on(closed.outpoint());
        // After a restart it may not be here yet: it is handed over like every open claim.
        if (pair != null) {
          claims.await(pair, clockMillis.getAsLong());
          urgent = true;
        }
      }
    }
  }

  // ---- batches on their way

  private int maintain(BlockRef tip, long now) {
    boolean newTip = !tip.equals(maintained);
    if (!newTip && now < nextSend) {
      return 0;
    }
    if (newTip) {
      claims.releaseHeld();
      finish(tip);
    }
    for (SettlementState.Entry entry : List.copyOf(state.entries())) {
      if (entry.status == SettlementState.Status.BROADCAST) {
        sendAgain(entry, tip);
      }
    }
    maintained = tip;
    nextSend = now + policy.retryMillis();
    return 1;
  }

  private void finish(BlockRef tip) {
    for (SettlementState.Entry entry : List.copyOf(state.entries())) {
      boolean deep = tip.height() - entry.height + 1 >= policy.finalDepth();
      if (entry.status == SettlementState.Status.CONFIRMED && deep) {
        record(new SettlementRecord.BatchFinal(entry.number, entry.confirmedAttempt, entry.height));
        entry.pairs().forEach(claims::forget);
      }
    }
  }

  /** The same bytes once more, and a higher fee when they have waited long. */
  private void sendAgain(SettlementState.Entry entry, BlockRef tip) {
    if (chain.broadcast(entry.latest().raw()) instanceof Acceptance.Rejected rejected) {
      onRejected(entry, rejected);
      return;
    }
    int sent = sentAtHeight.computeIfAbsent(entry.number, number -> tip.height());
    if (tip.height() - sent >= policy.bumpAfterBlocks()) {
      bump(entry);
    }
  }

  private void onRejected(SettlementState.Entry entry, Acceptance.Rejected rejected) {
    Set<Bytes32> own = new HashSet<>();
    entry.attempts.forEach(batch -> own.add(batch.txid()));
    Map<Outpoint, MempoolSpend> foreign = maker.foreignSpends(entry.latest(), own);
    condition = "batch " + entry.number + ": " + rejected.text();
    if (!foreign.isEmpty()) {
      abandon(entry, AbandonReason.CONFLICT);
      BatchMaker.positions(entry.latest(), foreign.keySet()).forEach(claims::hold);
      return;
    }
    switch (rejected.reason()) {
      case FEE_TOO_LOW -> bump(entry);
      // A block spent an input, or holds this very transaction: the follower is about to say which.
      case MISSING_INPUTS, CONFLICT, NOT_FINAL -> {}
      case SCRIPT, DUST, TRUC, OTHER -> {
        abandon(entry, AbandonReason.REFUSED);
        entry.pairs().forEach(pair -> claims.hold(pair.position()));
      }
    }
  }

  private void bump(SettlementState.Entry entry) {
    Batch stuck = entry.latest();
    FeeRate raised = new FeeRate(stuck.rate().satPerKvb() / 4 * 5 + 1_000);
    FeeRate rate = policy.rate(chain).max(raised).min(policy.maxRate());
    if (rate.compareTo(stuck.rate()) <= 0) {
      condition = "batch " + entry.number + " waits at the highest allowed fee rate";
      return;
    }
    Set<Outpoint> reserved = state.reservedCoins();
    switch (maker.replace(stuck, wallet.spendable(reserved), rate)) {
      case BatchMaker.Made made -> {
        store(entry.number, entry.attempts.size(), made.batch());
        sentAtHeight.remove(entry.number);
      }
      case BatchMaker.Without without -> condition = without.why();
      case BatchMaker.Failed failed -> condition = failed.why();
    }
  }

  private void store(int number, int attempt, Batch batch) {
    storing.put(batch.txid(), record(new SettlementRecord.BatchStored(number, attempt, batch)));
    batch.pairs().forEach(pair -> claims.done(pair.position()));
  }

  /** Sends batches whose bytes are durable. */
  private int send(BlockRef tip) {
    int sent = 0;
    for (SettlementState.Entry entry : List.copyOf(state.entries())) {
      Batch batch = entry.latest();
      if (entry.status != SettlementState.Status.STORED || !isDurable(batch)) {
        continue;
      }
      storing.remove(batch.txid());
      if (chain.broadcast(batch.raw()) instanceof Acceptance.Rejected rejected) {
        onRejected(entry, rejected);
      } else {
        record(new SettlementRecord.BatchBroadcast(entry.number, entry.latestAttempt()));
        sentAtHeight.put(entry.number, tip.height());
        condition = "batch " + entry.number + " sent, " + batch.txid().toReversedHex();
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

  // ---- new batches

  private int make(BlockRef tip, long now) {
    int ready = claims.readyCount();
    if (ready == 0) {
      flush = flush && !submitted.isEmpty();
      urgent = false;
      return 0;
    }
    boolean due =
        ready >= policy.maxClaims()
            || flush
            || urgent
            || now - claims.oldestMillis() >= policy.maxAgeMillis();
    if (!due || now < nextMake) {
      return 0;
    }
    Set<Outpoint> reserved = reservedCoins();
    BatchMaker.Result result =
        maker.make(
            claims.ready(), policy.maxClaims(), wallet.spendable(reserved), policy.rate(chain));
    switch (result) {
      case BatchMaker.Made made -> store(state.nextBatch(), 0, made.batch());
      case BatchMaker.Without without -> {
        without.positions().forEach(claims::hold);
        condition = without.positions().size() + " claims held back: " + without.why();
      }
      case BatchMaker.Failed failed -> {
        condition = failed.why();
        nextMake = now + policy.retryMillis();
      }
    }
    return 1;
  }

  private Set<Outpoint> reservedCoins() {
    Set<Outpoint> reserved = state.reservedCoins();
    reserved.addAll(splitting);
    return reserved;
  }

  // ---- the wallet's coins

  /** Splits a large coin when few are left, so that batches need not wait for change. */
  private int splitCoins(long now) {
    if (split != null) {
      return sendSplit();
    }
    List<FeeCoin> free = wallet.spendable(Set.of());
    splitting.removeIf(outpoint -> free.stream().noneMatch(c -> c.outpoint().equals(outpoint)));
    int missing = policy.feeCoins() - free.size();
    List<FeeCoin> usable = wallet.spendable(reservedCoins());
    if (missing <= 0 || !splitting.isEmpty() || usable.isEmpty() || now < nextMake) {
      return 0;
    }
    if (claims.readyCount() > 0 && usable.size() == 1) {
      return 0;
    }
    FeeCoin coin = usable.getFirst();
    Optional<byte[]> raw =
        maker.builder().split(coin, missing, policy.feeCoinValue(), policy.rate(chain));
    if (raw.isEmpty()) {
      return 0;
    }
    long fee = coin.value() - Transactions.outputSum(Transactions.parse(raw.get()));
    split = new SettlementRecord.WalletSplit(fee, raw.get());
    splitStored = record(split);
    splitting.add(coin.outpoint());
    return 1;
  }

  private int sendSplit() {
    if (!splitStored.isDone()) {
      return 0;
    }
    if (chain.broadcast(split.raw()) instanceof Acceptance.Rejected rejected) {
      condition = "split of a fee coin refused: " + rejected.text();
    }
    split = null;
    return 1;
  }
}
