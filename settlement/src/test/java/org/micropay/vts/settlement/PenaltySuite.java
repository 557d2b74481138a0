package org.micropay.vts.settlement;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
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

/** Deposits of buyers who spent twice; one subclass for each chain. */
abstract class PenaltySuite {
  private static final long DEPOSIT = 500_000;
  private static final long GOOD_FEE = 5_000;
  private static final int FAR = 10_000;

  private Appliance appliance;
  private Chain chain;
  private Escrow escrow;

  abstract DevChain dev();

  /** Empties the mempool as a restarted node does. */
  abstract void loseMempool();

  @BeforeEach
  void begin() {
    chain = dev().chain();
    appliance = new Appliance(chain, Appliance.POLICY);
  }

  @AfterEach
  void shouldGoOnFromASnapshotAtAnyPlace() {
    SnapshotChecks.assertRestores(appliance.ledger.penaltyRecords());
  }

  /** What was there before something ended much later keeps its sums and none of its bytes. */
  @AfterEach
  void shouldForgetTheTransactionsOfWhatIsBuried() {
    PenaltyState state = appliance.ledger.replayPenalty();
    PenaltyState.Totals before = state.totals();
    int far = chain.tip().height() + 2 * SettlementState.HORIZON;
    state.apply(
        new PenaltyRecord.DepositGone(
            1_000_000,
            DepositOutcome.TAKEN_BACK,
            far,
            DEPOSIT,
            new Outpoint(Bytes32.ZERO, far),
            Bytes32.ZERO));
    PenaltyState.Totals after = state.totals();
    assertEquals(before.satoshi(), after.satoshi());
    assertEquals(before.ownFees(), after.ownFees());
    assertEquals(before.burned(), after.burned());
    for (PenaltyState.Entry entry : state.entries()) {
      boolean over =
          entry.status == PenaltyState.Status.FINAL || entry.status == PenaltyState.Status.GONE;
      assertEquals(over && entry.height < far, entry.buried, entry.toString());
      assertTrue(!entry.buried || entry.attempts.isEmpty() && !state.needs(entry.proof));
    }
  }

  private void fundWallet() {
    dev().fund(BatchBuilder.walletScript(Escrows.FEE), 60_000);
    mine(1);
  }

  private void mine(int blocks) {
    dev().mine(blocks);
    appliance.run();
  }

  /** A registered escrow with a deposit behind it. */
  private Deposit deposit(long burnFee, int refundIn) {
    int height = chain.tip().height();
    escrow = new Escrows(dev()).make(1, height + FAR).getFirst();
    Terms terms = escrow.terms();
    int refundHeight = height + refundIn;
    Outpoint outpoint =
        dev()
            .fund(
                EscrowScript.of(terms.buyerKey(), terms.vtsKey(), refundHeight)
                    .scriptPubKey()
                    .toArray(),
                DEPOSIT);
    Bytes32 none = Bytes32.ZERO;
    Deposit unsigned =
        new Deposit(outpoint, DEPOSIT, refundHeight, burnFee, escrow.buyer().sign(none));
    Deposit deposit =
        new Deposit(
            outpoint,
            DEPOSIT,
            refundHeight,
            burnFee,
            escrow.buyer().sign(SpendTemplate.burn(terms, unsigned).digest()));
    mine(1);
    Registration registration =
        new Registration(
            terms,
            Optional.of(deposit),
            escrow.buyer().sign(Registration.digest(terms, Optional.of(deposit))));
    CompletableFuture<EscrowWatcher.Answer> answer =
        appliance.settlement.register(registration, "test");
    appliance.run();
    assertEquals(AnswerCode.REGISTERED, answer.join().code());
    return deposit;
  }

  private ProvenDoubleSpend proof(long position, Deposit deposit) {
    return new ProvenDoubleSpend(
        position,
        escrow.terms(),
        deposit,
        Escrows.VTS.sign(SpendTemplate.burn(escrow.terms(), deposit).digest()));
  }

  private PenaltyState.Totals totals() {
    return appliance.settlement.penaltyState().totals();
  }

  private PenaltyState.Entry entry(Deposit deposit) {
    return appliance.settlement.penaltyState().on(deposit.outpoint()).orElseThrow();
  }

