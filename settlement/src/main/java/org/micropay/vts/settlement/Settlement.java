package org.micropay.vts.settlement;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Registration;

/**
 * Settlement as the appliance uses it: follower, escrow watcher, fee wallet and settler on one
 * chain thread.
 *
 * <pre>
 *  any thread:    register, submit, flush, plan, change, tip, synced, status
 *  chain thread:  start, then doWork again and again
 * </pre>
 */
public final class Settlement {
  private static final int QUEUE_CAPACITY = 1 << 16;

  private final Chain chain;
  private final SettlementState state;
  private final EscrowWatcher watcher;
  private final FeeWallet wallet;
  private final Settler settler;
  private final PenaltyState penaltyState;
  private final Penalties penalties;
  private final ChainFollower follower;
  private final ConcurrentLinkedQueue<Runnable> questions = new ConcurrentLinkedQueue<>();
  private volatile Status status;

  /**
   * What settlement shows.
   *
   * @param totals from the journal
   * @param waiting claims that wait for a batch
   * @param held of these, kept back, most of them until the next block
   * @param walletBalance confirmed satoshi of the fee wallet
   * @param watched outputs under watch
   * @param pending registrations that wait for their funding
   * @param paused whether the operator has paused it
   * @param feeRateOverride sat/vB that the operator has set; 0 for the estimate
   * @param chainCode why the chain is not followed, or SYNCED
   * @param chainCondition the same in words
   * @param hintsLost notifications of the node that are known to be lost; polling makes up for them
   * @param condition what the settler last did, or lacks
   * @param alarms what the operator should look at, with one line each
   * @param penalties what became of the deposits of buyers who spent twice
   * @param penaltyCondition what the penalty last did, or lacks
   */
  public record Status(
      SettlementState.Totals totals,
      int waiting,
      int held,
      long walletBalance,
      int watched,
      int pending,
      boolean paused,
      double feeRateOverride,
      ChainCode chainCode,
      String chainCondition,
      long hintsLost,
      String condition,
      Map<Alarm, String> alarms,
      PenaltyState.Totals penalties,
      String penaltyCondition) {}

  /**
   * Puts the parts together; {@link #start} begins.
   *
   * @param state replayed from the journal, or new
   * @param penaltyState likewise
   * @param clockMillis real time: ages, polling and pauses, never a decision on a claim
   */
  public Settlement(
      Chain chain,
      LedgerCommands commands,
      FeeSigner signer,
      SettlementPolicy policy,
      FollowerConfig followerConfig,
      SettlementState state,
      PenaltyState penaltyState,
      LongSupplier clockMillis) {
    this.chain = chain;
    this.state = Objects.requireNonNull(state);
    this.penaltyState = Objects.requireNonNull(penaltyState);
    SettlementJournal journal = new SettlementJournal(state, commands);
    this.watcher = new EscrowWatcher(QUEUE_CAPACITY);
    this.wallet = new FeeWallet(walletScript(signer), state.wallet(), journal::record);
    this.settler =
        new Settler(
            chain, watcher, wallet, signer, policy, state, journal, QUEUE_CAPACITY, clockMillis);
    this.penalties =
        new Penalties(
            chain,
            commands,
            watcher,
            wallet,
            signer.canSign()
                ? Optional.of(new BurnBuilder(new BatchBuilder(signer), walletScript(signer)))
                : Optional.empty(),
            policy,
            penaltyState,
            state,
            clockMillis);
    wallet.reserve(penaltyState::reservedCoins);
    this.follower =
        new ChainFollower(
            chain,
            commands,
            watcher,
            List.of(wallet, settler, penalties),
            followerConfig,
            clockMillis);
    this.status = snapshot();
  }

  /** The fee wallet's output script: P2WPKH of the signer's key. */
  public static byte[] walletScript(FeeSigner signer) {
    return BatchBuilder.walletScript(signer);
  }

  /**
   * Takes up the ledger's state.
   *
   * @param recent the last blocks that the ledger knows, oldest first, ending with its tip; empty
   *     for a new ledger
   * @param outputs escrows and deposits that the ledger knows
   */
  public void start(List<BlockRef> recent, Collection<WatchedOutput> outputs) {
    follower.start(recent, outputs);
    follower
        .tip()
        .ifPresent(
            tip -> {
              wallet.start(tip.height());
              settler.start(tip.height());
              penalties.start(tip.height());
            });
  }

  /**
   * One step of everything.
   *
   * @return how much was done; 0 when there is nothing to do now
   * @throws RuntimeException when the process must halt
   */
  public int doWork() {
    int work = follower.doWork();
    Optional<BlockRef> tip = follower.tip();
    if (tip.isPresent()) {
      work += settler.doWork(tip.get(), follower.synced());
      work += penalties.doWork(tip.get(), follower.synced());
    }
    Runnable question;
    while ((question = questions.poll()) != null) {
      question.run();
      work++;
    }
    if (work > 0) {
      status = snapshot();
    }
    return work;
  }

