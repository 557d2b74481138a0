package org.micropay.vts.settlement;

import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.micropay.vts.ticket.Registration;

/**
 * Settlement as the appliance uses it: follower, escrow watcher, fee wallet and settler on one
 * chain thread.
 *
 * <pre>
 *  any thread:    register, submit, flush, tip, synced, condition, status
 *  chain thread:  start, then doWork again and again
 * </pre>
 */
public final class Settlement {
  private static final int QUEUE_CAPACITY = 1 << 16;

  private final SettlementState state;
  private final EscrowWatcher watcher;
  private final FeeWallet wallet;
  private final Settler settler;
  private final ChainFollower follower;
  private volatile Status status;

  /**
   * What settlement shows.
   *
   * @param totals from the journal
   * @param waiting claims that wait for a batch
   * @param held of these, kept back until the next block
   * @param walletBalance confirmed satoshi of the fee wallet
   * @param watched outputs under watch
   * @param chainCondition "synced", or why not
   * @param condition what the settler last did, or lacks
   */
  public record Status(
      SettlementState.Totals totals,
      int waiting,
      int held,
      long walletBalance,
      int watched,
      String chainCondition,
      String condition) {}

  /**
   * Puts the parts together; {@link #start} begins.
   *
   * @param state replayed from the journal, or new
   * @param clockMillis real time: ages, polling and pauses, never a decision on a claim
   */
  public Settlement(
      Chain chain,
      LedgerCommands commands,
      FeeSigner signer,
      SettlementPolicy policy,
      FollowerConfig followerConfig,
      SettlementState state,
      LongSupplier clockMillis) {
    this.state = Objects.requireNonNull(state);
    this.watcher = new EscrowWatcher(QUEUE_CAPACITY);
    this.wallet = new FeeWallet(walletScript(signer), followerConfig.horizon());
    this.settler =
        new Settler(
            chain, commands, watcher, wallet, signer, policy, state, QUEUE_CAPACITY, clockMillis);
    this.follower =
        new ChainFollower(
            chain, commands, watcher, List.of(wallet, settler), followerConfig, clockMillis);
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
    follower.tip().ifPresent(tip -> settler.start(tip.height()));
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
    }
    if (work > 0) {
      status = snapshot();
    }
    return work;
  }

  private Status snapshot() {
    return new Status(
        state.totals(),
        settler.waiting(),
        settler.held(),
        wallet.balance(),
        watcher.watched(),
        follower.condition(),
        settler.condition());
  }

  /** See {@link EscrowWatcher#register}. */
  public CompletableFuture<EscrowWatcher.Answer> register(Registration registration) {
    return watcher.register(registration);
  }

  /** See {@link Settler#submit}. */
  public boolean submit(GrantedClaim claim) {
    return settler.submit(claim);
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
}
