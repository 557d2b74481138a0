package org.micropay.vts.settlement;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * When a new batch goes out, with which claims, at which rate; and the same as a plan that changes
 * nothing. The chain thread owns it.
 *
 * <pre>
 *  a batch is due when   enough claims wait, or
 *                        one has waited long enough, or
 *                        one is near its refund height, or
 *                        claims came back from a batch that failed, or
 *                        the operator asks
 *  it waits although due while the fee rate is above the policy's patience, unless it is one of the
 *                        last three, or a claim's patience is at its end
 * </pre>
 */
final class BatchScheduler {
  private final Chain chain;
  private final SettlementState state;
  private final SpendTracker tracker;
  private final ClaimQueue claims;
  private final FeeWallet wallet;
  private final BatchMaker maker;
  private final BatchSender sender;
  private final SettlementPolicy policy;
  private final FeeSchedule fees;
  private final Alarms alarms;
  private long nextMake = Long.MIN_VALUE;

  /** Why a batch goes out now. */
  private enum Due {
    NO,
    COUNT,
    AGE,
    REFUND_NEAR,
    REPEATED,
    REQUESTED
  }

  BatchScheduler(
      Chain chain,
      SettlementState state,
      SpendTracker tracker,
      ClaimQueue claims,
      FeeWallet wallet,
      BatchMaker maker,
      BatchSender sender,
      SettlementPolicy policy,
      FeeSchedule fees,
      Alarms alarms) {
    this.chain = chain;
    this.state = state;
    this.tracker = tracker;
    this.claims = claims;
    this.wallet = wallet;
    this.maker = maker;
    this.sender = sender;
    this.policy = policy;
    this.fees = fees;
    this.alarms = alarms;
  }

  /** Tries no new batch before then. */
  void pauseUntil(long millis) {
    nextMake = millis;
  }

  /**
   * Makes one batch when one is due.
   *
   * @param requested whether the operator asks for what is there
   * @return whether anything was done
   */
  boolean make(BlockRef tip, long now, boolean requested) {
    if (claims.readyCount() == 0) {
      tracker.urgent(false);
      alarms.clear(Alarm.FEE_WALLET_EXHAUSTED);
      alarms.clear(Alarm.FEE_RATE_HIGH);
      alarms.clear(Alarm.SIGNATURE_NEEDED);
      return false;
    }
    Due due = due(tip, now, requested);
    if (due == Due.NO || now < nextMake || state.settings().paused()) {
      return false;
    }
    List<ReleasePair> ready = claims.ready();
    FeeRate rate = rate(tip, ready);
    if (isPatient(due, rate, now)) {
      alarms.raise(Alarm.FEE_RATE_HIGH, waits(rate));
      nextMake = now + policy.retryMillis();
      return false;
    }
    alarms.clear(Alarm.FEE_RATE_HIGH);
    // Where the key is elsewhere, what the escrows themselves can pay for still goes out.
    List<FeeCoin> coins = maker.canSign() ? wallet.spendable(state.reservedCoins()) : List.of();
    switch (maker.make(ready, policy.maxClaims(), coins, rate)) {
      case BatchMaker.Made made -> {
        alarms.clear(Alarm.FEE_WALLET_EXHAUSTED);
        alarms.clear(Alarm.SIGNATURE_NEEDED);
        sender.store(state.nextBatch(), 0, made.batch());
      }
      case BatchMaker.Without without -> {
        without.positions().forEach(position -> claims.hold(position, without.why()));
        alarms.say(without.positions().size() + " claims held back: " + without.why());
      }
      case BatchMaker.Failed failed -> {
        raise(failed);
        nextMake = now + policy.retryMillis();
      }
    }
    return true;
  }

  private void raise(BatchMaker.Failed failed) {
    if (!failed.coinsMissing()) {
      alarms.raise(Alarm.BATCH_REFUSED, failed.why());
    } else if (maker.canSign()) {
      alarms.raise(Alarm.FEE_WALLET_EXHAUSTED, failed.why());
    } else {
      alarms.raise(
          Alarm.SIGNATURE_NEEDED,
          claims.readyCount() + " claims wait for the fee wallet's holder: vts settle psbt export");
    }
  }

