package org.micropay.vts.settlement;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fr.acinq.bitcoin.Block;
import fr.acinq.bitcoin.ByteVector;
import fr.acinq.bitcoin.Satoshi;
import fr.acinq.bitcoin.ScriptWitness;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxOut;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.micropay.vts.settlement.Escrows.Escrow;
import org.micropay.vts.settlement.Escrows.Grant;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.SpendTemplate;

/** What every {@link Chain} must do; one subclass for each implementation. */
abstract class ChainSuite {
  private static final FeeRate RATE = new FeeRate(2_000);
  private static final FeeRate CAP = new FeeRate(1_000_000);

  /** A regtest chain whose wallet has spendable coins. */
  abstract DevChain dev();

  private Chain chain() {
    return dev().chain();
  }

  private Escrows escrows() {
    return new Escrows(dev());
  }

  private int farHeight() {
    return chain().tip().height() + 10_000;
  }

  private List<Escrow> confirmedEscrows(int count) {
    List<Escrow> made = escrows().make(count, farHeight());
    dev().mine(1);
    return made;
  }

  private FeeCoin feeCoin(long value) {
    Outpoint outpoint = dev().fund(BatchBuilder.walletScript(Escrows.FEE), value);
    dev().mine(1);
    return new FeeCoin(outpoint, value);
  }

  private Batch batch(List<ReleasePair> pairs, FeeCoin coin, FeeRate rate) {
    return new BatchBuilder(Escrows.FEE)
        .build(pairs, List.of(coin), List.of(), BatchBuilder.Fee.at(rate))
        .orElseThrow();
  }

  private List<BatchChecker.Problem> check(Batch batch) {
    List<Outpoint> inputs = new ArrayList<>();
    batch.pairs().forEach(pair -> inputs.add(pair.outpoint()));
    batch.feeCoins().forEach(coin -> inputs.add(coin.outpoint()));
    return new BatchChecker(BatchBuilder.walletScript(Escrows.FEE), CAP)
        .check(batch, chain().utxos(inputs));
  }

  private void assertRejected(RejectReason reason, byte[] transaction) {
    Acceptance tried = chain().testAccept(transaction);
    assertEquals(
        reason, assertInstanceOf(Acceptance.Rejected.class, tried).reason(), tried::toString);
    assertInstanceOf(Acceptance.Rejected.class, chain().broadcast(transaction));
  }

  @Test
  void shouldTellNetworkAndTip() {
    ChainStatus status = chain().status();
    assertEquals(Network.REGTEST, status.network());
    assertTrue(status.synced(), status::toString);
    List<Bytes32> mined = dev().mine(2);
    BlockRef tip = chain().tip();
    assertEquals(mined.getLast(), tip.hash());
    assertEquals(mined.getFirst(), tip.previous());
    assertEquals(status.tip().height() + 2, tip.height());
  }

  @Test
  void shouldGiveBlocksByHashAndHeight() {
    BlockRef tip = chain().tip();
    for (int height : new int[] {0, 1, 17, tip.height()}) {
      Bytes32 hash = chain().hashAt(height).orElseThrow();
      ChainBlock block = chain().block(hash).orElseThrow();
      Block parsed = Block.read(block.raw());
      assertEquals(hash, ChainState.hash(parsed.header));
      assertEquals(height, block.ref().height());
      assertEquals(ChainState.previous(parsed.header), block.ref().previous());
      assertEquals(parsed.header.time, block.ref().timeSeconds());
      assertEquals(block.ref(), chain().header(hash).orElseThrow());
    }
    assertTrue(chain().hashAt(tip.height() + 1).isEmpty());
    assertTrue(chain().block(Bytes32.ZERO).isEmpty());
    assertTrue(chain().header(Bytes32.ZERO).isEmpty());
  }

