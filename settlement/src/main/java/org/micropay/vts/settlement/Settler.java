package org.micropay.vts.settlement;

import fr.acinq.bitcoin.OutPoint;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxIn;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.function.LongSupplier;
import org.agrona.collections.LongArrayList;

/**
 * Turns granted claims into confirmed batch transactions. Runs on the chain thread, beside the
 * {@link ChainFollower}, which also tells it of blocks. {@link #submit} and {@link #flush} may be
 * called by any thread.
 *
 * <p>What is known for good is in {@link SettlementState}: each change is a journal record first.
 * No transaction is sent before its bytes are durable, and the same bytes are sent again whenever
 * the network may have lost them. Blocks alone decide what is confirmed, spent or lost; the mempool
 * only decides what to try next. Nothing can be paid twice: each claim is one output of the chain.
 *
 * <pre>
 *  submit -> claims -> BatchScheduler -> BatchSender -> chain
 *               ^                             |
 *               |  blocks: SpendTracker, FundingWatch, FeeWallet
 * </pre>
 */
public final class Settler implements BlockListener {
  private static final int DRAIN_LIMIT = 1_024;
  private static final int FEW_COINS = 2;
  private static final int MOST_LISTED = 4_096;

  private record Unresolved(ReleasePair pair, int height) {}

  private final Chain chain;
  private final EscrowWatcher watcher;
  private final FeeWallet wallet;
  private final SettlementPolicy policy;
  private final SettlementState state;
  private final SettlementJournal journal;
  private final LongSupplier clockMillis;
  private final ArrayBlockingQueue<GrantedClaim> submitted;
  private final ClaimQueue claims = new ClaimQueue();
  private final Deque<Unresolved> unresolved = new ArrayDeque<>();
  private final Alarms alarms = new Alarms();
  private final SpendTracker tracker;
  private final FundingWatch fundings;
  private final BatchSender sender;
  private final BatchScheduler scheduler;
  private final CoinSplitter splitter;
  private final Optional<ColdBatches> cold;
  private final FeeSchedule fees;
  private volatile boolean flush;
  private BlockRef maintained;
  private long nextSend = Long.MIN_VALUE;
  private long handedThrough;

  Settler(
      Chain chain,
      EscrowWatcher watcher,
      FeeWallet wallet,
      FeeSigner signer,
      SettlementPolicy policy,
      SettlementState state,
      SettlementJournal journal,
      int queueCapacity,
      LongSupplier clockMillis) {
    this.chain = chain;
    this.watcher = watcher;
    this.wallet = wallet;
    this.policy = policy;
    this.state = state;
    this.journal = journal;
    this.submitted = new ArrayBlockingQueue<>(queueCapacity);
    this.clockMillis = clockMillis;
    this.fees = new FeeSchedule(policy);
    BatchMaker maker = new BatchMaker(chain, signer, policy.maxRate());
    this.tracker = new SpendTracker(state, journal, claims, clockMillis);
    this.fundings = new FundingWatch(state, journal, watcher, claims, tracker);
    this.sender =
        new BatchSender(chain, state, journal, tracker, claims, wallet, maker, fees, alarms);
    this.scheduler =
        new BatchScheduler(
            chain, state, tracker, claims, wallet, maker, sender, policy, fees, alarms);
    this.splitter =
        new CoinSplitter(
            chain, state, journal, wallet, maker.builder(), maker.canSign(), policy, fees, alarms);
    this.cold =
        signer instanceof WatchOnlyWallet watched
            ? Optional.of(
                new ColdBatches(chain, state, claims, wallet, watched, maker, sender, policy, fees))
            : Optional.empty();
  }

  /**
   * Hands a grant over. Any thread; safe to repeat.
   *
   * @return false when too many wait: hand it over again later, or after a restart
   */
  public boolean submit(GrantedClaim claim) {
    return submitted.offer(claim);
  }

  /** Says that every grant up to {@code position} was submitted. The chain thread only. */
  void handedThrough(long position) {
    handedThrough = position;
  }

  /** Sends what waits without waiting for more. Any thread. */
  public void flush() {
    flush = true;
  }

  /** One line for people: what it last did, or what it lacks. */
  public String condition() {
    return alarms.last();
  }

  /** The alarms that are up. The chain thread only. */
  Alarms alarms() {
    return alarms;
  }

  /** Claims that wait for a batch. The chain thread only. */
  int waiting() {
    return claims.size();
  }

  /** Claims kept out of batches until the next block. The chain thread only. */
  int held() {
    return claims.heldCount();
  }

  /** What would be sent now. The chain thread only. */
  SettlementPlan plan(BlockRef tip) {
    return scheduler.plan(tip, clockMillis.getAsLong());
  }

  /** The batches of a watch-only fee wallet. The chain thread only. */
  ColdBatches cold() {
    return cold.orElseThrow(
        () ->
            new PsbtRefusal(
                PsbtRefusal.Code.NOT_WATCH_ONLY,
                "the fee wallet's key is here: batches are signed without a PSBT"));
  }

  /** Journals what the operator has set. The chain thread only. */
  void set(OperatorSettings settings) {
    if (!settings.equals(state.settings())) {
      journal.record(new SettlementRecord.OperatorSet(settings));
      scheduler.pauseUntil(Long.MIN_VALUE);
    }
  }