  private Status snapshot() {
    OperatorSettings settings = state.settings();
    settler
        .alarms()
        .set(
            Alarm.SETTLEMENT_PAUSED,
            settings.paused(),
            "paused by the operator; nothing new is signed until it is resumed");
    ChainCondition condition = follower.condition();
    return new Status(
        state.totals(),
        settler.waiting(),
        settler.held(),
        wallet.balance(),
        watcher.watched(),
        watcher.pending(),
        settings.paused(),
        settings.feeRate().map(rate -> rate.satPerKvb() / 1e3).orElse(0.0),
        condition.code(),
        condition.text(),
        chain.hintsLost(),
        settler.condition(),
        settler.alarms().raised(),
        penaltyState.totals(),
        penalties.condition());
  }

  /** Runs a question on the chain thread. */
  private <T> CompletableFuture<T> ask(Supplier<T> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    questions.add(
        () -> {
          try {
            answer.complete(question.get());
          } catch (RuntimeException e) {
            answer.completeExceptionally(e);
          }
        });
    return answer;
  }

  /**
   * What would be sent now. Any thread.
   *
   * @return completes on the chain thread; exceptionally with a {@link ChainException} when the
   *     chain does not answer or was never seen
   */
  public CompletableFuture<SettlementPlan> plan() {
    return ask(
        () ->
            settler.plan(
                follower
                    .tip()
                    .orElseThrow(
                        () ->
                            new ChainException(
                                ChainException.Kind.UNAVAILABLE, "the chain was never seen"))));
  }

  /**
   * A batch for the holder of a watch-only fee wallet to sign. Any thread.
   *
   * @param replaced number of a batch that waits for its confirmation; 0 for a new one
   * @return completes on the chain thread; exceptionally with {@link PsbtRefusal} or {@link
   *     ChainException}
   */
  public CompletableFuture<ExportedPsbt> exportPsbt(int replaced) {
    return ask(() -> settler.cold().export(syncedTip(), replaced));
  }

  /**
   * Takes a batch that the holder signed. Any thread.
   *
   * @param psbt BIP 174, version 0
   * @return completes with its txid once it is checked and on its way into the journal;
   *     exceptionally with {@link PsbtRefusal} or {@link ChainException}
   */
  public CompletableFuture<Bytes32> importPsbt(byte[] psbt) {
    return ask(
        () -> {
          syncedTip();
          return settler.cold().accept(psbt);
        });
  }

  /** Coins of the fee wallet that nothing counts on. The chain thread only. */
  List<FeeCoin> freeCoins() {
    return wallet.spendable(state.reservedCoins());
  }

  private BlockRef syncedTip() {
    if (!follower.synced()) {
      throw new ChainException(ChainException.Kind.UNAVAILABLE, follower.condition().text());
    }
    return follower.tip().orElseThrow();
  }

  /**
   * Changes what the operator has set; journaled. Any thread.
   *
   * @return the settings in force from then on
   */
  public CompletableFuture<OperatorSettings> change(UnaryOperator<OperatorSettings> change) {
    return ask(
        () -> {
          settler.set(change.apply(state.settings()));
          return state.settings();
        });
  }

  /** See {@link EscrowWatcher#register}. */
  public CompletableFuture<EscrowWatcher.Answer> register(
      Registration registration, String client) {
    return watcher.register(registration, client);
  }

  /** See {@link Settler#submit}. */
  public boolean submit(GrantedClaim claim) {
    return settler.submit(claim);
  }

  /**
   * Says that every grant up to {@code position} was submitted, so that settled ones need not be
   * listed one by one. The chain thread only.
   */
  public void handedThrough(long position) {
    settler.handedThrough(position);
  }

  /** Compacts now what is known of final claims. The chain thread only. */
  void compact() {
    settler.compact();
  }

  /** See {@link Penalties#submit}. */
  public boolean submit(ProvenDoubleSpend proof) {
    return penalties.submit(proof);
  }

  /** See {@link Settler#flush}. */
  public void flush() {
    settler.flush();
  }

  /** The last block told to the ledger. */
  public Optional<BlockRef> tip() {
    return follower.tip();
  }

  /** Whether the chain can be believed and the follower is at its best block. */
  public boolean synced() {
    return follower.synced();
  }

  /** As of the last step that did something. */
  public Status status() {
    return status;
  }

  /** The journal's state. The chain thread only. */
  public SettlementState state() {
    return state;
  }

  /** The penalty's. The chain thread only. */
  PenaltyState penaltyState() {
    return penaltyState;
  }
}
