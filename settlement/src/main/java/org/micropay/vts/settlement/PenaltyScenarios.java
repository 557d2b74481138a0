package org.micropay.vts.settlement;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.micropay.vts.settlement.Escrows.Escrow;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Deposit;
import org.micropay.vts.ticket.EscrowScript;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.Registration;
import org.micropay.vts.ticket.SpendTemplate;
import org.micropay.vts.ticket.Terms;

/** Scenarios in which a buyer has spent an escrow twice and loses the deposit behind it. */
final class PenaltyScenarios {
  private static final long DEPOSIT = 500_000;
  private static final long BURN_FEE = 5_000;
  private static final long PROOF = 1_000;
  private static final int FAR = 10_000;

  private PenaltyScenarios() {}

  static List<Scenario> all() {
    return List.of(
        new Scenario(
            "penalty-burned",
            "a buyer spends twice: one claim is settled, the proof of the other burns the deposit",
            PenaltyScenarios::burned),
        new Scenario(
            "penalty-too-late",
            "the deposit is taken back before the proof; a reorganization returns it, and it is"
                + " burnt",
            PenaltyScenarios::tooLate));
  }

  /** A registered escrow with what stands behind it. */
  private record Backed(Escrow escrow, Deposit deposit) {
    ProvenDoubleSpend proof() {
      return new ProvenDoubleSpend(
          PROOF,
          escrow.terms(),
          deposit,
          Escrows.VTS.sign(SpendTemplate.burn(escrow.terms(), deposit).digest()));
    }
  }

  private static void burned(ScenarioRun run) {
    Backed backed = registered(run, FAR);
    run.grant(List.of(backed.escrow()));
    run.appliance.settle();
    run.appliance.prove(backed.proof());
    run.appliance.run();
    PenaltyState.Entry entry = entry(run, backed);
    Burn first = entry.latest();
    run.require(run.inMempool(first.txid()), "the burn is not in the mempool");
    run.step("the claim is sent, and the burn of %,d sat for %,d sat", DEPOSIT, first.fee());
    run.mineEmpty(ScenarioRun.POLICY.bumpAfterBlocks());
    Burn raised = entry(run, backed).latest();
    run.require(raised.fee() > first.fee(), "the burn that waits was not raised");
    run.step("it is not mined and raised to %,d sat", raised.fee());
    run.mine(1);
    run.reorganize(1, false);
    run.appliance.crashAndRestart();
    run.waitForRetry();
    run.require(run.inMempool(raised.txid()), "the burn was not sent again");
    run.step("a reorganization undoes it, the VTS is killed: the same bytes are sent again");
    run.mine(ScenarioRun.POLICY.finalDepth());
    run.require(run.appliance.settlement.penaltyState().totals().burned() == 1, "not burned");
    run.step("burned and final; the fee wallet added %,d sat", raised.ownFee());
  }

  private static void tooLate(ScenarioRun run) {
    Backed backed = registered(run, 3);
    run.grant(List.of(backed.escrow()));
    run.mineEmpty(3);
    byte[] refund = refund(backed);
    run.require(run.chain.broadcast(refund).ok(), "the deposit's refund was refused");
    run.mine(1);
    run.appliance.prove(backed.proof());
    run.appliance.run();
    run.require(
        entry(run, backed).outcome == DepositOutcome.TAKEN_BACK, "it is not reported as taken");
    run.step("the deposit was taken back at its refund height; the proof finds nothing to burn");
    run.dev.invalidate(1);
    run.dev.loseMempool();
    run.mineEmpty(2);
    run.waitForRetry();
    run.require(run.inMempool(entry(run, backed).latest().txid()), "the burn was not sent");
    run.step("a reorganization undoes the refund: the burn is sent at once");
    run.mine(ScenarioRun.POLICY.finalDepth());
    run.require(run.appliance.settlement.penaltyState().totals().burned() == 1, "not burned");
    run.step("burned and final");
  }

  private static PenaltyState.Entry entry(ScenarioRun run, Backed backed) {
    return run.appliance.settlement.penaltyState().on(backed.deposit().outpoint()).orElseThrow();
  }

  private static Backed registered(ScenarioRun run, int refundIn) {
    int height = run.chain.tip().height();
    Escrow escrow = new Escrows(run.dev).make(1, height + FAR).getFirst();
    Terms terms = escrow.terms();
    int refundHeight = height + refundIn;
    EscrowScript script = EscrowScript.of(terms.buyerKey(), terms.vtsKey(), refundHeight);
    Outpoint outpoint = run.dev.fund(script.scriptPubKey().toArray(), DEPOSIT);
    // The burn's digest does not cover the signature that it is put into.
    Deposit unsigned =
        new Deposit(outpoint, DEPOSIT, refundHeight, BURN_FEE, escrow.buyer().sign(Bytes32.ZERO));
    Deposit deposit =
        new Deposit(
            outpoint,
            DEPOSIT,
            refundHeight,
            BURN_FEE,
            escrow.buyer().sign(SpendTemplate.burn(terms, unsigned).digest()));
    run.mine(1);
    Registration registration =
        new Registration(
            terms,
            Optional.of(deposit),
            escrow.buyer().sign(Registration.digest(terms, Optional.of(deposit))));
    CompletableFuture<EscrowWatcher.Answer> answer =
        run.appliance.settlement.register(registration, "scenario");
    run.appliance.run();
    run.require(
        answer.isDone() && answer.join().code() == AnswerCode.REGISTERED,
        "the escrow with its deposit was not registered");
    run.step("an escrow is registered with a deposit of %,d sat", DEPOSIT);
    return new Backed(escrow, deposit);
  }

  private static byte[] refund(Backed backed) {
    Deposit deposit = backed.deposit();
    Terms same =
        new Terms(
            Network.REGTEST.magic(),
            deposit.outpoint(),
            deposit.value(),
            deposit.value(),
            1,
            deposit.refundHeight(),
            backed.escrow().terms().buyerKey(),
            backed.escrow().terms().vtsKey());
    return RefundTransaction.of(
        same, backed.escrow().buyer().p2wpkh(), new FeeRate(3_000), backed.escrow().buyer()::sign);
  }
}
