package org.micropay.vts.settlement;

import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.agrona.collections.LongArrayList;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;

/**
 * Everything that settlement knows for good: a fold over its journal records and nothing else, so
 * that replaying them after a restart gives the same state. No I/O, clock or randomness.
 *
 * <pre>
 *  claim:  open -> in a batch -> confirmed -> final
 *               -> closed (paid elsewhere, lost, funding double-spent) -> final
 *          any of these, beside it: unfunded, while its escrow's block is undone
 *  batch:  stored -> broadcast -> confirmed -> final
 *               -> abandoned (its claims are open again; it may still be confirmed later)
 *  split:  stored -> confirmed
 * </pre>
 *
 * A reorganization takes each arrow backwards. Bytes of a batch are kept {@link #HORIZON} blocks
 * beyond finality. Not thread-safe; the chain thread owns it.
 */
public final class SettlementState {
  /** Blocks below the newest final batch after which nothing is expected to come back. */
  static final int HORIZON = 144;

  private final ClaimLog claims = new ClaimLog();
  private final BatchLog batches = new BatchLog(claims);
  private final SplitLog splits = new SplitLog();
  private final WalletCoins wallet = new WalletCoins();
  private OperatorSettings settings = OperatorSettings.NONE;

  /**
   * Folds one record in.
   *
   * @throws IllegalStateException when it cannot follow what was folded before
   */
  public void apply(SettlementRecord entry) {
    switch (entry) {
      case SettlementRecord.BatchStored stored -> batches.store(stored);
      case SettlementRecord.BatchBroadcast sent -> batches.broadcast(sent);
      case SettlementRecord.BatchConfirmed confirmed -> batches.confirm(confirmed);
      case SettlementRecord.BatchUnconfirmed undone -> batches.unconfirm(undone);
      case SettlementRecord.BatchAbandoned abandoned -> batches.abandon(abandoned);
      case SettlementRecord.ClaimClosed claim -> close(claim);
      case SettlementRecord.ClaimReopened claim -> claims.reopen(claim);
      case SettlementRecord.BatchFinal last -> {
        batches.finish(last);
        prune(last.height());
      }
      case SettlementRecord.WalletSplit split -> splits.store(split);
      case SettlementRecord.ClaimUnfunded claim -> claims.unfund(claim);
      case SettlementRecord.ClaimFunded claim -> claims.fund(claim);
      case SettlementRecord.OperatorSet operator -> settings = operator.settings();
      case SettlementRecord.SplitConfirmed split -> splits.confirm(split);
      case SettlementRecord.SplitUnconfirmed split -> splits.unconfirm(split);
      case SettlementRecord.WalletChanged change -> wallet.apply(change);
      case SettlementRecord.WalletUndone undone -> wallet.apply(undone);
    }
  }

  private void close(SettlementRecord.ClaimClosed claim) {
    if (batches.holds(claim.position())) {
      throw new IllegalStateException("claim " + claim.position() + " closed, but in a batch");
    }
    claims.close(claim);
    prune(claim.height());
  }

  private void prune(int height) {
    batches.prune(height - HORIZON);
    claims.prune(height - HORIZON);
  }

  /**
   * Whether settlement still needs the claim and its counter-signature, to be handed over after a
   * restart: false once it is final.
   */
  public boolean needs(long position) {
    return !claims.isFinal(position);
  }

  /**
   * Forgets which grants are final one by one: up to a position all are but some. Says the same of
   * every grant as before.
   *
   * @param through position up to which every grant is known to the caller
   * @param open positions of all grants up to there that are not final
   */
  public void compact(long through, LongArrayList open) {
    claims.compact(through, open);
  }

  /** How the claim ended outside our batches, if it did. */
  public Optional<ClaimOutcome> outcome(long position) {
    return claims.outcome(position);
  }

  /** Satoshi of all confirmed batches. */
  public Account account() {
    return batches.account();
  }

  /** What the operator has set. */
  public OperatorSettings settings() {
    return settings;
  }

  /** Positions of the claims in a batch whose fate may still change. */
  public List<Long> claimsOf(int batch) {
    return batches.claimsOf(batch);
  }

  /** From a snapshot. */
  void restore(OperatorSettings operator) {
    settings = operator;
  }

  ClaimLog claims() {
    return claims;
  }

  BatchLog batches() {
    return batches;
  }

  SplitLog splits() {
    return splits;
  }

  WalletCoins wallet() {
    return wallet;
  }

  int nextBatch() {
    return batches.nextBatch();
  }

  Collection<BatchEntry> entries() {
    return batches.entries();
  }

  Optional<BatchLog.AttemptRef> attempt(Bytes32 txid) {
    return batches.attempt(txid);
  }

  /** The live or confirmed batch that holds the claim. */
  Optional<BatchEntry> batchOf(long position) {
    return batches.batchOf(position);
  }

  Collection<SettlementRecord.ClaimClosed> closedClaims() {
    return claims.closed();
  }

  boolean isClosed(long position) {
    return claims.isClosed(position);
  }

  /** Coins that live batches and splits count on. */
  Set<Outpoint> reservedCoins() {
    Set<Outpoint> reserved = batches.reservedCoins();
    splits.live(wallet).forEach(split -> reserved.add(split.coin()));
    return reserved;
  }

  /**
   * Numbers for people and programs.
   *
   * @param batchesStored all batches ever stored
   * @param inFlight claims in batches that are not confirmed
   * @param confirmed claims in confirmed batches that are not final
   * @param settled claims in final batches
   * @param paidElsewhere claims that a transaction of others paid
   * @param lost claims whose escrow went elsewhere
   * @param fundingLost claims whose escrow's funding was double-spent in a reorganization
   * @param unfunded claims whose escrow is without its block at present
   * @param account satoshi of all confirmed batches
   * @param splitFees satoshi paid to split coins of the fee wallet
   */
  public record Totals(
      int batchesStored,
      long inFlight,
      long confirmed,
      long settled,
      long paidElsewhere,
      long lost,
      long fundingLost,
      long unfunded,
      Account account,
      long splitFees) {}

  /** The totals now. */
  public Totals totals() {
    long inFlight = 0;
    long confirmed = 0;
    for (BatchEntry entry : batches.entries()) {
      inFlight += entry.live() ? entry.pairs().size() : 0;
      confirmed += entry.status == BatchEntry.Status.CONFIRMED ? entry.pairs().size() : 0;
    }
    long unfunded =
        claims.unfunded().stream().filter(claim -> !claims.isClosed(claim.position())).count();
    return new Totals(
        batches.nextBatch() - 1,
        inFlight,
        confirmed,
        claims.settled(),
        claims.count(ClaimOutcome.PAID_ELSEWHERE),
        claims.count(ClaimOutcome.LOST),
        claims.count(ClaimOutcome.FUNDING_DOUBLE_SPENT),
        unfunded,
        batches.account(),
        splits.fees());
  }

  @Override
  public boolean equals(Object object) {
    return object instanceof SettlementState other
        && batches.equals(other.batches)
        && claims.equals(other.claims)
        && splits.equals(other.splits)
        && wallet.equals(other.wallet)
        && settings.equals(other.settings);
  }

  @Override
  public int hashCode() {
    return Objects.hash(batches, claims);
  }

  @Override
  public String toString() {
    return totals() + " " + batches + " " + claims + " " + splits + " " + wallet;
  }
}