  /** Takes up the journal's state. */
  void start(int tipHeight) {
    tracker.start(tipHeight);
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
    int work = journal.checkDurable() + drain();
    int listed = state.claims().listed();
    if (listed > MOST_LISTED && listed > claims.known().size()) {
      compact();
    }
    if (!synced) {
      return work;
    }
    long now = clockMillis.getAsLong();
    try {
      if (!wallet.loaded() && !wallet.load(chain, tip)) {
        return work;
      }
      work += resolve() + fundings.doWork(chain, tip);
      work += maintain(tip, now);
      work += sender.send(tip) + splitter.send(tip);
      work += make(tip, now);
    } catch (ChainException e) {
      alarms.say(e.getMessage());
      scheduler.pauseUntil(now + policy.retryMillis());
    }
    return work;
  }

  private int make(BlockRef tip, long now) {
    boolean requested = flush;
    int made = scheduler.make(tip, now, requested) ? 1 : 0;
    if (requested && claims.readyCount() == 0) {
      flush = !submitted.isEmpty();
    }
    return made + (splitter.split(tip, claims.readyCount() > 0) ? 1 : 0);
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
    if (!state.isClosed(position) && state.batchOf(position).isEmpty()) {
      claims.await(pair, clockMillis.getAsLong());
      int spentHeight = watcher.spentHeight(pair.outpoint());
      if (spentHeight > 0) {
        unresolved.add(new Unresolved(pair, spentHeight));
      }
    }
    fundings.onClaim(pair);
  }

  /** Where every claim that is open is known, those that are final need not be listed. */
  void compact() {
    if (handedThrough > 0 && submitted.isEmpty()) {
      LongArrayList open = claims.forgetFinal(state);
      open.removeIfLong(position -> position > handedThrough);
      state.compact(handedThrough, open);
    }
  }

  /** Looks up who spent escrows in blocks that were followed before their claims came in. */
  private int resolve() {
    int resolved = 0;
    while (!unresolved.isEmpty()) {
      Unresolved next = unresolved.peekFirst();
      boolean still = watcher.spentHeight(next.pair().outpoint()) == next.height();
      if (still) {
        blockOf(next).ifPresent(raw -> findSpend(raw, next.pair()));
      }
      unresolved.removeFirst();
      resolved++;
    }
    return resolved;
  }

  /** Empty when the node has pruned it: the claim waits for a start beside a node that has it. */
  private Optional<ChainBlock> blockOf(Unresolved claim) {
    try {
      return chain.hashAt(claim.height()).flatMap(chain::block);
    } catch (ChainException e) {
      if (e.kind() != ChainException.Kind.PRUNED) {
        throw e;
      }
      claims.suspend(
          claim.pair().position(), "who spent its escrow is not known: " + e.getMessage());
      alarms.raise(
          Alarm.BLOCK_PRUNED,
          "the escrow of the claim at %d was spent in block %d, which the node has pruned"
              .formatted(claim.pair().position(), claim.height()));
      return Optional.empty();
    }
  }

  private void findSpend(ChainBlock raw, ReleasePair pair) {
    OutPoint wanted = Transactions.outPoint(pair.outpoint());
    for (Transaction tx : WireReader.block(raw.raw()).tx) {
      List<TxIn> inputs = tx.txIn;
      for (int i = 0; i < inputs.size(); i++) {
        if (inputs.get(i).outPoint.equals(wanted)) {
          tracker.onSpend(raw.ref(), new Spend(pair.outpoint(), tx, i), pair);
        }
      }
    }
  }

  // ---- blocks

  @Override
  public void onConnected(BlockRef block, List<Transaction> transactions, List<Spend> spends) {
    tracker.onConnected(block, transactions, spends);
    fundings.onConnected(block, transactions, spends);
  }

  @Override
  public void onDisconnected(BlockRef block) {
    tracker.onDisconnected(block);
    fundings.onDisconnected(block);
  }

  /** What each block calls for, and every now and then what the network may have forgotten. */
  private int maintain(BlockRef tip, long now) {
    boolean newTip = !tip.equals(maintained);
    if (!newTip && now < nextSend) {
      return 0;
    }
    if (newTip) {
      claims.releaseHeld();
      alarms.clear(Alarm.BATCH_REFUSED);
      tracker.finish(tip, policy.finalDepth());
    }
    sender.sendAgain(tip);
    splitter.sendAgain(tip);
    raiseAlarms(tip);
    maintained = tip;
    nextSend = now + policy.retryMillis();
    return 1;
  }

  private void raiseAlarms(BlockRef tip) {
    SettlementState.Totals totals = state.totals();
    int coins = wallet.spendable(java.util.Set.of()).size();
    alarms.set(
        Alarm.FEE_WALLET_LOW,
        coins < FEW_COINS,
        "the fee wallet has " + coins + " confirmed coins, " + wallet.balance() + " satoshi");
    alarms.set(
        Alarm.CLAIMS_UNFUNDED,
        totals.unfunded() > 0,
        totals.unfunded() + " granted claims wait for their escrow's confirmation");
    long lost = totals.lost() + totals.fundingLost();
    alarms.set(Alarm.CLAIMS_LOST, lost > 0, lost + " granted claims are lost");
    int nearest = nearestRefund();
    alarms.set(
        Alarm.REFUND_NEAR,
        fees.isUrgent(tip.height(), nearest),
        "a claim that is not settled can be refunded from block " + nearest + " on");
  }

  /** The lowest refund height of a claim that no block settles yet. */
  private int nearestRefund() {
    int nearest = claims.nearestRefund();
    for (BatchEntry entry : state.entries()) {
      nearest = entry.live() ? Math.min(nearest, entry.deadline()) : nearest;
    }
    return nearest;
  }
}
