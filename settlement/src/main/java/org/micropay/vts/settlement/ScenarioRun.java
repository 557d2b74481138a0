package org.micropay.vts.settlement;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.micropay.vts.settlement.Escrows.Escrow;
import org.micropay.vts.settlement.Escrows.Grant;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;

/**
 * One play of a scenario: the chain, settlement with a ledger of its own, a fee wallet of its own,
 * and what everybody did so far. One thread.
 */
final class ScenarioRun {
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

  static final long FEE_COIN = 500_000;
  private static final int FAR = 10_000;
  private static final int MARGIN_BLOCKS = 8;
  private static final int MAX_ROUNDS = 60;

  final DevChain dev;
  final Chain chain;
  final Keys feeKey;
  final Appliance appliance;
  final int startHeight;
  final List<Grant> grants = new ArrayList<>();
  final List<Escrow> granted = new ArrayList<>();
  private final List<String> steps = new ArrayList<>();
  private final Escrows escrows;
  private long fundedWallet;
  private int nodeKills;
  private int vtsKills;

  ScenarioRun(String name, DevChain dev) {
    this(name, dev, POLICY, 4);
  }

  private ScenarioRun(String name, DevChain dev, SettlementPolicy policy, int feeCoins) {
    this.dev = dev;
    this.chain = dev.chain();
    this.startHeight = chain.tip().height();
    this.feeKey = Keys.named("fees of " + name + " at " + chain.tip());
    this.escrows = new Escrows(dev);
    fundWallet(feeCoins, FEE_COIN);
    // Deep enough that the reorganizations to come leave these coins alone.
    dev.mine(MARGIN_BLOCKS);
    this.appliance = new Appliance(chain, policy, feeKey);
  }

  /** Puts coins for fees into the mempool. */
  void fundWallet(int coins, long value) {
    List<Payment> payments = new ArrayList<>();
    for (int i = 0; i < coins; i++) {
      payments.add(new Payment(BatchBuilder.walletScript(feeKey), value));
    }
    dev.fund(payments);
    fundedWallet += coins * value;
  }

  /** Satoshi that left the fee wallet without settlement's doing. */
  void lostFromWallet(long satoshi) {
    fundedWallet -= satoshi;
  }

  /** Goes on with a wallet that keeps eight coins ready. */
  void splittingCoins() {
    appliance.restartWith(policy(8, POLICY.patience()));
  }

  /** Goes on with a policy that waits for lower fee rates. */
  void waitingFor(SettlementPolicy.Patience patience) {
    appliance.restartWith(policy(POLICY.feeCoins(), patience));
  }

  private static SettlementPolicy policy(int feeCoins, SettlementPolicy.Patience patience) {
    return new SettlementPolicy(
        POLICY.maxClaims(),
        POLICY.maxAgeMillis(),
        POLICY.finalDepth(),
        POLICY.targetBlocks(),
        POLICY.fallbackRate(),
        POLICY.minRate(),
        POLICY.maxRate(),
        POLICY.bumpAfterBlocks(),
        feeCoins,
        50_000,
        POLICY.retryMillis(),
        patience);
  }

  long fundedWallet() {
    return fundedWallet;
  }

  /** Kills the chain's process and starts it again. */
  void killNode() {
    nodeKills++;
    dev.kill();
  }

  /** What the audit does from here on is no part of the story. */
  void endOfStory() {
    vtsKills = appliance.kills();
  }

  /** Writes down what happens. */
  void step(String text, Object... values) {
    steps.add(text.formatted(values));
  }

  /** What must hold at this point of the story. */
  void require(boolean condition, String what) {
    if (!condition) {
      throw new IllegalStateException(what + "; " + appliance.settlement.status());
    }
  }

  List<Escrow> registered(int count) {
    return registered(count, chain.tip().height() + FAR);
  }

  /** Escrows whose funding is in the mempool, and that the ledger does not know. */
  List<Escrow> made(int count) {
    return escrows.make(count, chain.tip().height() + FAR);
  }

  /** Escrows on the chain and in the ledger. */
  List<Escrow> registered(int count, int refundHeight) {
    List<Escrow> made = escrows.make(count, refundHeight);
    dev.mine(1);
    appliance.run();
    appliance.registerAll(made);
    return made;
  }

