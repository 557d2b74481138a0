package org.micropay.vts.settlement;

import java.util.List;
import java.util.Optional;
import org.micropay.vts.settlement.Escrows.Escrow;
import org.micropay.vts.settlement.Escrows.Grant;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;

/** Scenarios in which somebody else spends what a batch is about to spend. */
final class ConflictScenarios {
  private ConflictScenarios() {}

  static List<Scenario> all() {
    return List.of(
        new Scenario(
            "merchant-before",
            "a merchant broadcasts his own pair before the batch is made",
            ConflictScenarios::merchantBefore),
        new Scenario(
            "merchant-with",
            "a merchant's pair and the batch meet: other nodes mine his",
            ConflictScenarios::merchantWith),
        new Scenario(
            "merchant-after",
            "a merchant broadcasts his pair after the batch is mined",
            ConflictScenarios::merchantAfter),
        new Scenario(
            "merchant-outbids",
            "a merchant replaces the batch in the mempool with a higher fee",
            ConflictScenarios::merchantOutbids),
        new Scenario(
            "refund-race",
            "batches are not mined until a buyer's refund is, which wins one of the escrows",
            ConflictScenarios::refundRace),
        new Scenario(
            "pinned-mempool",
            "a child of the batch with a high fee makes its replacement dear",
            ConflictScenarios::pinnedByChild),
        new Scenario(
            "pinned-low",
            "a merchant's pair with too low a fee sits in the mempool and is not mined",
            ConflictScenarios::pinnedLow),
        new Scenario(
            "fee-coin-gone",
            "somebody with the fee key spends the coin that a batch counts on",
            ConflictScenarios::feeCoinGone));
  }

  private static void merchantBefore(ScenarioRun run) {
    List<Escrow> escrows = run.registered(4);
    Grant second = escrows.get(1).grant(2, ScenarioRun.merchant(2).p2wpkh());
    run.require(run.chain.broadcast(ScenarioRun.release(second)).ok(), "the pair was refused");
    List<Grant> grants = run.grant(escrows);
    run.appliance.settle();
    run.require(run.appliance.batch(1).pairs().size() == 3, "the batch should hold 3 claims");
    run.step("the pair is in the mempool, the batch leaves it out");
    run.mine(1);
    expect(run, grants.get(1), ClaimOutcome.PAID_ELSEWHERE);
  }

  private static void merchantWith(ScenarioRun run) {
    List<Grant> grants = run.grant(run.registered(4));
    run.appliance.settle();
    run.dev.loseMempool();
    run.require(
        run.chain.broadcast(ScenarioRun.release(grants.get(2))).ok(), "the pair was refused");
    run.mine(1);
    run.step("the batch of 4 is sent; a block holds the merchant's own transaction");
    run.require(
        run.appliance.batch(1).status == BatchEntry.Status.ABANDONED, "batch 1 is not given up");
    run.require(run.appliance.batch(2).pairs().size() == 3, "batch 2 should hold 3 claims");
    expect(run, grants.get(2), ClaimOutcome.PAID_ELSEWHERE);
    run.step("the other 3 claims go out in a new batch");
  }

  private static void merchantAfter(ScenarioRun run) {
    List<Grant> grants = run.grant(run.registered(3));
    run.appliance.settle();
    run.mine(1);
    Acceptance answer = run.chain.broadcast(ScenarioRun.release(grants.getFirst()));
    run.require(!answer.ok(), "the chain took the pair a second time");
    run.step("the chain refuses the merchant's transaction: %s", answer);
    run.require(run.totals().confirmed() == 3, "3 claims should be confirmed");
  }

  private static void merchantOutbids(ScenarioRun run) {
    Keys rich = Keys.named("rich at " + run.chain.tip());
    FeeCoin coin = new FeeCoin(run.dev.fund(BatchBuilder.walletScript(rich), 80_000), 80_000);
    List<Grant> grants = run.grant(run.registered(4));
    run.appliance.settle();
    Batch batch = run.appliance.batch(1).latest();
    byte[] outbid =
        new BatchBuilder(rich)
            .build(
                List.of(grants.getFirst().pair()),
                List.of(coin),
                List.of(),
                BatchBuilder.Fee.at(new FeeRate(200_000)))
            .orElseThrow()
            .raw();
    run.require(run.chain.broadcast(outbid).ok(), "the higher bid was refused");
    run.require(!run.inMempool(batch.txid()), "both are in the mempool");
    run.waitForRetry();
    run.require(
        run.appliance.batch(1).status == BatchEntry.Status.ABANDONED, "batch 1 is not given up");
    run.step("the merchant's transaction took the batch's place; the other 3 go out anew");
    run.mine(1);
    expect(run, grants.getFirst(), ClaimOutcome.PAID_ELSEWHERE);
    run.require(run.totals().confirmed() == 3, "3 claims should be confirmed");
  }

