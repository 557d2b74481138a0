package org.micropay.vts.settlement;

import java.util.List;
import java.util.Optional;
import org.micropay.vts.settlement.Escrows.Escrow;
import org.micropay.vts.settlement.Escrows.Grant;
import org.micropay.vts.ticket.AnswerCode;

/** Scenarios around the view of the chain: when escrows are seen, and what node shows them. */
final class ChainScenarios {
  private static final int POLL_MILLIS = 500;

  /** More than a file of 64 KiB full of empty blocks, and the 288 that no node prunes. */
  private static final int PRUNED_BLOCKS = 560;

  private static final int DEEP = 150;

  private ChainScenarios() {}

  static List<Scenario> all() {
    return List.of(
        new Scenario(
            "registered-any-time",
            "escrows are registered before their funding is mined, and long after",
            ChainScenarios::registeredAnyTime),
        new Scenario(
            "hints-lost",
            "the node's ZMQ notifications are lost; polling finds the blocks",
            ChainScenarios::hintsLost),
        new Scenario(
            "wrong-network",
            "the VTS is pointed at a node of another network, and back",
            ChainScenarios::wrongNetwork),
        new Scenario(
            "initial-download",
            "the VTS is pointed at a node that still loads the chain's history",
            ChainScenarios::initialDownload),
        new Scenario(
            "pruned-node",
            "the VTS comes back to a node that has pruned what it needs, then to one that has not",
            ChainScenarios::prunedNode),
        new Scenario(
            "reorg-too-deep",
            "the chain turns below what can be undone; nothing is undone until the operator agrees",
            ChainScenarios::reorgTooDeep));
  }

  private static void registeredAnyTime(ScenarioRun run) {
    List<Escrow> early = run.made(2);
    for (Escrow escrow : early) {
      AnswerCode code = run.appliance.register(escrow);
      run.require(code == AnswerCode.FUNDING_NOT_FOUND, "an unmined funding is answered " + code);
    }
    run.require(run.appliance.settlement.status().pending() == 2, "they are not remembered");
    List<Escrow> late = run.made(2);
    run.mine(1);
    int height = run.chain.tip().height();
    run.require(run.appliance.settlement.status().pending() == 0, "they are still waited for");
    run.mine(20);
    run.step("2 escrows registered before block %d, by itself when it holds their funding", height);
    run.appliance.registerAll(late);
    run.step("2 more registered 20 blocks after theirs: found among the unspent outputs");
    for (List<Escrow> escrows : List.of(early, late)) {
      for (Escrow escrow : escrows) {
        int funded = run.appliance.ledger.fundedHeight(escrow.terms().outpoint());
        run.require(funded == height, "funded at " + funded + ", not at " + height);
      }
      run.grant(escrows);
    }
    run.appliance.settle();
  }

  private static void hintsLost(ScenarioRun run) {
    run.grant(run.registered(3));
    run.appliance.settle();
    run.appliance.following(new FollowerConfig(POLL_MILLIS, 5_000, 4, 144, Optional.empty()));
    try (SpareChain unheard = run.dev.spare(SpareChain.Kind.UNHEARD)) {
      run.appliance.moveTo(unheard.chain());
      run.dev.mine(3);
      run.appliance.clock.addAndGet(POLL_MILLIS);
      run.appliance.run();
      run.require(isAtTip(run), "polling did not find the blocks");
      run.require(run.totals().settled() == 3, "3 claims should be settled");
      run.step("3 blocks without a word: found %d ms later, with the batch in them", POLL_MILLIS);
      unheard.catchUp();
      run.appliance.run();
      run.require(isAtTip(run), "a notification that arrived was not heeded");
      long lost = unheard.chain().hintsLost();
      run.require(lost > 0, "no gap was noticed");
      run.step("the next notification is heeded at once; by its number others are missing");
    } finally {
      run.appliance.moveTo(run.chain);
      run.appliance.following(Appliance.FOLLOWER);
    }
  }

  private static boolean isAtTip(ScenarioRun run) {
    return run.appliance.settlement.synced()
        && run.appliance.settlement.tip().equals(Optional.of(run.chain.tip()));
  }

  private static void wrongNetwork(ScenarioRun run) {
    List<Escrow> escrows = run.registered(2);
    List<Escrow> unknown = run.made(1);
    run.mine(1);
    run.grant(escrows);
    try (SpareChain foreign = run.dev.spare(SpareChain.Kind.FOREIGN)) {
      expectStandstill(run, foreign, ChainCode.WRONG_NETWORK, unknown.getFirst());
    }
    run.appliance.moveTo(run.chain);
    run.require(isAtTip(run), "the right node is not followed");
    goOn(run, unknown, 3);
  }

  private static void initialDownload(ScenarioRun run) {
    List<Escrow> escrows = run.registered(2);
    List<Escrow> unknown = run.made(1);
    run.mine(1);
    run.grant(escrows);
    try (SpareChain fresh = run.dev.spare(SpareChain.Kind.FRESH)) {
      expectStandstill(run, fresh, ChainCode.INITIAL_DOWNLOAD, unknown.getFirst());
      run.dev.mine(2);
      fresh.catchUp();
      run.appliance.run();
      run.require(isAtTip(run), "the loaded node is not followed");
      run.step("it has loaded the history: followed from where the ledger was, nothing undone");
    }
    run.appliance.moveTo(run.chain);
    goOn(run, unknown, 3);
  }

