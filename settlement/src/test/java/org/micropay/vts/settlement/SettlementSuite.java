package org.micropay.vts.settlement;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.micropay.vts.settlement.Escrows.Escrow;
import org.micropay.vts.settlement.Escrows.Grant;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.Terms;

/** Follower, registration and settlement from end to end; one subclass for each chain. */
abstract class SettlementSuite {
  private static final int FEE_COINS = 4;
  private static final long FEE_COIN = 200_000;

  private Appliance appliance;
  private Chain chain;
  private long walletBefore;

  abstract DevChain dev();

  /** Empties the mempool as a restarted node does. */
  abstract void loseMempool();

  @BeforeEach
  void startWithFeeCoins() {
    chain = dev().chain();
    for (int i = 0; i < FEE_COINS; i++) {
      dev().fund(BatchBuilder.walletScript(Escrows.FEE), FEE_COIN + i);
    }
    dev().mine(1);
    appliance = new Appliance(chain, Appliance.POLICY);
    walletBefore = appliance.settlement.status().walletBalance();
  }

  private List<Escrow> registered(int count) {
    return registered(count, chain.tip().height() + 10_000);
  }

  private List<Escrow> registered(int count, int refundHeight) {
    List<Escrow> escrows = new Escrows(dev()).make(count, refundHeight);
    dev().mine(1);
    appliance.run();
    appliance.registerAll(escrows);
    return escrows;
  }

  private void mine(int count) {
    dev().mine(count);
    appliance.run();
  }

  private byte[] release(Grant grant) {
    return ReleaseTransaction.of(grant.claim(), grant.counterSignature());
  }

  private boolean inMempool(Bytes32 txid) {
    return chain.transactionStatus(txid, 1) instanceof TxStatus.InMempool;
  }

  /** Everything granted was paid once by our batches, and not a satoshi is missing. */
  private void assertAccount(int claims, long elsewhere) {
    SettlementState.Totals totals = appliance.totals();
    Account account = totals.account();
    long ours = claims - elsewhere;
    assertEquals(ours * Escrows.VALUE, account.escrows());
    assertEquals(ours * Escrows.PAYOUT, account.payouts());
    assertEquals(elsewhere, totals.paidElsewhere() + totals.lost());
    assertEquals(
        walletBefore - account.wallet() + account.change() - totals.splitFees(),
        appliance.settlement.status().walletBalance());
    appliance.assertReplays();
  }

  @Test
  void shouldRegisterOnlyWhatTheChainShows() {
    Escrow good = new Escrows(dev()).make(1, chain.tip().height() + 1_000).getFirst();
    assertEquals(AnswerCode.FUNDING_NOT_FOUND, appliance.register(good));
    dev().mine(1);
    assertEquals(
        AnswerCode.FUNDING_MISMATCH, appliance.register(changed(good, 1, 0)), "another value");
    assertEquals(
        AnswerCode.FUNDING_MISMATCH, appliance.register(changed(good, 0, 1)), "another script");
    assertEquals(AnswerCode.REGISTERED, appliance.register(good));
    Outpoint outpoint = good.terms().outpoint();
    assertEquals(chain.tip().height(), appliance.ledger.fundedHeight(outpoint));
    dev().invalidate(1);
    dev().mineEmpty(2, dev().wallet().script());
    appliance.run();
    assertEquals(0, appliance.ledger.fundedHeight(outpoint), "the reorganization unfunds it");
    mine(1);
    assertEquals(chain.tip().height(), appliance.ledger.fundedHeight(outpoint));
  }

