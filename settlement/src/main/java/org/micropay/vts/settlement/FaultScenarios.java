package org.micropay.vts.settlement;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.micropay.vts.ticket.Bytes32;

/** Scenarios in which node, VTS, mempool or fee wallet fail. */
final class FaultScenarios {
  private static final FeeRate SPIKE = new FeeRate(20_000);
  private static final int MAX_BUMPS = 30;

  private FaultScenarios() {}

  static List<Scenario> all() {
    return List.of(
        new Scenario(
            "fee-spike",
            "miners take nothing below 20 sat/vB; the stuck batch is raised until they do",
            FaultScenarios::feeSpike),
        new Scenario(
            "mempool-emptied",
            "every mempool forgets the batch, again and again",
            FaultScenarios::mempoolEmptied),
        new Scenario(
            "fee-wallet-exhausted",
            "no coin is left to pay a fee; claims wait until the wallet is funded",
            FaultScenarios::walletExhausted),
        new Scenario(
            "coins-split",
            "few confirmed coins are left: one is split ahead of need, the VTS dies meanwhile",
            FaultScenarios::coinsSplit),
        new Scenario(
            "node-killed",
            "the node is killed and restarted in each phase",
            run -> inEachPhase(run, "node", run::killNode)),
        new Scenario(
            "vts-killed",
            "the VTS is killed in each phase and rebuilt from its records",
            run -> inEachPhase(run, "VTS", run.appliance::crashAndRestart)),
        new Scenario(
            "vts-killed-in-writing",
            "the VTS is killed with records on their way, each time one more of them durable",
            FaultScenarios::killedInWriting));
  }

  private static void feeSpike(ScenarioRun run) {
    run.appliance.change(settings -> settings.withFeeRate(Optional.of(FeeRate.MIN_RELAY)));
    run.grant(run.registered(40));
    run.appliance.settle();
    run.step("the batch goes out at %s", run.appliance.batch(1).latest().rate());
    int blocks = 0;
    for (; blocks < MAX_BUMPS; blocks++) {
      if (run.appliance.batch(1).latest().rate().compareTo(SPIKE) >= 0) {
        break;
      }
      run.mineEmpty(ScenarioRun.POLICY.bumpAfterBlocks());
    }
    BatchEntry entry = run.appliance.batch(1);
    run.require(entry.latest().rate().compareTo(SPIKE) >= 0, "never raised to " + SPIKE);
    run.step("after %d replacements it pays %s", entry.attempts.size() - 1, entry.latest().rate());
    run.mine(1);
    run.require(entry.confirmed(), "the batch was not mined");
    run.require(entry.confirmedAttempt == entry.latestAttempt(), "another version was mined");
    run.appliance.change(settings -> OperatorSettings.NONE);
  }

  private static void mempoolEmptied(ScenarioRun run) {
    run.grant(run.registered(3));
    run.appliance.settle();
    Bytes32 txid = run.appliance.batch(1).latest().txid();
    for (int i = 1; i <= 3; i++) {
      run.dev.loseMempool();
      run.require(!run.inMempool(txid), "the mempool is not empty");
      run.waitForRetry();
      run.require(run.inMempool(txid), "the batch was not sent again");
    }
    run.step("three times forgotten, three times sent again, the same bytes");
    run.mine(1);
    run.require(run.totals().confirmed() == 3, "3 claims should be confirmed");
  }

  private static void walletExhausted(ScenarioRun run) {
    run.appliance.change(settings -> settings.withFeeRate(Optional.of(new FeeRate(400_000))));
    int granted = 0;
    while (!run.appliance.settlement.status().alarms().containsKey(Alarm.FEE_WALLET_EXHAUSTED)) {
      run.require(granted < 60, "the wallet is never exhausted");
      run.grant(run.registered(10));
      granted += 10;
      run.appliance.settle();
    }
    run.step(
        "at 400 sat/vB the wallet is empty after %d claims: %s",
        granted, run.appliance.settlement.status().alarms().get(Alarm.FEE_WALLET_EXHAUSTED));
    run.mine(1);
    run.fundWallet(4, ScenarioRun.FEE_COIN);
    run.appliance.change(settings -> OperatorSettings.NONE);
    run.mine(1);
    run.waitForRetry();
    run.appliance.settle();
    run.require(
        !run.appliance.settlement.status().alarms().containsKey(Alarm.FEE_WALLET_EXHAUSTED),
        "the alarm is still up");
    run.step("the wallet is funded and the fee is back to normal: the claims go out");
  }

  private static void coinsSplit(ScenarioRun run) {
    run.splittingCoins();
    run.appliance.run();
    SplitLog splits = run.appliance.settlement.state().splits();
    run.require(splits.all().size() == 1, "no coin was split");
    run.appliance.crashAndRestart();
    run.dev.loseMempool();
    run.appliance.run();
    run.require(run.appliance.settlement.state().splits().all().size() == 1, "split twice");
    run.require(run.totals().splitFees() == 0, "a fee is counted before it is paid");
    run.mineEmpty(ScenarioRun.POLICY.bumpAfterBlocks());
    int versions = run.appliance.settlement.state().splits().all().size();
    run.step("the split is not mined and raised: %d versions", versions);
    run.mine(1);
    run.require(run.totals().splitFees() > 0, "the split is not confirmed");
    run.step(
        "the split is mined for %d sat; %d coins are ready",
        run.totals().splitFees(), run.appliance.plan().walletCoins());
    run.grant(run.registered(3));
    run.appliance.settle();
  }

  private static void inEachPhase(ScenarioRun run, String what, Runnable kill) {
    List<Consumer<Integer>> phases =
        List.of(
            n -> run.grant(run.registered(3)),
            n -> run.appliance.settle(),
            n -> run.waitForRetry(),
            n -> run.mine(1),
            n -> run.mineEmpty(1),
            n -> run.reorganize(2, true),
            n -> run.mine(1),
            n -> run.mine(ScenarioRun.POLICY.finalDepth()));
    List<String> names =
        List.of(
            "granted",
            "sent",
            "sent again",
            "mined",
            "one block on",
            "reorganized",
            "mined again",
            "final");
    for (int killAt = 0; killAt < phases.size(); killAt++) {
      for (int phase = 0; phase < phases.size(); phase++) {
        phases.get(phase).accept(phase);
        if (phase == killAt) {
          kill.run();
          run.appliance.run();
        }
      }
      run.step("%s killed when a claim was %s", what, names.get(killAt));
    }
    run.waitForRetry();
    run.appliance.settle();
    run.mine(ScenarioRun.POLICY.finalDepth());
    run.require(run.totals().settled() == 3L * phases.size(), "not all claims are final");
  }

  private static void killedInWriting(ScenarioRun run) {
    int kills = 0;
    for (int durable = 0; durable < 12; durable++) {
      run.grant(run.registered(2));
      run.appliance.ledger.automatic(false);
      run.appliance.settle();
      run.appliance.ledger.flush(durable);
      run.dev.mine(1);
      run.appliance.run();
      run.appliance.crashAndRestart();
      run.appliance.run();
      kills++;
    }
    run.step("%d times killed, with 0 to %d records durable", kills, kills - 1);
  }
}