  private static void prunedNode(ScenarioRun run) {
    List<Escrow> escrows = run.registered(3);
    List<Escrow> unknown = run.made(1);
    run.grant(escrows.subList(0, 2));
    run.appliance.settle();
    Grant own = escrows.get(2).grant(3, ScenarioRun.merchant(3).p2wpkh());
    run.require(run.chain.broadcast(ScenarioRun.release(own)).ok(), "the pair was refused");
    run.mine(1);
    run.step("a batch is mined, and a pair that its merchant sent himself; then the VTS is down");
    run.dev.mine(PRUNED_BLOCKS);
    try (SpareChain pruned = run.dev.spare(SpareChain.Kind.PRUNED)) {
      expectStandstill(run, pruned, ChainCode.NODE_PRUNED, unknown.getFirst());
      run.appliance.moveTo(run.chain);
      run.require(isAtTip(run), "the node that has all blocks is not followed");
      run.step("a node that has the blocks is followed");
      run.appliance.moveTo(pruned.chain());
      run.require(isAtTip(run), "the pruned node is not followed from its own blocks on");
      run.appliance.registerAll(unknown);
      run.step("beside the pruned node again: an escrow is registered whose block it has not");
      List<Grant> late = run.grant(escrows.subList(2, 3));
      run.require(run.appliance.plan().held().size() == 1, "the spent escrow's claim is not held");
      run.require(
          run.appliance.settlement.status().alarms().containsKey(Alarm.BLOCK_PRUNED), "no alarm");
      run.step("a grant comes in late; who spent its escrow is in a pruned block: it is held");
      run.appliance.moveTo(run.chain);
      run.require(
          run.outcomeOf(late.getFirst()).equals(Optional.of(ClaimOutcome.PAID_ELSEWHERE)),
          "the merchant's own transaction was not found");
    }
    run.grant(unknown);
    run.step("beside the whole node the merchant's own transaction is found");
  }

  private static void reorgTooDeep(ScenarioRun run) {
    List<Escrow> escrows = run.registered(4);
    List<Escrow> unknown = run.made(1);
    run.grant(escrows.subList(0, 2));
    run.appliance.settle();
    run.mine(ScenarioRun.POLICY.finalDepth());
    BlockRef fork = run.chain.tip();
    run.mine(DEEP);
    run.dev.invalidate(DEEP);
    run.dev.mine(DEEP + 1);
    run.appliance.run();
    expectStandstill(run, ChainCode.REORG_TOO_DEEP, unknown.getFirst());
    Optional<BlockRef> tip = run.appliance.settlement.tip();
    run.require(tip.orElseThrow().height() == fork.height() + DEEP, "something was undone");
    run.appliance.following(Appliance.FOLLOWER.accepting(Optional.of(fork.hash())));
    run.require(isAtTip(run), "the accepted branch is not followed");
    run.step(
        "the operator accepts the fork at block %d: the new branch is followed", fork.height());
    run.appliance.following(Appliance.FOLLOWER);
    run.grant(escrows.subList(2, 4));
    run.appliance.settle();
  }

  /** Beside this node nothing is believed, told, registered or sent. */
  private static void expectStandstill(
      ScenarioRun run, SpareChain spare, ChainCode code, Escrow unknown) {
    run.appliance.moveTo(spare.chain());
    expectStandstill(run, code, unknown);
  }

  private static void expectStandstill(ScenarioRun run, ChainCode code, Escrow unknown) {
    BlockRef tip = run.appliance.ledger.recentBlocks().getLast();
    int heartbeats = run.appliance.ledger.heartbeats;
    int batches = run.totals().batchesStored();
    AnswerCode answer = run.appliance.register(unknown);
    run.appliance.clock.addAndGet(10 * ScenarioRun.POLICY.maxAgeMillis());
    run.appliance.settle();
    Settlement.Status status = run.appliance.settlement.status();
    run.require(status.chainCode() == code, "the chain is " + status.chainCode());
    run.require(!code.tipBelievable(), "claims would go on");
    run.require(answer == AnswerCode.CHAIN_STALE, "a registration is answered " + answer);
    run.require(
        tip.equals(run.appliance.ledger.recentBlocks().getLast())
            && run.appliance.ledger.heartbeats == heartbeats
            && run.totals().batchesStored() == batches,
        "something was told or sent");
    run.step("%s: %s; nothing is told or sent", code, status.chainCondition());
  }

  /** What waited is registered and settled. */
  private static void goOn(ScenarioRun run, List<Escrow> unknown, int claims) {
    run.appliance.registerAll(unknown);
    run.grant(unknown);
    run.appliance.settle();
    run.mine(1);
    run.require(run.totals().confirmed() == claims, claims + " claims should be confirmed");
    run.step("beside the right node all of it goes on");
  }
}