  private static void refundRace(ScenarioRun run) {
    int refundHeight = run.chain.tip().height() + 5;
    List<Escrow> escrows = run.registered(3, refundHeight);
    List<Grant> grants = run.grant(escrows);
    run.appliance.settle();
    run.step("3 claims are sent, their refund height is %d", refundHeight);
    run.dev.loseMempool();
    while (run.chain.tip().height() < refundHeight) {
      run.dev.mineEmpty(1, run.dev.wallet().script());
    }
    run.require(
        run.chain.broadcast(ScenarioRun.refund(escrows.getFirst())).ok(), "the refund was refused");
    run.mine(1);
    run.step("the miners left the batch out; the first buyer's refund is mined");
    expect(run, grants.getFirst(), ClaimOutcome.LOST);
    run.require(
        run.appliance.settlement.status().alarms().containsKey(Alarm.CLAIMS_LOST), "no alarm");
    run.mine(1);
    run.require(run.totals().confirmed() == 2, "2 claims should be confirmed");
    run.step("the other 2 claims are batched anew and mined");
  }

  private static void pinnedByChild(ScenarioRun run) {
    List<Grant> grants = run.grant(run.registered(4));
    run.appliance.settle();
    Batch first = run.appliance.batch(1).latest();
    Keys merchant = ScenarioRun.merchant(grants.getFirst().position());
    long payout = grants.getFirst().pair().payout();
    byte[] child =
        KeyedPayment.of(
            3,
            merchant,
            new FeeCoin(new Outpoint(first.txid(), 0), payout),
            List.of(new Payment(BatchBuilder.walletScript(Keys.named("elsewhere")), 50_000)));
    run.require(run.chain.broadcast(child).ok(), "the child was refused");
    long family = run.chain.mempoolEntry(first.txid()).orElseThrow().familyFees();
    run.step("the batch pays %,d sat, with the child that pins it %,d", first.fee(), family);
    run.mineEmpty(ScenarioRun.POLICY.bumpAfterBlocks());
    Batch second = run.appliance.batch(1).latest();
    run.require(run.inMempool(second.txid()), "the replacement is not in the mempool");
    run.require(second.fee() > family, "the replacement pays " + second.fee());
    run.step("the replacement pays %,d sat and evicts both", second.fee());
  }

  private static void pinnedLow(ScenarioRun run) {
    List<Escrow> escrows = run.registered(3);
    Grant first = escrows.getFirst().grant(1, ScenarioRun.merchant(1).p2wpkh());
    run.require(run.chain.broadcast(ScenarioRun.release(first)).ok(), "the pair was refused");
    run.grant(escrows);
    run.appliance.settle();
    run.mineEmpty(2);
    run.appliance.settle();
    run.require(run.appliance.batch(1).pairs().size() == 2, "the batch should hold 2 claims");
    run.require(run.appliance.settlement.status().held() == 1, "one claim should be held");
    run.step("the pinned claim waits, the others are on their way");
    run.dev.loseMempool();
    run.waitForRetry();
    run.mine(1);
    run.step("the mempool forgot the pin: the claim goes out with the next batch");
  }

  private static void feeCoinGone(ScenarioRun run) {
    run.grant(run.registered(3));
    run.appliance.settle();
    Batch batch = run.appliance.batch(1).latest();
    FeeCoin coin = batch.feeCoins().getFirst();
    run.dev.loseMempool();
    byte[] spend =
        KeyedPayment.of(
            2,
            run.feeKey,
            coin,
            List.of(new Payment(BatchBuilder.walletScript(run.feeKey), coin.value() - 1_000)));
    run.require(run.chain.broadcast(spend).ok(), "the spend of the fee coin was refused");
    run.lostFromWallet(1_000);
    run.mine(1);
    Bytes32 txid = batch.txid();
    run.require(!run.inMempool(txid), "the batch is still in the mempool");
    run.waitForRetry();
    run.require(run.appliance.batch(2).pairs().size() == 3, "batch 2 should hold 3 claims");
    run.step("the batch is given up, its claims go out with another coin");
  }

  private static void expect(ScenarioRun run, Grant grant, ClaimOutcome outcome) {
    run.require(
        run.outcomeOf(grant).equals(Optional.of(outcome)),
        "grant " + grant.position() + " should be " + outcome);
    run.step("grant %d is reported as %s", grant.position(), outcome);
  }
}
