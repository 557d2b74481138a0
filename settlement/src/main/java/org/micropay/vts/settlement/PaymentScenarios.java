package org.micropay.vts.settlement;

import java.util.List;
import java.util.Optional;
import org.micropay.vts.settlement.Escrows.Escrow;
import org.micropay.vts.settlement.Escrows.Grant;
import org.micropay.vts.ticket.Bytes32;

/** Scenarios in which all goes well: volume, size, the operator's hand, the buyer's refund. */
final class PaymentScenarios {
  private static final int MANY = 1_000;
  private static final int MANY_COINS = 16;
  private static final int LARGEST = 75;
  private static final FeeRate DEAR = new FeeRate(50_000);
  private static final FeeRate CHEAP = new FeeRate(8_000);
  private static final SettlementPolicy.Patience PATIENCE =
      new SettlementPolicy.Patience(new FeeRate(10_000), 3_600_000, 2);

  private PaymentScenarios() {}

  static List<Scenario> all() {
    return List.of(
        new Scenario(
            "thousand-claims",
            "1,000 escrows are funded, claimed and settled in many batches",
            PaymentScenarios::thousandClaims),
        new Scenario(
            "largest-batch",
            "the largest batch is accepted; tampered with, it is rejected by us and by the chain",
            PaymentScenarios::largestBatch),
        new Scenario(
            "operator",
            "the operator plans, pauses, sets a fee rate, and resumes",
            PaymentScenarios::operator),
        new Scenario(
            "patience",
            "claims wait for more claims, then for cheaper blocks, and no longer than they may",
            PaymentScenarios::patience),
        new Scenario(
            "buyer-refund",
            "a buyer takes an unclaimed escrow back, from its refund height on and not before",
            PaymentScenarios::buyerRefund));
  }

  private static void thousandClaims(ScenarioRun run) {
    run.fundWallet(MANY_COINS, 100_000);
    List<Escrow> escrows = run.registered(MANY);
    run.step("%d escrows funded, confirmed and registered", MANY);
    run.grant(escrows);
    run.appliance.run();
    SettlementPlan plan = run.appliance.plan();
    run.step(
        "%d claims granted; %d batches under way, %d claims wait",
        MANY, plan.inFlight().size(), plan.waiting());
    int blocks = 0;
    while (run.totals().settled() < MANY && blocks < 60) {
      run.appliance.settle();
      run.mine(1);
      blocks++;
    }
    run.step("settled by %d batches in %d blocks", run.totals().batchesStored(), blocks);
    run.require(run.totals().settled() == MANY, "not all claims were settled");
    run.require(run.totals().batchesStored() >= MANY / LARGEST, "too few batches");
  }

  private static void largestBatch(ScenarioRun run) {
    run.grant(run.registered(LARGEST));
    run.appliance.run();
    Batch batch = run.appliance.batch(1).latest();
    run.require(run.inMempool(batch.txid()), "the chain does not have the batch");
    run.step(
        "%d claims in one transaction of %,d vB, accepted", batch.pairs().size(), batch.vsize());
    run.dev.loseMempool();
    for (Tampering.Kind kind : Tampering.Kind.values()) {
      Batch tampered = Tampering.of(batch, kind);
      BatchChecker checker =
          new BatchChecker(BatchBuilder.walletScript(run.feeKey), ScenarioRun.POLICY.maxRate());
      UtxoAnswer inputs = run.chain.utxos(BatchMaker.inputs(batch));
      run.require(!checker.check(tampered, inputs).isEmpty(), kind + " passed our own check");
      Acceptance answer = run.chain.testAccept(tampered.raw());
      run.require(!answer.ok(), kind + " passed the chain's check");
      run.step("%s: rejected by us and by the chain", kind.text());
    }
    run.waitForRetry();
    run.require(run.inMempool(batch.txid()), "the batch was not sent again");
  }

  private static void operator(ScenarioRun run) {
    run.appliance.change(settings -> settings.withPaused(true));
    run.grant(run.registered(5));
    run.appliance.settle();
    run.require(run.totals().batchesStored() == 0, "a batch was sent while paused");
    SettlementPlan plan = run.appliance.plan();
    run.require(plan.paused() && plan.batches().size() == 1, "the plan is " + plan);
    run.step("paused: 5 claims wait, the plan shows %s", plan.batches().getFirst());
    run.appliance.crashAndRestart();
    run.appliance.run();
    run.require(run.appliance.settlement.status().paused(), "a restart forgot the pause");
    FeeRate rate = new FeeRate(17_000);
    run.appliance.change(settings -> settings.withFeeRate(Optional.of(rate)).withPaused(false));
    run.appliance.settle();
    Batch batch = run.appliance.batch(1).latest();
    run.require(batch.rate().compareTo(rate) >= 0, "the batch pays " + batch.rate());
    run.step("resumed at %s: the batch pays %s", rate, batch.rate());
    run.appliance.change(settings -> OperatorSettings.NONE);
  }

