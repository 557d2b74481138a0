package org.micropay.vts.merchant;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.secp256k1.Kernels;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.Ticket;

/** A thread's own batch, with the test as its event loop. */
class TicketBatchTest {
  private static final Price PRICE = new Price(1_000);
  private static final int NEVER = Integer.MAX_VALUE;
  private static final long HUGE = 1_000_000_000_000L;
  private static final SpendingLimits LIMITS =
      new SpendingLimits(
          new Price(1L << 52), new Price(1L << 52), new Price(1L << 52), new Price(1L << 52));

  @TempDir Path folder;
  private final Exchange vts = new Exchange();
  private final ArrayDeque<Runnable> loop = new ArrayDeque<>();
  private final ArrayDeque<Runnable> nextRound = new ArrayDeque<>();
  private BuyerWallet wallet;
  private Merchant merchant;
  private TicketBatch batch;

  @BeforeEach
  void open() {
    wallet = vts.wallet(folder.resolve("wallet"));
    merchant = vts.merchant(folder.resolve("merchant"));
    batch = merchant.newBatch(loop::add, nextRound::add);
  }

  @AfterEach
  void close() {
    batch.close();
    merchant.close();
  }

  /** What tasks leave for later runs in the same round, as on an event loop. */
  private void runLoop() {
    loop.addAll(nextRound);
    nextRound.clear();
    while (!loop.isEmpty()) {
      loop.poll().run();
    }
  }

  private List<PresentedTicket> ticketsOfNewBuyers(int count) {
    List<PresentedTicket> tickets = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      vts.escrow(wallet, HUGE, NEVER);
      tickets.add(pay());
    }
    return tickets;
  }

  private List<CompletableFuture<TicketCheck>> checkAll(List<PresentedTicket> tickets) {
    return tickets.stream().map(ticket -> batch.check(ticket, PRICE)).toList();
  }

  private static long done(List<CompletableFuture<TicketCheck>> checks) {
    return checks.stream().filter(CompletableFuture::isDone).count();
  }

  private boolean isVector() {
    return merchant.report().join().kernel().equals(Kernels.VECTOR);
  }

  private TicketCheck check(PresentedTicket presented) {
    CompletableFuture<TicketCheck> check = batch.check(presented, PRICE);
    runLoop();
    return check.join();
  }

  private PresentedTicket pay() {
    return wallet.pay(merchant.ask(PRICE), "shop", LIMITS).ticket();
  }

  private static PresentedTicket with(
      PresentedTicket presented, CompactSignature sigTicket, CompactSignature sigSpend) {
    Ticket t = presented.ticket();
    return new PresentedTicket(
        presented.counter(),
        new Ticket(
            t.termsDigest(),
            t.commitment(),
            t.r2(),
            t.expiry(),
            t.payoutScript(),
            sigTicket,
            sigSpend));
  }

  private static void assertRefused(TicketRefusal expected, TicketCheck check) {
    assertEquals(expected, assertInstanceOf(TicketCheck.Refused.class, check).code());
  }

  @Test
  void shouldCheckAllOfOneRoundInOneBatchAndTakeOneOfTwoEqualTickets() {
    List<PresentedTicket> tickets = ticketsOfNewBuyers(16);
    List<CompletableFuture<TicketCheck>> checks = checkAll(tickets);
    assertTrue(checks.stream().noneMatch(CompletableFuture::isDone), "the round is not over");
    CompletableFuture<TicketCheck> again = batch.check(tickets.getFirst(), PRICE);
    assertRefused(TicketRefusal.TOO_MANY_OUTSTANDING, again.join());
    assertEquals(1, loop.size(), "the first ticket of a round leaves one task");
    runLoop();
    checks.forEach(check -> assertInstanceOf(TicketCheck.Lost.class, check.join()));
    assertRefused(TicketRefusal.REDEEMED, check(tickets.getFirst()));
    MerchantReport report = merchant.report().join();
    assertEquals(17, report.checked());
    assertEquals(2, report.batches());
    assertEquals(0, report.waiting());
  }

  @Test
  void shouldPutOffByOneRoundWhatDoesNotFillACallOfTheKernel() {
    List<CompletableFuture<TicketCheck>> first = checkAll(ticketsOfNewBuyers(11));
    runLoop();
    if (!isVector()) {
      assertEquals(11, done(first), "one by one, nothing is gained by waiting");
      return;
    }
    assertEquals(8, done(first), "two signatures each, sixteen side by side");
    assertEquals(1, nextRound.size());
    List<CompletableFuture<TicketCheck>> second = checkAll(ticketsOfNewBuyers(6));
    assertEquals(0, loop.size(), "the task for the next round is there");
    runLoop();
    assertEquals(11, done(first), "first come, first served");
    assertEquals(5, done(second));
    runLoop();
    assertEquals(6, done(second), "the last one waits no longer, alone as it is");
    assertEquals(0, nextRound.size() + loop.size());
    assertEquals(3, merchant.report().join().batches());
  }

  @Test
  void shouldVerifyAgainWhateverDiffersFromARememberedRelease() {
    vts.escrow(wallet, HUGE, NEVER);
    PresentedTicket first = pay();
    TicketCheck.Lost lost = assertInstanceOf(TicketCheck.Lost.class, check(first));
    wallet.learn(new BuyerWallet.Payment(0, first, PRICE), TicketResult.lost(lost.opening()));
    PresentedTicket second = pay();
    CompactSignature ticket = second.ticket().sigTicket();
    CompactSignature spend = second.ticket().sigSpend();
    assertEquals(first.ticket().sigSpend(), spend, "one escrow, one merchant, one signature");
    assertFalse(first.ticket().sigTicket().equals(ticket));
    assertRefused(TicketRefusal.BAD_SPEND_SIGNATURE, check(with(second, ticket, ticket)));
    assertRefused(TicketRefusal.BAD_TICKET_SIGNATURE, check(with(second, spend, spend)));
    assertRefused(
        TicketRefusal.BAD_TICKET_SIGNATURE, check(with(second, first.ticket().sigTicket(), spend)));
    assertInstanceOf(TicketCheck.Lost.class, check(second));
  }

  @Test
  void shouldNotRememberASignatureThatNeverWasValid() {
    vts.escrow(wallet, HUGE, NEVER);
    PresentedTicket good = pay();
    CompactSignature ticket = good.ticket().sigTicket();
    for (int i = 0; i < 2; i++) {
      assertRefused(TicketRefusal.BAD_SPEND_SIGNATURE, check(with(good, ticket, ticket)));
    }
    assertInstanceOf(TicketCheck.Lost.class, check(good));
  }
}