  @Test
  void shouldRegisterByItselfWhatIsFundedLater() {
    int height = chain.tip().height() + 1_000;
    List<Escrow> early = new Escrows(dev()).make(2, height);
    Escrow squatted = changed(early.get(0), 1, 0);
    assertEquals(AnswerCode.FUNDING_NOT_FOUND, appliance.register(squatted));
    assertEquals(AnswerCode.FUNDING_NOT_FOUND, appliance.register(early.get(0)));
    assertEquals(AnswerCode.FUNDING_NOT_FOUND, appliance.register(early.get(1)));
    assertEquals(AnswerCode.FUNDING_NOT_FOUND, appliance.register(early.get(1)), "again");
    assertEquals(3, appliance.settlement.status().pending());
    mine(1);
    for (Escrow escrow : early) {
      assertEquals(chain.tip().height(), appliance.ledger.fundedHeight(escrow.terms().outpoint()));
    }
    assertEquals(0, appliance.settlement.status().pending(), "the other terms are forgotten");
    assertEquals(2, appliance.settlement.status().watched());
  }

  @Test
  void shouldForgetWhatIsNeverFunded() {
    Escrow never = new Escrows(dev()).make(1, chain.tip().height() + 1_000).getFirst();
    loseMempool();
    assertEquals(AnswerCode.FUNDING_NOT_FOUND, appliance.register(never));
    dev().mineEmpty(144, dev().wallet().script());
    appliance.run();
    assertEquals(1, appliance.settlement.status().pending());
    dev().mineEmpty(1, dev().wallet().script());
    appliance.run();
    assertEquals(0, appliance.settlement.status().pending());
  }

  private static Escrow changed(Escrow escrow, int value, int height) {
    Terms terms = escrow.terms();
    return new Escrow(
        new Terms(
            terms.network(),
            terms.outpoint(),
            terms.value() + value,
            terms.payout(),
            terms.odds(),
            terms.refundHeight() + height,
            terms.buyerKey(),
            terms.vtsKey()),
        escrow.buyer());
  }

  @Test
  void shouldSettleAFullBatchUntilItIsFinal() {
    appliance.grant(Escrows.grants(registered(75)));
    appliance.run();
    Batch batch = appliance.batch(1).latest();
    assertEquals(75, batch.pairs().size());
    assertTrue(inMempool(batch.txid()), () -> appliance.settlement.status().toString());
    mine(1);
    assertEquals(75, appliance.totals().confirmed());
    mine(1);
    assertEquals(0, appliance.totals().settled());
    mine(1);
    assertEquals(75, appliance.totals().settled());
    assertFalse(appliance.settlement.state().needs(1));
    assertAccount(75, 0);
  }

  @Test
  void shouldWaitForMoreClaimsUntilTheOldestIsOld() {
    appliance.grant(Escrows.grants(registered(2)));
    appliance.run();
    assertEquals(2, appliance.settlement.status().waiting());
    appliance.clock.addAndGet(Appliance.POLICY.maxAgeMillis());
    appliance.run();
    assertEquals(2, appliance.totals().inFlight());
    mine(3);
    assertAccount(2, 0);
  }

  @Test
  void shouldNotSendBeforeTheBytesAreDurable() {
    appliance.grant(Escrows.grants(registered(3)));
    appliance.ledger.automatic(false);
    appliance.settle();
    Batch batch = appliance.batch(1).latest();
    assertEquals(1, appliance.ledger.pendingCount());
    assertFalse(inMempool(batch.txid()));
    appliance.crashAndRestart();
    assertEquals(0, appliance.totals().batchesStored(), "not durable, not done");
    appliance.settle();
    assertTrue(inMempool(appliance.batch(1).latest().txid()));
    assertArrayEquals(batch.raw(), appliance.batch(1).latest().raw(), "deterministic");
    mine(3);
    assertAccount(3, 0);
  }

  @Test
  void shouldSendTheSameBytesAgainWhenTheNetworkForgot() {
    appliance.grant(Escrows.grants(registered(3)));
    appliance.settle();
    Batch batch = appliance.batch(1).latest();
    loseMempool();
    assertFalse(inMempool(batch.txid()));
    appliance.crashAndRestart();
    appliance.run();
    assertTrue(inMempool(batch.txid()));
    loseMempool();
    appliance.clock.addAndGet(Appliance.POLICY.retryMillis());
    appliance.run();
    assertTrue(inMempool(batch.txid()));
    mine(3);
    assertAccount(3, 0);
  }

