package org.micropay.vts.settlement;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.micropay.vts.settlement.Escrows.Escrow;
import org.micropay.vts.settlement.Escrows.Grant;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Registration;

/**
 * Settlement with a ledger in memory, stepped by hand, for scenarios and tests; it can crash and
 * come back. What does not hold throws an {@link IllegalStateException}.
 */
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

  static final FollowerConfig FOLLOWER = new FollowerConfig(0, 5_000, 4, 144, Optional.empty());
  private static final int MAX_STEPS = 100_000;

  final AtomicLong clock = new AtomicLong(1_000_000);
  private Chain chain;
  private FollowerConfig follower = FOLLOWER;
  private SettlementPolicy policy;
  private final FeeSigner feeKey;
  private final List<Grant> granted = new ArrayList<>();
  private final List<ProvenDoubleSpend> proven = new ArrayList<>();
  MemoryLedger ledger = new MemoryLedger();
  Settlement settlement;
  private int kills;

  Appliance(Chain chain, SettlementPolicy policy) {
    this(chain, policy, Escrows.FEE);
  }

  Appliance(Chain chain, SettlementPolicy policy, FeeSigner feeKey) {
    this.chain = chain;
    this.feeKey = feeKey;
    this.policy = policy;
    start();
    run();
  }

  private void start() {
    settlement =
        new Settlement(
            chain,
            ledger,
            feeKey,
            policy,
            follower,
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
    require(settlement.submit(proof), "settlement takes no more proofs");
  }

  /** Forgets what was not durable, and starts anew from the journal. */
  void crashAndRestart() {
    kills++;
    startAnew();
  }

  private void startAnew() {
    ledger = ledger.crash();
    start();
  }

  /** How often it was killed. */
  int kills() {
    return kills;
  }

  /** Steps until nothing is left to do. */
  void run() {
    int idle = 0;
    for (int i = 0; i < MAX_STEPS; i++) {
      idle = settlement.doWork() == 0 ? idle + 1 : 0;
      settlement.compact();
      if (idle > 2) {
        return;
      }
    }
    throw new IllegalStateException(
        "no rest after " + MAX_STEPS + " steps: " + settlement.status());
  }

  void step() {
    settlement.doWork();
    settlement.compact();
  }

  AnswerCode register(Escrow escrow) {
    CompletableFuture<EscrowWatcher.Answer> answer =
        settlement.register(registration(escrow), "scenario");
    run();
    require(answer.isDone(), "no answer: " + settlement.status());
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
    escrows.forEach(escrow -> answers.add(settlement.register(registration(escrow), "scenario")));
    run();
    answers.forEach(
        answer -> require(answer.join().code() == AnswerCode.REGISTERED, answer.join().toString()));
  }

  void grant(List<Grant> grants) {
    granted.addAll(grants);
    grants.forEach(grant -> ledger.grant(grant.position(), grant.claim()));
    grants.forEach(this::handOver);
  }

  private void handOver(Grant grant) {
    boolean taken =
        settlement.submit(
            new GrantedClaim(
                grant.position(), grant.claim().encode(), grant.counterSignature().toArray()));
    require(taken, "settlement takes no more grants");
    // Grants come in the order of their positions; after a restart those that are final are not
    // needed.
    settlement.handedThrough(grant.position());
  }

  void settle() {
    settlement.flush();
    run();
  }

  /** What would be sent now. */
  SettlementPlan plan() {
    CompletableFuture<SettlementPlan> plan = settlement.plan();
    step();
    return plan.join();
  }

  /** The operator's hand. */
  void change(UnaryOperator<OperatorSettings> change) {
    CompletableFuture<OperatorSettings> changed = settlement.change(change);
    step();
    changed.join();
  }

  /** Goes on under another policy, as after a restart with another configuration. */
  void restartWith(SettlementPolicy next) {
    policy = next;
    startAnew();
    run();
  }

  /** The same with another way to the chain. */
  void moveTo(Chain next) {
    chain = next;
    startAnew();
    run();
  }

  /** The same with another way of following it. */
  void following(FollowerConfig next) {
    follower = next;
    startAnew();
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
    Books books = books();
    require(books.agrees(), "journal and chain do not agree: " + books.differences());
    require(books.grants().granted() == granted.size(), "the books lack grants: " + books.grants());
    SettlementState replayed = ledger.replay();
    require(
        settlement.state().equals(replayed),
        "the journal replays to " + replayed + ", not to " + settlement.state());
    require(
        settlement.penaltyState().equals(ledger.replayPenalty()),
        "the journal replays to another state of the penalties");
  }

  private static void require(boolean condition, String what) {
    if (!condition) {
      throw new IllegalStateException(what);
    }
  }

  /** The double-entry account by journal and chain alone. */
  Books books() {
    return Bookkeeper.keep(ledger.books(), chain, List.of(), height -> {});
  }
}