  private boolean inMempool(Burn burn) {
    return chain
        .spenderInMempool(burn.pair().outpoint())
        .filter(spend -> spend.txid().equals(burn.txid()))
        .isPresent();
  }

  private byte[] refund(Deposit deposit) {
    Terms same =
        new Terms(
            Network.REGTEST.magic(),
            deposit.outpoint(),
            deposit.value(),
            deposit.value(),
            1,
            deposit.refundHeight(),
            escrow.terms().buyerKey(),
            escrow.terms().vtsKey());
    return RefundTransaction.of(
        same, escrow.buyer().p2wpkh(), new FeeRate(3_000), escrow.buyer()::sign);
  }

  @Test
  void shouldBurnOnceAndFollowItUntilItIsFinal() {
    Deposit deposit = deposit(GOOD_FEE, FAR);
    appliance.prove(proof(5, deposit));
    appliance.prove(proof(9, deposit));
    appliance.run();
    Burn burn = entry(deposit).latest();
    assertTrue(inMempool(burn), () -> appliance.settlement.status().toString());
    assertEquals(GOOD_FEE, burn.fee());
    assertEquals(0, burn.ownFee());
    assertArrayEquals(
        SpendTemplate.burn(escrow.terms(), deposit)
            .transaction(org.micropay.vts.ticket.EscrowWitness.serialize(burn.pair().witness())),
        burn.raw(),
        "the transaction that the protocol draws");
    mine(1);
    assertEquals(1, totals().confirmed());
    mine(2);
    assertEquals(new PenaltyState.Totals(0, 0, 1, 0, 0, DEPOSIT, 0), totals());
    appliance.crashAndRestart();
    appliance.run();
    assertEquals(1, totals().burned());
    assertEquals(1, entry(deposit).attempts.size());
    appliance.assertReplays();
  }

  @Test
  void shouldAddToAFeeThatIsTooLow() {
    fundWallet();
    Deposit deposit = deposit(1, FAR);
    appliance.prove(proof(5, deposit));
    appliance.run();
    Burn burn = entry(deposit).latest();
    assertTrue(inMempool(burn), () -> appliance.settlement.status().toString());
    assertTrue(burn.rate().compareTo(Appliance.POLICY.minRate()) >= 0);
    Outpoint coin = burn.feeCoins().getFirst().outpoint();
    assertTrue(
        appliance.settlement.penaltyState().reservedCoins().contains(coin), "settlement keeps off");
    mine(3);
    assertEquals(1, totals().burned());
    assertEquals(burn.ownFee(), totals().ownFees());
    appliance.assertReplays();
  }

  @Test
  void shouldWaitForAFeeCoinWhenItsOwnFeeIsNotRelayed() {
    appliance = new Appliance(chain, Appliance.POLICY);
    spendWallet();
    Deposit deposit = deposit(1, FAR);
    appliance.prove(proof(5, deposit));
    appliance.run();
    assertTrue(appliance.settlement.penaltyState().on(deposit.outpoint()).isEmpty());
    String said = appliance.settlement.status().penaltyCondition();
    assertTrue(said.contains("own fee of 1 satoshi"), said);
    fundWallet();
    assertTrue(inMempool(entry(deposit).latest()));
    mine(3);
    assertEquals(1, totals().burned());
  }

  /** Sends the fee wallet's coins to nobody of ours. */
  private void spendWallet() {
    for (Utxo coin : chain.scan(BatchBuilder.walletScript(Escrows.FEE)).utxos()) {
      fr.acinq.bitcoin.Transaction tx =
          new fr.acinq.bitcoin.Transaction(
              2,
              java.util.List.of(
                  new fr.acinq.bitcoin.TxIn(
                      Transactions.outPoint(coin.outpoint()), Transactions.SEQUENCE_REPLACEABLE)),
              java.util.List.of(
                  new fr.acinq.bitcoin.TxOut(
                      new fr.acinq.bitcoin.Satoshi(coin.value() - 1_000),
                      Keys.named("nobody").p2wpkh().toArray())),
              0);
      tx = new BatchBuilder(Escrows.FEE).signInput(tx, 0, coin.value());
      assertTrue(chain.broadcast(Transactions.serialize(tx)).ok());
    }
    mine(1);
  }

