package org.micropay.vts.settlement;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.micropay.vts.settlement.Escrows.Escrow;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.Terms;

/** The journal's bytes and the fold over them. */
class SettlementRecordTest {
  private static final Bytes32 HASH = Bytes32.fromHex("ab".repeat(32));
  private static final Outpoint OUTPOINT = new Outpoint(HASH, 3);

  private static Batch batch(int... vouts) {
    List<ReleasePair> pairs = Arrays.stream(vouts).mapToObj(SettlementRecordTest::pair).toList();
    return new BatchBuilder(Escrows.FEE)
        .build(
            pairs,
            List.of(new FeeCoin(new Outpoint(HASH.reversed(), 1_000 + vouts[0]), 50_000)),
            List.of(),
            BatchBuilder.Fee.at(new FeeRate(3_000)))
        .orElseThrow();
  }

  private static ReleasePair pair(int vout) {
    Keys buyer = Keys.named("buyer " + vout);
    Terms terms =
        new Terms(
            Network.REGTEST.magic(),
            new Outpoint(HASH, vout),
            Escrows.VALUE,
            Escrows.PAYOUT,
            10,
            400 + vout,
            buyer.publicKey(),
            Escrows.VTS.publicKey());
    return new Escrow(terms, buyer).grant(vout, Keys.named("merchant").p2wpkh()).pair();
  }

  private static List<SettlementRecord> samples() {
    return List.of(
        new SettlementRecord.BatchStored(1, 0, batch(1, 2, 3)),
        new SettlementRecord.BatchBroadcast(1, 0),
        new SettlementRecord.BatchConfirmed(1, 0, 700_000, HASH),
        new SettlementRecord.BatchUnconfirmed(1, 0, 700_000, HASH),
        new SettlementRecord.BatchAbandoned(1, AbandonReason.CONFLICT),
        new SettlementRecord.ClaimClosed(2, ClaimOutcome.LOST, 700_001, 5, OUTPOINT, HASH),
        new SettlementRecord.ClaimReopened(2),
        new SettlementRecord.BatchStored(2, 0, batch(2, 3)),
        new SettlementRecord.BatchConfirmed(2, 0, 700_002, HASH),
        new SettlementRecord.BatchFinal(2, 0, 700_002),
        new SettlementRecord.WalletSplit(123, batch(9).raw()),
        new SettlementRecord.SplitConfirmed(batch(9).txid(), 700_003),
        new SettlementRecord.SplitUnconfirmed(batch(9).txid()),
        new SettlementRecord.SplitConfirmed(batch(9).txid(), 700_004),
        new SettlementRecord.ClaimUnfunded(77, 700_004, 5, OUTPOINT, HASH),
        new SettlementRecord.ClaimFunded(77),
        new SettlementRecord.ClaimUnfunded(78, 700_004, 5, OUTPOINT, HASH),
        new SettlementRecord.OperatorSet(
            new OperatorSettings(true, Optional.of(new FeeRate(12_345)))),
        new SettlementRecord.WalletChanged(
            700_004, new byte[] {0, 20, 1}, List.of(coin(1, false), coin(2, true)), List.of()),
        new SettlementRecord.WalletChanged(
            700_005, new byte[0], List.of(coin(3, false)), List.of(new Outpoint(HASH, 1))),
        new SettlementRecord.WalletUndone(700_006));
  }

  private static WalletCoins.Coin coin(int vout, boolean coinbase) {
    FeeCoin coin = new FeeCoin(new Outpoint(HASH, vout), 1_000 + vout);
    return new WalletCoins.Coin(coin, 700_000 + vout, coinbase, WalletCoins.UNSPENT);
  }

  @Test
  void shouldReadBackWhatItWrote() {
    for (SettlementRecord sample : samples()) {
      byte[] payload = sample.encode();
      SettlementRecord read = SettlementRecord.decode(sample.type(), payload);
      assertEquals(sample.getClass(), read.getClass());
      assertArrayEquals(payload, read.encode());
      assertThrows(
          IllegalArgumentException.class,
          () -> SettlementRecord.decode(sample.type(), Arrays.copyOf(payload, payload.length - 1)));
      assertThrows(
          IllegalArgumentException.class,
          () -> SettlementRecord.decode(sample.type(), Arrays.copyOf(payload, payload.length + 1)));
    }
  }

