package org.micropay.vts.merchant;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.ticket.Terms;
import org.micropay.vts.ticket.Ticket;

class MerchantTest {
  private static final Price PRICE = new Price(1_000);
  private static final int NEVER = Integer.MAX_VALUE;

  /** payout / odds of an escrow that in tests never wins: 2.1e15 / 2^31 is far above the price. */
  private static final long HUGE = 1_000_000_000_000L;

  @TempDir Path folder;
  private final Exchange vts = new Exchange();
  private BuyerWallet wallet;

  @BeforeEach
  void openWallet() {
    wallet = vts.wallet(folder.resolve("wallet"));
  }

  private static SpendingLimits limits() {
    Price all = new Price(1L << 52);
    return new SpendingLimits(all, all, all, all);
  }

  private Merchant merchant() {
    return vts.merchant(folder.resolve("merchant"));
  }

  private static TicketCheck.Refused assertRefused(TicketRefusal expected, TicketCheck check) {
    TicketCheck.Refused refused =
        assertInstanceOf(TicketCheck.Refused.class, check, check::toString);
    assertEquals(expected, refused.code(), refused.detail());
    return refused;
  }

  private BuyerWallet.Payment pay(Merchant merchant) {
    return wallet.pay(merchant.ask(PRICE), "shop", limits());
  }

  private static void awaitNothingPending(Merchant merchant) {
    while (!merchant.pendingClaims().isEmpty()) {
      assertFalse(Thread.interrupted(), "the test's time is over");
      Thread.yield();
    }
  }

  @Test
  void shouldTakeALosingTicketOnceAndTellItsOutcomeAgain() {
    vts.escrow(wallet, HUGE, NEVER);
    try (Merchant merchant = merchant()) {
      BuyerWallet.Payment payment = pay(merchant);
      TicketCheck.Lost lost =
          assertInstanceOf(TicketCheck.Lost.class, merchant.check(payment.ticket(), PRICE).join());
      TicketCheck.Refused again =
          assertRefused(TicketRefusal.REDEEMED, merchant.check(payment.ticket(), PRICE).join());
      assertEquals(Optional.of(TicketResult.lost(lost.opening())), again.result());
      assertEquals(WalletEscrow.State.FREE, wallet.learn(payment, again.result().get()).state());
    }
  }

