package org.micropay.vts.settlement;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.micropay.vts.settlement.Escrows.Escrow;
import org.micropay.vts.settlement.Escrows.Grant;

/** Scenarios in which the chain changes its mind, one to six blocks deep. */
final class ReorgScenarios {
  private static final int DEEPEST = 6;

  private ReorgScenarios() {}

  static List<Scenario> all() {
    return List.of(
        new Scenario(
            "reorg-before-returning",
            "blocks with fundings are undone before settlement, 1 to 6 deep, and mined again",
            run -> beforeSettlement(run, true)),
        new Scenario(
            "reorg-before-late",
            "the same, but the fundings come back later and the mempool has forgotten them",
            run -> beforeSettlement(run, false)),
        new Scenario(
            "reorg-after-returning",
            "blocks with batches are undone, 1 to 6 deep, and their transactions mined again",
            run -> afterSettlement(run, true)),
        new Scenario(
            "reorg-after-forgotten",
            "the same, but the new blocks leave them out and the mempool has forgotten them",
            run -> afterSettlement(run, false)),
        new Scenario(
            "funding-double-spent",
            "a reorganization undoes a granted escrow's funding, and its coin is spent elsewhere",
            ReorgScenarios::fundingDoubleSpent));
  }

  private static void beforeSettlement(ScenarioRun run, boolean returning) {
    for (int depth = 1; depth <= DEEPEST; depth++) {
      Keys funder = Keys.named("funder " + depth + " at " + run.chain.tip());
      List<Escrow> escrows = funded(run, funder, 3);
      byte[] funding = fundingOf(run, escrows);
      run.mineEmpty(depth - 1);
      List<Grant> grants = run.grant(escrows);
      if (returning) {
        run.reorganize(depth, true);
        run.appliance.settle();
        run.step("%d deep: fundings mined again, the claims go out", depth);
      } else {
        run.reorganize(depth, false);
        run.appliance.settle();
        run.require(run.totals().unfunded() == 3, "3 claims should be without funding");
        run.require(run.totals().inFlight() == 0, "a claim without funding was sent");
        run.appliance.crashAndRestart();
        run.appliance.run();
        run.require(run.chain.broadcast(funding).ok(), "the funding was refused");
        run.mine(1);
        run.require(run.totals().unfunded() == 0, "the funding is back");
        run.appliance.settle();
        run.step("%d deep: 3 claims waited for their funding, which came back", depth);
      }
      run.mine(1);
      for (Grant grant : grants) {
        run.require(
            run.appliance.settlement.state().batchOf(grant.position()).isPresent(),
            "grant " + grant.position() + " is in no batch");
      }
    }
  }

  private static List<Escrow> funded(ScenarioRun run, Keys funder, int count) {
    run.dev.fund(BatchBuilder.walletScript(funder), 10_000_000);
    run.dev.mine(1);
    run.mineEmpty(DEEPEST);
    List<Escrow> escrows = run.madeFrom(funder, count);
    run.mine(1);
    run.appliance.registerAll(escrows);
    return escrows;
  }

  /** The transaction that made the escrows, as the last block with it holds it. */
  private static byte[] fundingOf(ScenarioRun run, List<Escrow> escrows) {
    BlockRef tip = run.chain.tip();
    byte[] raw = run.chain.block(tip.hash()).orElseThrow().raw();
    return WireReader.block(raw).tx.stream()
        .filter(tx -> Transactions.txid(tx).equals(escrows.getFirst().terms().outpoint().txid()))
        .map(Transactions::serialize)
        .findFirst()
        .orElseThrow();
  }

  private static void afterSettlement(ScenarioRun run, boolean returning) {
    for (int depth = 1; depth <= DEEPEST; depth++) {
      List<Escrow> escrows = run.registered(3);
      run.mineEmpty(DEEPEST);
      run.grant(escrows);
      run.appliance.settle();
      run.mine(depth);
      long settledBefore = run.totals().settled() + run.totals().confirmed();
      run.require(settledBefore == 3L * depth, "the batch is in no block");
      run.reorganize(depth, returning);
      if (!returning) {
        run.require(
            run.totals().settled() + run.totals().confirmed() < settledBefore,
            "the reorganization went unnoticed");
        run.waitForRetry();
      }
      run.mine(1);
      run.require(
          run.totals().settled() + run.totals().confirmed() == settledBefore,
          "the batch is not back in a block");
      run.step(
          "%d deep: the batch %s",
          depth, returning ? "was mined again" : "was sent again, the same bytes, and mined");
    }
  }

  private static void fundingDoubleSpent(ScenarioRun run) {
    Keys funder = Keys.named("thief at " + run.chain.tip());
    run.dev.fund(BatchBuilder.walletScript(funder), 10_000_000);
    run.mine(1);
    run.mineEmpty(1);
    Utxo coin = run.chain.scan(BatchBuilder.walletScript(funder)).utxos().getFirst();
    List<Escrow> honest = run.registered(2);
    List<Escrow> stolen = run.madeFrom(funder, 2);
    run.mine(1);
    run.appliance.registerAll(stolen);
    List<Escrow> all = new ArrayList<>(honest);
    all.addAll(stolen);
    List<Grant> grants = run.grant(all);
    run.appliance.settle();
    run.require(run.totals().inFlight() == 4, "four claims should be on their way");
    run.step("4 claims granted and sent in one batch");
    run.dev.invalidate(1);
    run.dev.loseMempool();
    byte[] theft =
        KeyedPayment.of(
            2,
            funder,
            new FeeCoin(coin.outpoint(), coin.value()),
            List.of(new Payment(BatchBuilder.walletScript(funder), coin.value() - 1_000)));
    run.require(run.chain.broadcast(theft).ok(), "the double-spend was refused");
    run.mine(2);
    run.step("a reorganization replaces the funding of 2 of them by another transaction");
    run.require(
        run.outcomeOf(grants.get(2)).equals(Optional.of(ClaimOutcome.FUNDING_DOUBLE_SPENT)),
        "the double-spend is not reported");
    run.appliance.settle();
    run.mine(1);
    run.step(
        "%d claims reported as double-spent, %d batched anew and mined",
        run.totals().fundingLost(), run.totals().confirmed());
    run.require(run.totals().confirmed() == 2, "the honest claims are not in a block");
  }
}
