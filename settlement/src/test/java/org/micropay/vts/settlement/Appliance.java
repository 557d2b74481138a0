package org.micropay.vts.settlement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.micropay.vts.settlement.Escrows.Escrow;
import org.micropay.vts.settlement.Escrows.Grant;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Registration;

/** Settlement with a ledger in memory, stepped by hand; it can crash and come back. */
final class Appliance {
  static final SettlementPolicy POLICY =
      new SettlementPolicy(
          75,
          60_000,
          3,
          6,
          new FeeRate(2_000),
          FeeRate.MIN_RELAY,
          new FeeRate(500_000),
          3,
          0,
          50_000,
          1_000,
          new SettlementPolicy.Patience(new FeeRate(Long.MAX_VALUE), 0, 2));

  private static final FollowerConfig FOLLOWER =
      new FollowerConfig(0, 5_000, 4, 144, Optional.empty());
  private static final int MAX_STEPS = 100_000;

  final AtomicLong clock = new AtomicLong(1_000_000);
  private final Chain chain;
  private final SettlementPolicy policy;
  private final List<Grant> granted = new ArrayList<>();
  private final List<ProvenDoubleSpend> proven = new ArrayList<>();
  MemoryLedger ledger = new MemoryLedger();
  Settlement settlement;

  Appliance(Chain chain, SettlementPolicy policy) {
    this.chain = chain;
    this.policy = policy;
    start();
    run();
  }

  private void start() {
    settlement =
        new Settlement(
            chain,
            ledger,
            Escrows.FEE,
            policy,
            FOLLOWER,
            ledger.replay(),
            ledger.replayPenalty(),
            clock::get);
    settlement.start(ledger.recentBlocks(), ledger.watched());
    for (Grant grant : granted) {
      if (settlement.state().needs(grant.position())) {
        handOver(grant);
      }
    }
    proven.forEach(settlement::submit);
  }

  void prove(ProvenDoubleSpend proof) {
    proven.add(proof);
    assertTrue(settlement.submit(proof));
  }

  /** Forgets what was not durable, and starts anew from the journal. */
  void crashAndRestart() {
    ledger = ledger.crash();
    start();
  }

  /** Steps until nothing is left to do. */
  void run() {
    int idle = 0;
    for (int i = 0; i < MAX_STEPS; i++) {
      idle = settlement.doWork() == 0 ? idle + 1 : 0;
      if (idle > 2) {
        return;
      }
    }
    fail("no rest after " + MAX_STEPS + " steps: " + settlement.status());
  }

  void step() {
    settlement.doWork();
  }

  AnswerCode register(Escrow escrow) {
    CompletableFuture<EscrowWatcher.Answer> answer = settlement.register(registration(escrow));
    run();
    assertTrue(answer.isDone(), () -> "no answer: " + settlement.status());
    return answer.join().code();
  }

  static Registration registration(Escrow escrow) {
    return new Registration(
        escrow.terms(),
        Optional.empty(),
        escrow.buyer().sign(Registration.digest(escrow.terms(), Optional.empty())));
  }

  void registerAll(List<Escrow> escrows) {
    List<CompletableFuture<EscrowWatcher.Answer>> answers = new ArrayList<>();
    escrows.forEach(escrow -> answers.add(settlement.register(registration(escrow))));
    run();
    answers.forEach(
        answer -> assertEquals(AnswerCode.REGISTERED, answer.join().code(), answer::toString));
  }

  void grant(List<Grant> grants) {
    granted.addAll(grants);
    grants.forEach(this::handOver);
  }

  private void handOver(Grant grant) {
    assertTrue(
        settlement.submit(
            new GrantedClaim(
                grant.position(), grant.claim().encode(), grant.counterSignature().toArray())));
  }

  void settle() {
    settlement.flush();
    run();
  }

  SettlementState.Totals totals() {
    return settlement.state().totals();
  }

  BatchEntry batch(int number) {
    return settlement.state().entries().stream()
        .filter(entry -> entry.number == number)
        .findFirst()
        .orElseThrow();
  }

  void assertReplays() {
    assertEquals(settlement.state(), ledger.replay());
    assertEquals(settlement.penaltyState(), ledger.replayPenalty());
  }
}