  @Test
  void shouldFindUnspentOutputsAtOneTip() {
    byte[] script = Keys.named("many").p2wpkh().toArray();
    List<Payment> payments = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      payments.add(new Payment(script, 1_000 + i));
    }
    List<Outpoint> asked = new ArrayList<>(dev().fund(payments));
    assertTrue(chain().utxos(asked).utxos().isEmpty(), "unconfirmed outputs do not count");
    dev().mine(1);
    BlockRef tip = chain().tip();
    for (int i = 0; i < 600; i++) {
      asked.add(new Outpoint(asked.getFirst().txid(), 5_000 + i));
    }
    UtxoAnswer answer = chain().utxos(asked);
    assertEquals(tip, answer.tip());
    assertEquals(600, answer.utxos().size());
    Utxo utxo = answer.get(asked.get(7)).orElseThrow();
    assertEquals(1_007, utxo.value());
    assertEquals(tip.height(), utxo.height());
    assertArrayEquals(script, utxo.script());
    assertFalse(utxo.coinbase());
    assertEquals(600, chain().scan(script).utxos().size());
  }

  @Test
  void shouldFollowATransactionFromMempoolToBlock() {
    Escrow escrow = confirmedEscrows(1).getFirst();
    Grant grant = escrow.grant(1, Keys.named("merchant").p2wpkh());
    byte[] release = ReleaseTransaction.of(grant.claim(), grant.counterSignature());
    Bytes32 txid = Transactions.txid(Transactions.parse(release));
    Outpoint outpoint = escrow.terms().outpoint();
    assertInstanceOf(TxStatus.Unknown.class, chain().transactionStatus(txid, 1));
    assertTrue(chain().spenderInMempool(outpoint).isEmpty());
    assertInstanceOf(Acceptance.Accepted.class, chain().broadcast(release));
    assertInstanceOf(Acceptance.AlreadyKnown.class, chain().broadcast(release));
    assertInstanceOf(Acceptance.AlreadyKnown.class, chain().testAccept(release));
    assertInstanceOf(TxStatus.InMempool.class, chain().transactionStatus(txid, 1));
    MempoolSpend spend = chain().spenderInMempool(outpoint).orElseThrow();
    assertEquals(txid, spend.txid());
    assertArrayEquals(release, spend.raw());
    dev().mine(2);
    TxStatus.Confirmed confirmed =
        assertInstanceOf(TxStatus.Confirmed.class, chain().transactionStatus(txid, 1));
    assertEquals(chain().tip().height() - 1, confirmed.block().height());
    assertInstanceOf(Acceptance.AlreadyKnown.class, chain().broadcast(release));
    assertTrue(chain().spenderInMempool(outpoint).isEmpty());
  }

  @Test
  void shouldRejectForTheSameReasons() {
    Escrow escrow = confirmedEscrows(1).getFirst();
    Grant grant = escrow.grant(1, Keys.named("merchant").p2wpkh());
    byte[] release = ReleaseTransaction.of(grant.claim(), grant.counterSignature());
    Transaction tx = Transactions.parse(release);
    long value = escrow.terms().value();
    assertRejected(RejectReason.OTHER, new byte[] {1, 2, 3});
    byte[] doubled = java.util.Arrays.copyOf(release, release.length + 1);
    assertRejected(RejectReason.OTHER, doubled);
    // The output is signed: changing it breaks the signature, and that only after the amounts.
    assertRejected(RejectReason.SCRIPT, withOutput(tx, PayoutScript.of(script(tx)), 50_000));
    assertRejected(RejectReason.DUST, withOutput(tx, PayoutScript.of(script(tx)), 293));
    assertRejected(RejectReason.FEE_TOO_LOW, withOutput(tx, PayoutScript.of(script(tx)), value));
    assertRejected(RejectReason.OTHER, withOutput(tx, PayoutScript.of(script(tx)), value + 1));
    assertRejected(
        RejectReason.SCRIPT,
        Transactions.serialize(tx.updateWitness(0, tx.txIn.getFirst().witness.push(new byte[0]))));
    Escrow unfunded =
        new Escrow(
            new org.micropay.vts.ticket.Terms(
                escrow.terms().network(),
                new Outpoint(Bytes32.ZERO.reversed(), 9),
                value,
                Escrows.PAYOUT,
                1,
                escrow.terms().refundHeight(),
                escrow.buyer().publicKey(),
                Escrows.VTS.publicKey()),
            escrow.buyer());
    Grant lost = unfunded.grant(1, Keys.named("merchant").p2wpkh());
    assertRejected(
        RejectReason.MISSING_INPUTS, ReleaseTransaction.of(lost.claim(), lost.counterSignature()));
    assertTrue(chain().testAccept(release).ok());
  }

  private static byte[] script(Transaction tx) {
    return Transactions.script(tx.txOut.getFirst());
  }

  private static byte[] withOutput(Transaction tx, PayoutScript script, long value) {
    return Transactions.serialize(
        tx.updateOutputs(List.of(new TxOut(new Satoshi(value), script.toArray()))));
  }

  @Test
  void shouldLetTheBuyerRefundFromTheRefundHeightOn() {
    int height = chain().tip().height() + 4;
    Escrow escrow = escrows().make(1, height).getFirst();
    dev().mine(1);
    byte[] refund =
        RefundTransaction.of(
            escrow.terms(), Keys.named("buyer's purse").p2wpkh(), RATE, escrow.buyer()::sign);
    // In the block after height h at the earliest: nLockTime must lie below the block's height.
    while (chain().tip().height() < height) {
      assertRejected(RejectReason.NOT_FINAL, refund);
      dev().mine(1);
    }
    assertInstanceOf(Acceptance.Accepted.class, chain().broadcast(refund));
    dev().mine(1);
    assertTrue(chain().utxos(List.of(escrow.terms().outpoint())).utxos().isEmpty());
  }

  @Test
  void shouldReplaceByFeeOnlyForEnough() {
    List<ReleasePair> pairs = Escrows.pairs(confirmedEscrows(3));
    FeeCoin coin = feeCoin(100_000);
    Batch first = batch(pairs, coin, RATE);
    assertTrue(chain().broadcast(first.raw()).ok());
    // The least step of newer nodes is 0.1 sat/vB; 1 sat/vB is enough for all.
    long step = FeeRate.MIN_RELAY.feeFor(first.vsize());
    assertRejected(RejectReason.CONFLICT, bumped(pairs, coin, first.fee() + step / 20).raw());
    Batch enough = bumped(pairs, coin, first.fee() + step + 10);
    assertInstanceOf(Acceptance.Accepted.class, chain().broadcast(enough.raw()));
    assertInstanceOf(
        TxStatus.Unknown.class, chain().transactionStatus(first.txid(), pairs.size() + 1));
    assertRejected(RejectReason.CONFLICT, first.raw());
    dev().mine(1);
    assertInstanceOf(
        TxStatus.Confirmed.class, chain().transactionStatus(enough.txid(), pairs.size() + 1));
    assertRejected(RejectReason.MISSING_INPUTS, first.raw());
  }

  private static Batch bumped(List<ReleasePair> pairs, FeeCoin coin, long fee) {
    return new BatchBuilder(Escrows.FEE)
        .build(pairs, List.of(coin), List.of(), new BatchBuilder.Fee(RATE, fee))
        .orElseThrow();
  }

  @Test
  void shouldSettleTheLargestBatch() {
    List<ReleasePair> pairs = Escrows.pairs(confirmedEscrows(78));
    FeeCoin coin = feeCoin(100_000);
    int fitting = BatchBuilder.fitting(pairs, 100);
    assertTrue(fitting >= 75, fitting + " claims fit");
    Batch batch = batch(pairs.subList(0, fitting), coin, RATE);
    assertTrue(batch.vsize() <= BatchBuilder.MAX_VSIZE && batch.vsize() > 9_800, batch::toString);
    assertEquals(List.of(), check(batch));
    assertInstanceOf(Acceptance.Accepted.class, chain().testAccept(batch.raw()));
    assertInstanceOf(Acceptance.Accepted.class, chain().broadcast(batch.raw()));
    dev().mine(1);
    TxStatus status = chain().transactionStatus(batch.txid(), fitting + 1);
    assertInstanceOf(TxStatus.Confirmed.class, status);
    byte[] merchant = Keys.named("merchant 5").p2wpkh().toArray();
    assertTrue(
        chain().scan(merchant).utxos().stream()
            .anyMatch(utxo -> utxo.outpoint().equals(new Outpoint(batch.txid(), 5))));
  }

  @Test
  void shouldRefuseVersionThreeAboveTenThousand() {
    List<ReleasePair> pairs = Escrows.pairs(confirmedEscrows(80));
    FeeCoin coin = feeCoin(100_000);
    Batch small = batch(pairs.subList(0, 70), coin, RATE);
    Transaction tx = Transactions.parse(small.raw());
    List<fr.acinq.bitcoin.TxIn> inputs = new ArrayList<>(tx.txIn);
    List<TxOut> outputs = new ArrayList<>(tx.txOut);
    // Without the fee input, whose signature covers everything; the allowances pay.
    inputs.removeLast();
    outputs.removeLast();
    for (ReleasePair pair : pairs.subList(70, 80)) {
      inputs.add(pair.input());
      outputs.add(pair.output());
    }
    Transaction big = new Transaction(SpendTemplate.VERSION, inputs, outputs, 0);
    assertTrue(Transactions.vsize(big) > BatchBuilder.MAX_VSIZE);
    assertRejected(RejectReason.TRUC, Transactions.serialize(big));
  }

  @Test
  void shouldRefuseTamperedBatchesHereAndThere() {
    List<ReleasePair> pairs = Escrows.pairs(confirmedEscrows(4));
    Batch batch = batch(pairs, feeCoin(100_000), RATE);
    assertEquals(List.of(), check(batch));
    Transaction tx = Transactions.parse(batch.raw());
    List<Transaction> tampered = new ArrayList<>();
    TxOut first = tx.txOut.getFirst();
    // One satoshi less to a merchant, two outputs swapped, the change elsewhere, a witness item
    // changed, two witnesses swapped, another lock time.
    tampered.add(replaceOutput(tx, 0, first.updateAmount(first.amount.minus(new Satoshi(1)))));
    tampered.add(replaceOutput(replaceOutput(tx, 0, tx.txOut.get(1)), 1, first));
    tampered.add(
        replaceOutput(
            tx, 4, tx.txOut.get(4).updatePublicKeyScript(Keys.named("thief").p2wpkh().toArray())));
    tampered.add(flipSignatureBit(tx, 2, 0));
    tampered.add(flipSignatureBit(tx, 2, 1));
    tampered.add(flipSignatureBit(tx, 4, 0));
    tampered.add(
        tx.updateWitness(0, tx.txIn.get(1).witness).updateWitness(1, tx.txIn.get(0).witness));
    tampered.add(new Transaction(tx.version, tx.txIn, tx.txOut, 1));
    tampered.add(new Transaction(2, tx.txIn, tx.txOut, 0));
    for (Transaction bad : tampered) {
      byte[] raw = Transactions.serialize(bad);
      Batch claimed =
          new Batch(
              raw,
              Transactions.txid(bad),
              batch.pairs(),
              batch.feeCoins(),
              batch.change(),
              batch.fee(),
              Transactions.vsize(bad));
      assertNotEquals(List.of(), check(claimed), "ours took tampered " + tampered.indexOf(bad));
      assertRejected(RejectReason.SCRIPT, raw);
    }
    assertTrue(chain().broadcast(batch.raw()).ok());
    dev().mine(1);
  }

  private static Transaction replaceOutput(Transaction tx, int index, TxOut out) {
    List<TxOut> outputs = new ArrayList<>(tx.txOut);
    outputs.set(index, out);
    return tx.updateOutputs(outputs);
  }

  /** Changes the last byte of r or s, so that the encoding stays strict. */
  private static Transaction flipSignatureBit(Transaction tx, int input, int item) {
    List<ByteVector> stack = new ArrayList<>(tx.txIn.get(input).witness.stack);
    byte[] der = stack.get(item).toByteArray();
    der[der.length - 2] ^= 1;
    stack.set(item, new ByteVector(der));
    return tx.updateWitness(input, new ScriptWitness(stack));
  }

  @Test
  void shouldKeepStaleBlocksAndReturnTheirTransactions() {
    List<ReleasePair> pairs = Escrows.pairs(confirmedEscrows(2));
    Batch batch = batch(pairs, feeCoin(100_000), RATE);
    chain().broadcast(batch.raw());
    Bytes32 stale = dev().mine(1).getFirst();
    BlockRef before = chain().tip();
    dev().invalidate(1);
    assertEquals(before.previous(), chain().tip().hash());
    assertInstanceOf(TxStatus.InMempool.class, chain().transactionStatus(batch.txid(), 3));
    List<Bytes32> empty = dev().mineEmpty(2, Keys.named("other miner").p2wpkh().toArray());
    assertEquals(empty.getLast(), chain().tip().hash());
    assertEquals(before, chain().block(stale).orElseThrow().ref());
    assertEquals(empty.getFirst(), chain().hashAt(before.height()).orElseThrow());
    assertInstanceOf(TxStatus.InMempool.class, chain().transactionStatus(batch.txid(), 3));
    dev().mine(1);
    assertInstanceOf(TxStatus.Confirmed.class, chain().transactionStatus(batch.txid(), 3));
  }

  @Test
  void shouldHintAtNewBlocks() throws InterruptedException {
    CountDownLatch hinted = new CountDownLatch(1);
    chain().onHint(hinted::countDown);
    for (int i = 0; i < 100 && hinted.getCount() > 0; i++) {
      // A subscription over the network may only just have begun: mine until one gets through.
      dev().mine(1);
      assertTrue(hinted.await(100, TimeUnit.MILLISECONDS) || i < 99);
    }
  }
}