  /** Escrows whose funding spends a coin of the given key, so that it can be spent otherwise. */
  List<Escrow> madeFrom(Keys funder, int count) {
    return new Escrows(dev, payments -> fundFrom(funder, payments))
        .make(count, chain.tip().height() + FAR);
  }

  private List<Outpoint> fundFrom(Keys funder, List<Payment> payments) {
    Utxo coin = chain.scan(BatchBuilder.walletScript(funder)).utxos().getFirst();
    byte[] raw = KeyedPayment.of(2, funder, new FeeCoin(coin.outpoint(), coin.value()), payments);
    require(chain.broadcast(raw).ok(), "the funding was refused");
    Bytes32 txid = Transactions.txid(Transactions.parse(raw));
    List<Outpoint> made = new ArrayList<>();
    for (int i = 0; i < payments.size(); i++) {
      made.add(new Outpoint(txid, i));
    }
    return made;
  }

  /** Grants one claim on each escrow and hands it to settlement. */
  List<Grant> grant(List<Escrow> escrowsOnChain) {
    List<Grant> made = new ArrayList<>();
    for (Escrow escrow : escrowsOnChain) {
      int position = grants.size() + made.size() + 1;
      made.add(escrow.grant(position, merchant(position).p2wpkh()));
    }
    grants.addAll(made);
    granted.addAll(escrowsOnChain);
    appliance.grant(made);
    return made;
  }

  static Keys merchant(long position) {
    return Keys.named("merchant " + position);
  }

  void mine(int count) {
    dev.mine(count);
    appliance.run();
  }

  /** Blocks of a miner who takes nothing of ours. */
  void mineEmpty(int count) {
    dev.mineEmpty(count, dev.wallet().script());
    appliance.run();
  }

  /**
   * Takes the last blocks off and puts one more in their place.
   *
   * @param returning whether their transactions are in the new blocks
   */
  void reorganize(int depth, boolean returning) {
    dev.invalidate(depth);
    if (returning) {
      dev.mine(depth + 1);
    } else {
      dev.loseMempool();
      dev.mineEmpty(depth + 1, dev.wallet().script());
    }
    appliance.run();
  }

  /** Time passes, until everything is sent that may be sent again. */
  void waitForRetry() {
    appliance.clock.addAndGet(POLICY.retryMillis());
    appliance.run();
  }

  boolean inMempool(Bytes32 txid) {
    return chain.transactionStatus(txid, 1) instanceof TxStatus.InMempool;
  }

  Optional<ClaimOutcome> outcomeOf(Grant grant) {
    return appliance.settlement.state().outcome(grant.position());
  }

  SettlementState.Totals totals() {
    return appliance.totals();
  }

  static byte[] release(Grant grant) {
    return ReleaseTransaction.of(grant.claim(), grant.counterSignature());
  }

  static byte[] refund(Escrow escrow) {
    return RefundTransaction.of(
        escrow.terms(), escrow.buyer().p2wpkh(), new FeeRate(3_000), escrow.buyer()::sign);
  }

  /** Mines until every claim has its end and is final. */
  void settleEverything() {
    appliance.ledger.automatic(true);
    for (int round = 0; round < MAX_ROUNDS && !isSettled(); round++) {
      appliance.clock.addAndGet(POLICY.maxAgeMillis());
      appliance.settle();
      mine(1);
    }
    require(isSettled(), "not everything was settled");
    mine(POLICY.finalDepth());
  }

  private boolean isSettled() {
    SettlementState.Totals totals = totals();
    return totals.settled() + totals.paidElsewhere() + totals.lost() + totals.fundingLost()
        == grants.size();
  }

  Scenario.Outcome outcome(Scenario scenario, Optional<Books> books, Optional<String> failure) {
    SettlementState.Totals totals = totals();
    return new Scenario.Outcome(
        scenario.name(),
        scenario.story(),
        List.copyOf(steps),
        grants.size(),
        totals.settled(),
        totals.paidElsewhere(),
        totals.lost(),
        totals.fundingLost(),
        appliance.ledger.events(vtsKills, nodeKills),
        totals.account(),
        totals.splitFees(),
        books,
        failure);
  }
}
