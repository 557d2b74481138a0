package org.micropay.vts.settlement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.settlement.Escrows.Escrow;
import org.micropay.vts.settlement.Escrows.Grant;
import org.micropay.vts.ticket.Bytes32;

/** The exact balances of a known history, and that a journal that says otherwise is found out. */
class BookkeeperTest {
  private static final long FEE_COIN = 200_000;
  private static final int CLAIMS = 4;

  @TempDir Path folder;
  private EmbeddedChain chain;
  private Appliance appliance;

  /** Four claims: one released by its merchant, three settled; a top-up, a split, a funding. */
  @BeforeEach
  void play() {
    chain = EmbeddedChain.open(folder.resolve("chain.dat"), InstantSource.system());
    chain.mature(5);
    chain.fund(BatchBuilder.walletScript(Escrows.FEE), FEE_COIN);
    chain.mine(1);
    appliance = new Appliance(chain, Appliance.POLICY);
    chain.fund(BatchBuilder.walletScript(Escrows.FEE), FEE_COIN);
    List<Escrow> escrows = new Escrows(chain).make(CLAIMS + 1, chain.tip().height() + 1_000);
    chain.mine(1);
    appliance.run();
    appliance.registerAll(escrows);
    List<Grant> grants = Escrows.grants(escrows.subList(0, CLAIMS));
    assertTrue(
        chain
            .broadcast(
                ReleaseTransaction.of(
                    grants.getFirst().claim(), grants.getFirst().counterSignature()))
            .ok());
    appliance.grant(grants);
    appliance.settle();
    chain.mine(3);
    appliance.run();
  }

  @AfterEach
  void close() {
    chain.close();
  }

  @Test
  void shouldKnowWhereEverySatoshiIs() {
    Books books = appliance.books();
    assertEquals(List.of(), books.differences());
    assertEquals(new Books.Grants(CLAIMS, CLAIMS - 1, 1, 0, 0), books.grants());
    Map<BookAccount, Long> balances = books.balances();
    Account account = appliance.totals().account();
    assertEquals(Escrows.VALUE, balances.get(BookAccount.ESCROWS), "one was granted to nobody");
    assertEquals(-(CLAIMS + 1) * Escrows.VALUE, balances.get(BookAccount.BUYERS));
    assertEquals(CLAIMS * Escrows.PAYOUT, balances.get(BookAccount.PAYOUTS));
    assertEquals(-2 * FEE_COIN, balances.get(BookAccount.OPERATOR));
    assertEquals(
        2 * FEE_COIN - account.wallet() + account.change(), balances.get(BookAccount.WALLET));
    assertEquals(account.fees() + Escrows.VALUE - Escrows.PAYOUT, balances.get(BookAccount.FEES));
    assertEquals(0, balances.get(BookAccount.FEE_ALLOWANCES));
    assertEquals(0, balances.values().stream().mapToLong(Long::longValue).sum());
    assertTrue(books.csv().size() > 1);
  }

  private Books without(RecordType type, int number) {
    return Bookkeeper.keep(
        appliance.ledger.booksWithout((one, count) -> one == type && count == number),
        chain,
        List.of(BatchBuilder.walletScript(Escrows.FEE)),
        height -> {});
  }

  private void assertDiffers(String entry, Books books) {
    assertFalse(books.agrees());
    assertTrue(
        books.differences().stream().anyMatch(one -> one.entry().startsWith(entry)),
        books.differences()::toString);
  }

  @Test
  void shouldFindWhatTheJournalLeavesOut() {
    assertDiffers("transaction", without(RecordType.BATCH_CONFIRMED, 1));
    assertDiffers("claim at 1", without(RecordType.CLAIM_CLOSED, 1));
    assertDiffers("output", without(RecordType.ESCROW_SPENT, 1));
    assertDiffers("escrow", without(RecordType.GRANT, 2));
    assertDiffers("block", cut());
    Books unregistered = without(RecordType.REGISTER, 2);
    assertDiffers("transaction", unregistered);
  }

  /** A journal that ends at a block of another branch. */
  private Books cut() {
    BookJournal journal = appliance.ledger.books();
    BlockRef last = journal.blocks.removeLast();
    journal.blocks.addLast(new BlockRef(Bytes32.ZERO, last.height(), last.previous(), 0));
    return Bookkeeper.keep(journal, chain, List.of(), height -> {});
  }

  @Test
  void shouldTellAnOperatorsWithdrawalFromSettlement() {
    FeeCoin coin =
        chain.scan(BatchBuilder.walletScript(Escrows.FEE)).utxos().stream()
            .map(utxo -> new FeeCoin(utxo.outpoint(), utxo.value()))
            .findFirst()
            .orElseThrow();
    byte[] split =
        new BatchBuilder(Escrows.FEE).split(coin, 1, 20_000, new FeeRate(2_000)).orElseThrow();
    assertTrue(chain.broadcast(split).ok());
    chain.mine(1);
    appliance.run();
    Books books = appliance.books();
    assertEquals(List.of(), books.differences());
    assertEquals(
        BookTransaction.Kind.WITHDRAWAL,
        books.transactions().stream()
            .filter(one -> one.txid().equals(Transactions.txid(Transactions.parse(split))))
            .findFirst()
            .orElseThrow()
            .kind());
  }

  @Test
  void shouldRefuseEntriesThatDoNotBalance() {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new BookTransaction(
                Bytes32.ZERO,
                1,
                BookTransaction.Kind.TOP_UP,
                List.of(new BookTransaction.Entry(BookAccount.WALLET, 1, "x"))));
  }
}
