package org.micropay.vts.settlement;

import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxOut;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;

/**
 * Makes a batch that the chain would take now: builds, checks, tries. Keeps no state; the chain
 * thread calls it.
 */
final class BatchMaker {
  /** What came of it. */
  sealed interface Result {}

  /** Ready to be stored. */
  record Made(Batch batch) implements Result {}

  /** These claims are in the way; the rest may try again. */
  record Without(Set<Long> positions, String why) implements Result {}

  /**
   * Nothing can be made now.
   *
   * @param coinsMissing whether the fee wallet has too little
   * @param mayNeedMore whether a higher fee may help
   */
  record Failed(String why, boolean coinsMissing, boolean mayNeedMore) implements Result {}

  private final Chain chain;
  private final BatchBuilder builder;
  private final BatchChecker checker;
  private final FeeRate maxRate;
  private final boolean canSign;

  BatchMaker(Chain chain, FeeSigner signer, FeeRate maxRate) {
    this.chain = chain;
    this.builder = new BatchBuilder(signer);
    this.maxRate = maxRate;
    this.canSign = signer.canSign();
    this.checker = new BatchChecker(BatchBuilder.walletScript(signer), maxRate);
  }

  /** Whether the fee wallet's key is at hand. */
  boolean canSign() {
    return canSign;
  }

  BatchBuilder builder() {
    return builder;
  }

  /**
   * Makes a new batch of the first claims that fit.
   *
   * @param ready in order of urgency
   */
  Result make(List<ReleasePair> ready, int maxClaims, List<FeeCoin> coins, FeeRate rate) {
    List<ReleasePair> pairs = ready.subList(0, BatchBuilder.fitting(ready, maxClaims));
    Set<Long> paying = alreadyPaying(pairs);
    if (!paying.isEmpty()) {
      return new Without(paying, "the merchant's own transaction is in the mempool");
    }
    return attempt(pairs, List.of(), coins, BatchBuilder.Fee.at(rate), Set.of());
  }

  /**
   * Makes a replacement for a transaction that is stuck.
   *
   * @param own all its versions so far
   * @param evicted satoshi that pay for what it takes out of the mempool, children included
   */
  Result replace(Batch stuck, Set<Bytes32> own, long evicted, List<FeeCoin> coins, FeeRate rate) {
    // The step must pay for the replacement's own size, which one more fee input may enlarge.
    long step = FeeRate.MIN_RELAY.feeFor(stuck.vsize() + 2 * 100);
    long least = Math.addExact(Math.max(stuck.fee(), evicted), step);
    BatchBuilder.Fee fee = new BatchBuilder.Fee(rate, least);
    return attempt(stuck.pairs(), stuck.feeCoins(), coins, fee, own);
  }

  private Result attempt(
      List<ReleasePair> pairs,
      List<FeeCoin> required,
      List<FeeCoin> coins,
      BatchBuilder.Fee fee,
      Set<Bytes32> own) {
    Optional<Batch> built = builder.build(pairs, required, coins, fee);
    if (built.isEmpty()) {
      return new Failed(
          "the fee wallet has no confirmed coins for a batch of "
              + pairs.size()
              + " claims at "
              + fee.rate(),
          true,
          false);
    }
    return examine(built.get(), own);
  }

  /** All objections to a batch that was not built here. */
  List<BatchChecker.Problem> problems(Batch batch) {
    return checker.check(batch, chain.utxos(inputs(batch)));
  }

  /** The last look at a signed batch. */
  Result examine(Batch batch, Set<Bytes32> own) {
    if (batch.fee() > BatchChecker.mostFee(maxRate, batch.vsize())) {
      return new Failed(
          "a fee of " + batch.fee() + " satoshi would be above the cap of " + maxRate,
          false,
          false);
    }
    Result objection = check(batch);
    if (objection != null) {
      return objection;
    }
    return switch (chain.testAccept(batch.raw())) {
      case Acceptance.Accepted accepted -> new Made(batch);
      case Acceptance.AlreadyKnown known -> new Made(batch);
      case Acceptance.Rejected rejected -> rejected(batch, rejected, own);
    };
  }

  /** Our own checks; null when there is no objection. */
  private Result check(Batch batch) {
    List<BatchChecker.Problem> problems = checker.check(batch, chain.utxos(inputs(batch)));
    if (problems.isEmpty()) {
      return null;
    }
    Set<Long> positions = new HashSet<>();
    for (BatchChecker.Problem problem : problems) {
      if (problem.kind() == BatchChecker.Kind.STRUCTURE) {
        throw new IllegalStateException("built a wrong batch, not sent: " + problem.text());
      }
      if (problem.input() < batch.pairs().size()) {
        positions.add(batch.pairs().get(problem.input()).position());
      }
    }
    String first = problems.getFirst().text();
    return positions.isEmpty()
        ? new Failed("a coin of the fee wallet is not usable: " + first, false, false)
        : new Without(positions, first);
  }

  private Result rejected(Batch batch, Acceptance.Rejected rejected, Set<Bytes32> own) {
    Set<Long> conflicting = positions(batch, foreignSpends(batch, own).keySet());
    return conflicting.isEmpty()
        ? new Failed(
            "the chain refuses a batch: " + rejected.text(),
            false,
            rejected.reason() == RejectReason.CONFLICT
                || rejected.reason() == RejectReason.FEE_TOO_LOW)
        : new Without(conflicting, rejected.text());
  }

  /** Claims that a transaction in the mempool pays as they are to be paid. */
  private Set<Long> alreadyPaying(List<ReleasePair> pairs) {
    Map<Outpoint, MempoolSpend> spends =
        chain.spendersInMempool(pairs.stream().map(ReleasePair::outpoint).toList());
    Set<Long> paying = new HashSet<>();
    for (ReleasePair pair : pairs) {
      MempoolSpend spend = spends.get(pair.outpoint());
      if (spend != null && pays(Transactions.parse(spend.raw()), spend.inputIndex(), pair)) {
        paying.add(pair.position());
      }
    }
    return paying;
  }

  /** Whether a transaction that spends the escrow at {@code input} pays the merchant there. */
  static boolean pays(Transaction tx, int input, ReleasePair pair) {
    if (input >= tx.txOut.size()) {
      return false;
    }
    TxOut out = tx.txOut.get(input);
    return Transactions.value(out) >= pair.payout()
        && Arrays.equals(Transactions.script(out), pair.payoutScript().toArray());
  }

  /** Which inputs of a batch transactions of others spend in the mempool. */
  Map<Outpoint, MempoolSpend> foreignSpends(Batch batch, Set<Bytes32> own) {
    Map<Outpoint, MempoolSpend> spends = chain.spendersInMempool(inputs(batch));
    spends.values().removeIf(spend -> own.contains(spend.txid()));
    return spends;
  }

  /** The claims of a batch on these escrows. */
  static Set<Long> positions(Batch batch, Set<Outpoint> outpoints) {
    Set<Long> positions = new HashSet<>();
    for (ReleasePair pair : batch.pairs()) {
      if (outpoints.contains(pair.outpoint())) {
        positions.add(pair.position());
      }
    }
    return positions;
  }

  /** Everything that a batch spends. */
  static List<Outpoint> inputs(Batch batch) {
    List<Outpoint> inputs = new ArrayList<>();
    batch.pairs().forEach(pair -> inputs.add(pair.outpoint()));
    batch.feeCoins().forEach(coin -> inputs.add(coin.outpoint()));
    return inputs;
  }
}