  private static void patience(ScenarioRun run) {
    run.waitingFor(PATIENCE);
    price(run, DEAR);
    run.grant(run.registered(3));
    run.appliance.run();
    expectWaiting(run, 0, "waits for more claims");
    pass(run, ScenarioRun.POLICY.maxAgeMillis());
    expectWaiting(run, 0, "waits for a lower fee rate");
    run.require(
        run.appliance.settlement.status().alarms().containsKey(Alarm.FEE_RATE_HIGH), "no alarm");
    price(run, CHEAP);
    run.appliance.run();
    expectSent(run, 1, CHEAP);
    run.step("the rate falls to %s: the batch goes out", CHEAP);
    price(run, DEAR);
    run.grant(run.registered(2));
    run.appliance.run();
    pass(run, PATIENCE.millis() - 1);
    expectWaiting(run, 1, "waits for a lower fee rate");
    pass(run, 1 + ScenarioRun.POLICY.retryMillis());
    expectSent(run, 2, DEAR);
    run.step("after %d s of dear blocks the next goes out all the same", PATIENCE.millis() / 1_000);
    run.grant(run.registered(1, run.chain.tip().height() + 2 + PATIENCE.urgentBlocks()));
    run.appliance.run();
    pass(run, ScenarioRun.POLICY.maxAgeMillis());
    expectWaiting(run, 2, "waits for a lower fee rate");
    run.mineEmpty(1);
    run.waitForRetry();
    expectSent(run, 3, DEAR);
    run.step("%d blocks before a refund nothing waits", PATIENCE.urgentBlocks());
    run.appliance.change(settings -> OperatorSettings.NONE);
  }

  private static void price(ScenarioRun run, FeeRate rate) {
    run.appliance.change(settings -> settings.withFeeRate(Optional.of(rate)));
  }

  private static void pass(ScenarioRun run, long millis) {
    run.appliance.clock.addAndGet(millis);
    run.appliance.run();
  }

  private static void expectWaiting(ScenarioRun run, int batches, String why) {
    run.require(run.totals().batchesStored() == batches, "a batch was sent too early");
    String due = run.appliance.plan().batches().getFirst().due();
    run.require(due.startsWith(why), "the plan says: " + due);
    run.step("%s: the claims are kept", due);
  }

  private static void expectSent(ScenarioRun run, int batch, FeeRate rate) {
    run.require(run.totals().batchesStored() == batch, "batch " + batch + " is not there");
    FeeRate paid = run.appliance.batch(batch).latest().rate();
    run.require(paid.compareTo(rate) >= 0, "batch " + batch + " pays " + paid);
  }

  private static void buyerRefund(ScenarioRun run) {
    int refundHeight = run.chain.tip().height() + 6;
    List<Escrow> escrows = run.registered(2, refundHeight);
    byte[] refund = ScenarioRun.refund(escrows.get(0));
    while (run.chain.tip().height() < refundHeight - 1) {
      run.mineEmpty(1);
    }
    Acceptance early = run.chain.testAccept(refund);
    run.require(!early.ok(), "a refund was accepted at tip " + run.chain.tip().height());
    run.step("at tip %d the refund is refused: %s", refundHeight - 1, early);
    run.mineEmpty(1);
    run.require(run.chain.broadcast(refund).ok(), "the refund was refused at its height");
    run.mine(1);
    Bytes32 txid = Transactions.txid(Transactions.parse(refund));
    run.require(
        run.chain.transactionStatus(txid, 1) instanceof TxStatus.Confirmed, "not in the block");
    run.step("at tip %d it is accepted, in block %d it is mined", refundHeight, refundHeight + 1);
    run.require(
        run.appliance.ledger.spentHeight(escrows.get(0).terms().outpoint()) == refundHeight + 1,
        "the ledger was not told of the refund");
    List<Grant> grants = run.grant(escrows.subList(1, 2));
    run.step("the other escrow is claimed in time and settled, grant %d", grants.size());
  }
}