  private Due due(BlockRef tip, long now, boolean requested) {
    if (requested) {
      return Due.REQUESTED;
    }
    if (fees.isUrgent(tip.height(), claims.nearestRefund())) {
      return Due.REFUND_NEAR;
    }
    if (tracker.urgent()) {
      return Due.REPEATED;
    }
    if (claims.readyCount() >= policy.maxClaims()) {
      return Due.COUNT;
    }
    return now - claims.oldestMillis() >= policy.maxAgeMillis() ? Due.AGE : Due.NO;
  }

  private boolean isPatient(Due due, FeeRate rate, long now) {
    return (due == Due.COUNT || due == Due.AGE)
        && rate.compareTo(policy.patience().rate()) > 0
        && now - claims.oldestMillis() < policy.patience().millis();
  }

  private String waits(FeeRate rate) {
    return "%d claims wait for a rate of at most %s; it is %s"
        .formatted(claims.readyCount(), policy.patience().rate(), rate);
  }

  private FeeRate rate(BlockRef tip, List<ReleasePair> ready) {
    return fees.first(
        chain, state.settings().feeRate(), tip.height(), ready.getFirst().refundHeight());
  }

  /** What would be sent now. Asks the chain for its fee estimate only. */
  SettlementPlan plan(BlockRef tip, long now) {
    List<FeeCoin> coins = new ArrayList<>(wallet.spendable(state.reservedCoins()));
    int free = coins.size();
    long balance = coins.stream().mapToLong(FeeCoin::value).sum();
    List<SettlementPlan.PlannedBatch> batches = new ArrayList<>();
    List<ReleasePair> ready = claims.ready();
    while (!ready.isEmpty()) {
      int count = BatchBuilder.fitting(ready, policy.maxClaims());
      batches.add(planned(batches.size() + 1, tip, now, ready.subList(0, count), coins));
      ready = ready.subList(count, ready.size());
    }
    Optional<FeeRate> override = state.settings().feeRate();
    return new SettlementPlan(
        tip.height(),
        state.settings().paused(),
        chain.estimateFeeRate(policy.targetBlocks()).map(r -> r.satPerKvb() / 1e3).orElse(0.0),
        override.map(rate -> rate.satPerKvb() / 1e3).orElse(0.0),
        claims.size(),
        batches,
        sender.inFlight(tip),
        claims.heldReasons(),
        free,
        balance);
  }

  private SettlementPlan.PlannedBatch planned(
      int order, BlockRef tip, long now, List<ReleasePair> pairs, List<FeeCoin> coins) {
    FeeRate rate = rate(tip, pairs);
    Optional<BatchBuilder.Estimate> estimate =
        BatchBuilder.estimate(pairs, coins, BatchBuilder.Fee.at(rate));
    estimate.ifPresent(used -> coins.removeAll(used.coins()));
    long allowances = pairs.stream().mapToLong(ReleasePair::allowance).sum();
    int vsize =
        estimate.map(BatchBuilder.Estimate::vsize).orElseGet(() -> BatchBuilder.leastVsize(pairs));
    long fee = estimate.map(BatchBuilder.Estimate::fee).orElse(rate.feeFor(vsize));
    return new SettlementPlan.PlannedBatch(
        order,
        dueText(order, tip, now, pairs, rate),
        pairs.stream().map(ReleasePair::position).toList(),
        pairs.getFirst().refundHeight(),
        vsize,
        rate.satPerKvb() / 1e3,
        fee,
        allowances,
        fee - allowances,
        estimate.isPresent());
  }

  private String dueText(int order, BlockRef tip, long now, List<ReleasePair> pairs, FeeRate rate) {
    Due due = due(tip, now, false);
    if (order > 1 && pairs.size() < policy.maxClaims() && due == Due.COUNT) {
      due = now - claims.oldestMillis() >= policy.maxAgeMillis() ? Due.AGE : Due.NO;
    }
    if (state.settings().paused()) {
      return "waits: settlement is paused";
    }
    if (isPatient(due, rate, now)) {
      return "waits for a lower fee rate";
    }
    return switch (due) {
      case NO -> {
        long seconds = (policy.maxAgeMillis() - (now - claims.oldestMillis())) / 1000;
        yield "waits for more claims, %d s at most".formatted(Math.max(0, seconds));
      }
      case COUNT -> "now: enough claims";
      case AGE -> "now: the oldest has waited long enough";
      case REFUND_NEAR -> "now: a refund height is near";
      case REPEATED -> "now: claims of a batch that failed";
      case REQUESTED -> "now: asked for";
    };
  }
}