  @Test
  void shouldRaiseTheFeeOfABurnThatWaits() {
    fundWallet();
    Deposit deposit = deposit(GOOD_FEE, FAR);
    appliance.prove(proof(5, deposit));
    appliance.run();
    for (int i = 0; i < Appliance.POLICY.bumpAfterBlocks(); i++) {
      dev().mineEmpty(1, dev().wallet().script());
      appliance.run();
    }
    assertEquals(2, entry(deposit).attempts.size());
    assertTrue(inMempool(entry(deposit).latest()));
    assertTrue(entry(deposit).latest().fee() > GOOD_FEE);
    mine(3);
    assertEquals(1, totals().burned());
    appliance.assertReplays();
  }

  @Test
  void shouldReportADepositThatWasTakenBackBeforeTheProof() {
    Deposit deposit = deposit(GOOD_FEE, 3);
    mine(3);
    assertTrue(chain.broadcast(refund(deposit)).ok());
    mine(1);
    appliance.prove(proof(5, deposit));
    appliance.run();
    assertEquals(DepositOutcome.TAKEN_BACK, entry(deposit).outcome);
    assertEquals(1, totals().takenBack());
    dev().invalidate(1);
    loseMempool();
    dev().mineEmpty(2, dev().wallet().script());
    appliance.run();
    assertTrue(inMempool(entry(deposit).latest()), "it came back, and is burnt");
    mine(3);
    assertEquals(1, totals().burned());
    appliance.assertReplays();
  }

  @Test
  void shouldReportADepositThatIsTakenBackWhileTheBurnWaits() {
    Deposit deposit = deposit(GOOD_FEE, 3);
    mine(3);
    appliance.prove(proof(5, deposit));
    appliance.run();
    assertTrue(inMempool(entry(deposit).latest()));
    loseMempool();
    assertTrue(chain.broadcast(refund(deposit)).ok());
    mine(1);
    assertEquals(DepositOutcome.TAKEN_BACK, entry(deposit).outcome);
    appliance.crashAndRestart();
    appliance.run();
    assertEquals(1, totals().takenBack());
    appliance.assertReplays();
  }

  @Test
  void shouldSeeThatOthersBurntIt() {
    Deposit deposit = deposit(GOOD_FEE, FAR);
    ProvenDoubleSpend proof = proof(5, deposit);
    Burn alone =
        BurnBuilder.alone(proof.pair(), BatchBuilder.Fee.at(FeeRate.MIN_RELAY)).orElseThrow();
    assertTrue(chain.broadcast(alone.raw()).ok());
    mine(1);
    appliance.prove(proof);
    appliance.run();
    assertEquals(DepositOutcome.BURNED_ELSEWHERE, entry(deposit).outcome);
    assertEquals(1, totals().burnedElsewhere());
    appliance.assertReplays();
  }

  @Test
  void shouldFollowReorganizations() {
    Deposit deposit = deposit(GOOD_FEE, FAR);
    appliance.prove(proof(5, deposit));
    appliance.run();
    Burn burn = entry(deposit).latest();
    mine(3);
    assertEquals(1, totals().burned());
    dev().invalidate(3);
    loseMempool();
    dev().mineEmpty(4, dev().wallet().script());
    appliance.run();
    assertEquals(1, totals().waiting());
    assertTrue(inMempool(burn), "the same bytes again");
    appliance.crashAndRestart();
    mine(3);
    assertEquals(1, totals().burned());
    appliance.assertReplays();
  }

  @Test
  void shouldNotSendBeforeTheBytesAreDurable() {
    Deposit deposit = deposit(GOOD_FEE, FAR);
    appliance.ledger.automatic(false);
    appliance.prove(proof(5, deposit));
    appliance.run();
    Burn burn = entry(deposit).latest();
    assertFalse(inMempool(burn));
    appliance.crashAndRestart();
    assertTrue(appliance.settlement.penaltyState().entries().isEmpty(), "not durable, not done");
    appliance.run();
    assertTrue(inMempool(entry(deposit).latest()));
    assertEquals(burn.txid(), entry(deposit).latest().txid());
    loseMempool();
    appliance.clock.addAndGet(Appliance.POLICY.retryMillis());
    appliance.run();
    assertTrue(inMempool(burn), "forgotten by the node, sent again");
    mine(3);
    assertEquals(1, totals().burned());
  }
}