  @Test
  void shouldFoldToTheSameStateFromBytes() {
    SettlementState direct = new SettlementState();
    SettlementState replayed = new SettlementState();
    for (SettlementRecord sample : samples()) {
      direct.apply(sample);
      replayed.apply(SettlementRecord.decode(sample.type(), sample.encode()));
      assertEquals(direct, replayed);
    }
    assertEquals(2, direct.totals().settled());
    assertEquals(123, direct.totals().splitFees());
    assertEquals(batch(2, 3).account(), direct.account());
  }

  @Test
  void shouldGoOnFromASnapshotAtAnyPlace() {
    List<SettlementRecord> history = samples();
    for (int cut = 0; cut <= history.size(); cut++) {
      SnapshotChecks.assertRestores(history, cut, 80);
    }
  }

  /** Claims settled, closed and reopened by the thousand, and buried: the snapshot stays short. */
  @Test
  void shouldNotGrowWithWhatIsSettledAndBuried() {
    Batch content = batch(1);
    int[] lengths = new int[3];
    SettlementState state = new SettlementState();
    int claims = 0;
    for (int third = 0; third < lengths.length; third++) {
      for (int i = 0; i < 600; i++) {
        int batch = state.nextBatch();
        int height = 1_000 + 2 * batch;
        claims += 2;
        state.apply(new SettlementRecord.BatchStored(batch, 0, at(content, claims)));
        state.apply(new SettlementRecord.BatchBroadcast(batch, 0));
        state.apply(new SettlementRecord.BatchConfirmed(batch, 0, height, HASH));
        state.apply(new SettlementRecord.BatchFinal(batch, 0, height));
        state.apply(
            new SettlementRecord.ClaimClosed(
                claims - 1, ClaimOutcome.LOST, height, 5, OUTPOINT, HASH));
      }
      lengths[third] = SnapshotChecks.write(state, claims).length;
      SettlementState restored = SnapshotChecks.read(SnapshotChecks.write(state, claims));
      assertEquals(state.totals(), restored.totals());
    }
    assertEquals(lengths[0], lengths[1]);
    assertEquals(lengths[0], lengths[2]);
    assertEquals(1_800, state.totals().settled());
    assertEquals(1_800, state.totals().lost());
  }

  private static Batch at(Batch batch, long position) {
    ReleasePair pair = batch.pairs().getFirst();
    ReleasePair moved =
        new ReleasePair(
            position,
            pair.outpoint(),
            pair.value(),
            pair.refundHeight(),
            pair.witness(),
            pair.payout(),
            pair.payoutScript());
    return new Batch(
        batch.raw(),
        batch.txid(),
        List.of(moved),
        batch.feeCoins(),
        batch.change(),
        batch.fee(),
        batch.vsize());
  }

  @Test
  void shouldRefuseRecordsThatCannotFollow() {
    SettlementState state = new SettlementState();
    refuse(state, new SettlementRecord.BatchStored(2, 0, batch(1)));
    refuse(state, new SettlementRecord.BatchBroadcast(1, 0));
    state.apply(new SettlementRecord.BatchStored(1, 0, batch(1)));
    refuse(state, new SettlementRecord.BatchStored(2, 0, batch(1)));
  }

  @Test
  void shouldRefuseToCloseAClaimThatABatchHolds() {
    SettlementState state = new SettlementState();
    state.apply(new SettlementRecord.BatchStored(1, 0, batch(1)));
    refuse(state, new SettlementRecord.ClaimClosed(1, ClaimOutcome.LOST, 9, 5, OUTPOINT, HASH));
    refuse(state, new SettlementRecord.ClaimReopened(1));
    refuse(state, new SettlementRecord.BatchFinal(1, 0, 9));
    state.apply(new SettlementRecord.BatchConfirmed(1, 0, 9, HASH));
    refuse(state, new SettlementRecord.BatchConfirmed(1, 0, 9, HASH));
    refuse(state, new SettlementRecord.BatchAbandoned(1, AbandonReason.CONFLICT));
  }

  private static void refuse(SettlementState state, SettlementRecord entry) {
    assertThrows(IllegalStateException.class, () -> state.apply(entry), entry::toString);
  }

  @Test
  void shouldBalanceEveryAccount() {
    Account account = batch(1, 2).account();
    assertEquals(account, account.plus(account).minus(account));
    assertThrows(IllegalArgumentException.class, () -> new Account(1, 0, 0, 0, 0));
    assertThrows(ArithmeticException.class, () -> new Account(Long.MAX_VALUE, 1, 0, 0, 0));
  }
}