  @Test
  void shouldTakeOneOfManyEqualTicketsAtOnce() {
    vts.escrow(wallet, HUGE, NEVER);
    RiskPolicy many = new RiskPolicy(0, 0, 1_000, 0, 10);
    try (Merchant merchant =
        vts.merchant(folder.resolve("merchant"), vts.config().withRisk(many))) {
      BuyerWallet.Payment payment = pay(merchant);
      List<CompletableFuture<TicketCheck>> checks = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        checks.add(merchant.check(payment.ticket(), PRICE));
      }
      long taken =
          checks.stream()
              .map(CompletableFuture::join)
              .filter(TicketCheck.Lost.class::isInstance)
              .count();
      assertEquals(1, taken);
      assertEquals(1, merchant.report().join().statistics().tickets());
    }
  }

  @Test
  void shouldRememberUsedAsksAcrossARestart() {
    vts.escrow(wallet, HUGE, NEVER);
    BuyerWallet.Payment used;
    Challenge open;
    try (Merchant merchant = merchant()) {
      used = pay(merchant);
      merchant.check(used.ticket(), PRICE).join();
      open = merchant.ask(PRICE);
    }
    try (Merchant merchant = merchant()) {
      TicketCheck.Refused refused =
          assertRefused(TicketRefusal.REDEEMED, merchant.check(used.ticket(), PRICE).join());
      wallet.learn(used, refused.result().orElseThrow());
      assertTrue(Long.compareUnsigned(merchant.ask(PRICE).counter(), open.counter()) > 0);
      BuyerWallet.Payment late = wallet.pay(open, "shop", limits());
      assertInstanceOf(TicketCheck.Lost.class, merchant.check(late.ticket(), PRICE).join());
      assertEquals(2, merchant.report().join().statistics().tickets());
    }
  }

  @Test
  void shouldClaimAWinnerUntilTheVtsAnswersAlsoInTheNextProcess() {
    Terms terms = vts.escrow(wallet, 100_000, 1);
    BuyerWallet.Payment payment;
    try (Merchant merchant = merchant()) {
      payment = pay(merchant);
      merchant.check(payment.ticket(), PRICE).join();
      awaitNothingPending(merchant);
      assertEquals(1, vts.grants.size());
    }
    vts.escrow(wallet, 200_000, 1);
    vts.claimsDown = true;
    try (Merchant merchant = merchant()) {
      TicketCheck check = merchant.check(pay(merchant).ticket(), PRICE).join();
      assertInstanceOf(TicketCheck.Won.class, check, check::toString);
      assertEquals(1, merchant.pendingClaims().size());
    }
    assertEquals(1, vts.grants.size());
    vts.claimsDown = false;
    try (Merchant merchant = merchant()) {
      awaitNothingPending(merchant);
      assertEquals(2, vts.grants.size());
      MerchantReport report = merchant.report().join();
      assertEquals(300_000, report.claims().grantedSatoshi());
      assertEquals(2, report.statistics().wins());
      assertEquals(2, merchant.answeredClaims().size());
      assertTrue(vts.grants.containsKey(terms.digest()));
    }
  }

  @Test
  void shouldTellAWinnerThatItWonWhenItsAnswerWasLost() {
    vts.escrow(wallet, 100_000, 1);
    try (Merchant merchant = merchant()) {
      BuyerWallet.Payment payment = pay(merchant);
      TicketCheck won = merchant.check(payment.ticket(), PRICE).join();
      assertInstanceOf(TicketCheck.Won.class, won);
      TicketCheck.Refused again =
          assertRefused(TicketRefusal.REDEEMED, merchant.check(payment.ticket(), PRICE).join());
      assertTrue(again.result().orElseThrow().isWon());
      assertTrue(merchant.reopen(payment.ticket(), won).join());
      assertInstanceOf(TicketCheck.Won.class, merchant.check(payment.ticket(), PRICE).join());
      awaitNothingPending(merchant);
      assertEquals(1, merchant.report().join().claims().wins());
      assertEquals(1, merchant.report().join().statistics().wins());
    }
  }

  @Test
  void shouldRefuseEscrowsThatCannotPay() {
    vts.escrow(wallet, HUGE, NEVER);
    try (Merchant merchant = merchant()) {
      for (EscrowState state : EscrowState.values()) {
        Terms terms = vts.escrow(wallet, HUGE, NEVER - 1 - state.ordinal());
        vts.register(terms, state);
        if (state == EscrowState.UNKNOWN) {
          vts.escrows.remove(terms.digest());
        }
        TicketCheck check = merchant.check(signed(terms, merchant), PRICE).join();
        switch (state) {
          case LIVE -> assertInstanceOf(TicketCheck.Lost.class, check);
          case UNKNOWN -> assertRefused(TicketRefusal.UNKNOWN_ESCROW, check);
          case UNCONFIRMED -> assertRefused(TicketRefusal.ESCROW_UNCONFIRMED, check);
          case REFUND_NEAR -> assertRefused(TicketRefusal.REFUND_TOO_NEAR, check);
          case GRANTED, DOUBLE_SPENT, SPENT -> assertRefused(TicketRefusal.ESCROW_SPENT, check);
        }
      }
    }
  }

  /** A ticket of whichever escrow of the wallet has these terms. */
  private PresentedTicket signed(Terms terms, Merchant merchant) {
    while (true) {
      PresentedTicket ticket = pay(merchant).ticket();
      if (ticket.ticket().termsDigest().equals(terms.digest())) {
        return ticket;
      }
    }
  }

  @Test
  void shouldRefuseWhatIsNotAPaymentForThisPrice() {
    Terms terms = vts.escrow(wallet, HUGE, NEVER);
    try (Merchant merchant = merchant()) {
      Challenge challenge = merchant.ask(PRICE);
      PresentedTicket good = wallet.pay(challenge, "shop", limits()).ticket();
      assertRefused(
          TicketRefusal.PRICE_TOO_LOW,
          merchant.check(good, new Price(Price.ofTicket(terms).msat() + 1)).join());
      assertRefused(
          TicketRefusal.UNKNOWN_ASK,
          merchant.check(new PresentedTicket(good.counter() + 1, good.ticket()), PRICE).join());
      assertRefused(
          TicketRefusal.UNKNOWN_ASK,
          merchant.check(new PresentedTicket(-1, good.ticket()), PRICE).join());
      Ticket ticket = good.ticket();
      Ticket swapped =
          new Ticket(
              ticket.termsDigest(),
              ticket.commitment(),
              ticket.r2(),
              ticket.expiry(),
              ticket.payoutScript(),
              ticket.sigSpend(),
              ticket.sigSpend());
      assertRefused(
          TicketRefusal.BAD_TICKET_SIGNATURE,
          merchant.check(new PresentedTicket(good.counter(), swapped), PRICE).join());
      Ticket half =
          new Ticket(
              ticket.termsDigest(),
              ticket.commitment(),
              ticket.r2(),
              ticket.expiry(),
              ticket.payoutScript(),
              ticket.sigTicket(),
              ticket.sigTicket());
      assertRefused(
          TicketRefusal.BAD_SPEND_SIGNATURE,
          merchant.check(new PresentedTicket(good.counter(), half), PRICE).join());
      assertInstanceOf(TicketCheck.Lost.class, merchant.check(good, PRICE).join());
    }
  }

  @Test
  void shouldNotServeOnTrustWhileTheVtsIsDown() {
    vts.escrow(wallet, HUGE, NEVER);
    try (Merchant merchant = merchant()) {
      vts.down = true;
      BuyerWallet.Payment payment = pay(merchant);
      assertRefused(TicketRefusal.VTS_UNAVAILABLE, merchant.check(payment.ticket(), PRICE).join());
      vts.down = false;
      assertInstanceOf(TicketCheck.Lost.class, merchant.check(payment.ticket(), PRICE).join());
    }
  }

  @Test
  void shouldHoldItsFolderAlone() {
    try (Merchant merchant = merchant()) {
      assertFalse(merchant.config().payoutScript().toHex().isEmpty());
      assertThrows(MerchantStorageException.class, this::merchant);
    }
  }
}