  @Test
  void shouldLeaveOutWhatTheMerchantSendsHimself() {
    List<Grant> grants = Escrows.grants(registered(4));
    chain.broadcast(release(grants.get(1)));
    appliance.grant(grants);
    appliance.settle();
    assertEquals(3, appliance.batch(1).pairs().size());
    mine(3);
    assertEquals(Optional.of(ClaimOutcome.PAID_ELSEWHERE), appliance.settlement.state().outcome(2));
    assertAccount(4, 1);
  }

  @Test
  void shouldBatchTheRestAnewWhenTheMerchantWins() {
    List<Grant> grants = Escrows.grants(registered(4));
    appliance.grant(grants);
    appliance.settle();
    loseMempool();
    assertTrue(chain.broadcast(release(grants.get(2))).ok());
    mine(1);
    assertEquals(BatchEntry.Status.ABANDONED, appliance.batch(1).status);
    assertEquals(3, appliance.batch(2).pairs().size());
    assertEquals(Optional.of(ClaimOutcome.PAID_ELSEWHERE), appliance.settlement.state().outcome(3));
    mine(3);
    assertAccount(4, 1);
  }

  @Test
  void shouldBatchTheRestAnewWhileAConflictSitsInTheMempool() {
    List<Grant> grants = Escrows.grants(registered(4));
    appliance.grant(grants);
    appliance.settle();
    loseMempool();
    assertTrue(chain.broadcast(refundLike(grants.get(0))).ok());
    appliance.clock.addAndGet(Appliance.POLICY.retryMillis());
    appliance.run();
    assertEquals(BatchEntry.Status.ABANDONED, appliance.batch(1).status);
    assertEquals(3, appliance.batch(2).pairs().size());
    mine(3);
    assertEquals(Optional.of(ClaimOutcome.PAID_ELSEWHERE), appliance.settlement.state().outcome(1));
    assertAccount(4, 1);
  }

  /** The merchant's pair with a fee so high that a small batch cannot replace it. */
  private byte[] refundLike(Grant grant) {
    FeeCoin coin =
        new FeeCoin(dev().fund(BatchBuilder.walletScript(Keys.named("rich")), 80_000), 80_000);
    Bytes32 before = chain.tip().hash();
    dev().mine(1);
    assertFalse(before.equals(chain.tip().hash()));
    return new BatchBuilder(Keys.named("rich"))
        .build(
            List.of(grant.pair()),
            List.of(coin),
            List.of(),
            BatchBuilder.Fee.at(new FeeRate(200_000)))
        .orElseThrow()
        .raw();
  }

  @Test
  void shouldReportWhatARefundTook() {
    int refundHeight = chain.tip().height() + 4;
    List<Escrow> escrows = registered(3, refundHeight);
    List<Grant> grants = Escrows.grants(escrows);
    appliance.grant(grants);
    appliance.settle();
    loseMempool();
    while (chain.tip().height() < refundHeight) {
      dev().mineEmpty(1, dev().wallet().script());
    }
    Escrow first = escrows.getFirst();
    byte[] refund =
        RefundTransaction.of(
            first.terms(), first.buyer().p2wpkh(), new FeeRate(2_000), first.buyer()::sign);
    assertTrue(chain.broadcast(refund).ok());
    mine(1);
    assertEquals(Optional.of(ClaimOutcome.LOST), appliance.settlement.state().outcome(1));
    mine(3);
    assertEquals(1, appliance.totals().lost());
    assertAccount(3, 1);
  }

  @Test
  void shouldFollowReorganizationsOfABatch() {
    appliance.grant(Escrows.grants(registered(3)));
    appliance.settle();
    Batch batch = appliance.batch(1).latest();
    mine(2);
    assertEquals(3, appliance.totals().confirmed());
    dev().invalidate(2);
    dev().mineEmpty(3, dev().wallet().script());
    appliance.run();
    assertEquals(0, appliance.totals().confirmed());
    assertEquals(Account.ZERO, appliance.totals().account());
    assertTrue(inMempool(batch.txid()));
    appliance.crashAndRestart();
    mine(3);
    assertEquals(3, appliance.totals().settled());
    dev().invalidate(4);
    dev().mineEmpty(5, dev().wallet().script());
    appliance.run();
    assertEquals(0, appliance.totals().settled(), "even what was final can come back");
    mine(3);
    assertEquals(3, appliance.totals().settled());
    assertAccount(3, 0);
  }

  @Test
  void shouldFollowAReorganizationThatTookAnotherSpend() {
    List<Grant> grants = Escrows.grants(registered(2));
    assertTrue(chain.broadcast(release(grants.get(0))).ok());
    dev().mine(1);
    appliance.grant(grants);
    appliance.settle();
    assertEquals(Optional.of(ClaimOutcome.PAID_ELSEWHERE), appliance.settlement.state().outcome(1));
    dev().invalidate(1);
    loseMempool();
    dev().mineEmpty(2, dev().wallet().script());
    appliance.run();
    assertEquals(Optional.empty(), appliance.settlement.state().outcome(1));
    appliance.settle();
    mine(3);
    assertEquals(2, appliance.totals().settled());
    assertAccount(2, 0);
  }

  @Test
  void shouldUndoABlockThatACrashLeftHalfTold() {
    List<Grant> grants = Escrows.grants(registered(2));
    appliance.grant(grants);
    appliance.settle();
    appliance.ledger.automatic(false);
    dev().mine(1);
    appliance.run();
    assertEquals(2, appliance.totals().confirmed());
    // Two spends and the batch's confirmation are durable, the block itself is not.
    appliance.ledger.flush(3);
    dev().invalidate(1);
    dev().mineEmpty(2, dev().wallet().script());
    appliance.crashAndRestart();
    appliance.run();
    assertEquals(0, appliance.totals().confirmed());
    assertEquals(Account.ZERO, appliance.totals().account());
    assertEquals(0, appliance.ledger.spentHeight(grants.getFirst().pair().outpoint()));
    mine(3);
    assertEquals(2, appliance.totals().settled());
    assertAccount(2, 0);
  }

  @Test
  void shouldRaiseTheFeeOfAStuckBatch() {
    appliance.grant(Escrows.grants(registered(5)));
    appliance.settle();
    Batch first = appliance.batch(1).latest();
    dev().mineEmpty(3, dev().wallet().script());
    appliance.run();
    assertEquals(2, appliance.batch(1).attempts.size());
    Batch second = appliance.batch(1).latest();
    assertTrue(second.fee() > first.fee());
    assertEquals(first.feeCoins(), second.feeCoins());
    assertTrue(inMempool(second.txid()));
    assertFalse(inMempool(first.txid()));
    mine(3);
    assertEquals(1, appliance.batch(1).confirmedAttempt);
    assertAccount(5, 0);
  }

  @Test
  void shouldFindOutAfterARestartWhoSpentAnEscrow() {
    List<Grant> grants = Escrows.grants(registered(2));
    assertTrue(chain.broadcast(release(grants.get(1))).ok());
    mine(1);
    assertEquals(
        chain.tip().height(),
        appliance.ledger.spentHeight(grants.get(1).claim().terms().outpoint()));
    appliance.crashAndRestart();
    appliance.grant(grants);
    appliance.settle();
    assertEquals(Optional.of(ClaimOutcome.PAID_ELSEWHERE), appliance.settlement.state().outcome(2));
    mine(3);
    assertAccount(2, 1);
  }

  @Test
  void shouldRepeatNothingAfterARestart() {
    appliance.grant(Escrows.grants(registered(3)));
    appliance.settle();
    mine(3);
    int events = appliance.ledger.events;
    SettlementState before = appliance.ledger.replay();
    appliance.crashAndRestart();
    appliance.settle();
    assertEquals(before, appliance.settlement.state());
    assertEquals(0, appliance.ledger.events, events + " events before");
    assertInstanceOf(
        TxStatus.Confirmed.class, chain.transactionStatus(appliance.batch(1).latest().txid(), 3));
  }
}
