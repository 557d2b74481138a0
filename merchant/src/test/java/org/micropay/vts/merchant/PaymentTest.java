package org.micropay.vts.merchant;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.micropay.vts.secp256k1.Ecdsa;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.Ask;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Opening;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Registration;
import org.micropay.vts.ticket.Ticket;

class PaymentTest {
  private static final long NOW = 1_800_000_000L;
  private static final long EXPIRY = NOW + 3600;
  private static final int ROUNDS = 64;

  private final SecretKey vts = SecretKey.generate();
  private final PublicKey vtsKey = PublicKey.of(vts.publicKey());
  private final Buyer buyer = new Buyer(SecretKey.generate(), Network.REGTEST, vtsKey);
  private final AskBook merchant = merchant("0014112233445566778899001122334455667788aabb");
  private BuyerEscrow escrow;

  private AskBook merchant(String script) {
    return new AskBook(Network.REGTEST, vtsKey, PayoutScript.fromHex(script), 60, 16);
  }

  @BeforeEach
  void openEscrow() {
    escrow = escrow(0, 2);
  }

  private BuyerEscrow escrow(long index, int odds) {
    EscrowDraft draft = buyer.draft(index, 100_000, 99_000, odds, 1000);
    return buyer.open(draft, new Outpoint(Bytes32.fromHex("ab".repeat(32)), (int) index));
  }

  @AfterEach
  void close() {
    escrow.close();
    buyer.close();
    vts.close();
  }

  @Test
  void shouldServeLosersAndWinnersAndNeverLeaveTwoTicketsOutstanding() {
    for (int i = 0; i < ROUNDS; i++) {
      Ticket ticket = escrow.pay(merchant.ask(), EXPIRY);
      assertThrows(IllegalStateException.class, () -> escrow.pay(merchant.ask(), EXPIRY));
      switch (merchant.check(escrow.terms(), ticket, NOW)) {
        case TicketCheck.Lost(Opening opening) ->
            assertEquals(BuyerEscrow.State.FREE, escrow.learn(opening));
        case TicketCheck.Won(Claim claim) -> {
          assertTrue(claim.commitmentOpens() && claim.wins());
          assertEquals(claim, Claim.decode(claim.encode()));
          escrow.won();
          assertEquals(BuyerEscrow.State.WON, escrow.state());
          return;
        }
        case TicketCheck.Refused refused -> throw new AssertionError(refused);
      }
    }
    throw new AssertionError("no win in " + ROUNDS + " tickets at 1/2");
  }

  @Test
  void shouldTakeEachTicketOnce() {
    Ticket ticket = escrow.pay(merchant.ask(), EXPIRY);
    assertFalse(merchant.check(escrow.terms(), ticket, NOW) instanceof TicketCheck.Refused);
    assertRefused(TicketRefusal.UNKNOWN_ASK, merchant.check(escrow.terms(), ticket, NOW));
  }

  @Test
  void shouldRefuseWhatIsNotAPaymentToThisMerchant() {
    AskBook other = merchant("0014ffffffffffffffffffffffffffffffffffffffff");
    Ticket elsewhere = escrow.pay(other.ask(), EXPIRY);
    assertRefused(TicketRefusal.WRONG_PAYEE, merchant.check(escrow.terms(), elsewhere, NOW));

    BuyerEscrow second = escrow(1, 2);
    Ticket ticket = second.pay(merchant.ask(), EXPIRY);
    assertRefused(TicketRefusal.TERMS_MISMATCH, merchant.check(escrow.terms(), ticket, NOW));
    assertRefused(
        TicketRefusal.EXPIRES_TOO_SOON, merchant.check(second.terms(), ticket, EXPIRY - 59));
    second.close();
  }

  @Test
  void shouldKeepTheAskOpenWhenAForgeryComesFirst() {
    Ask ask = merchant.ask();
    Ticket good = escrow.pay(ask, EXPIRY);
    Ticket swapped =
        new Ticket(
            good.termsDigest(),
            good.commitment(),
            good.r2(),
            good.expiry(),
            good.payoutScript(),
            good.sigSpend(),
            good.sigTicket());
    assertRefused(TicketRefusal.BAD_TICKET_SIGNATURE, merchant.check(escrow.terms(), swapped, NOW));
    Ticket halfSwapped =
        new Ticket(
            good.termsDigest(),
            good.commitment(),
            good.r2(),
            good.expiry(),
            good.payoutScript(),
            good.sigTicket(),
            good.sigTicket());
    assertRefused(
        TicketRefusal.BAD_SPEND_SIGNATURE, merchant.check(escrow.terms(), halfSwapped, NOW));
    assertFalse(merchant.check(escrow.terms(), good, NOW) instanceof TicketCheck.Refused);
  }

  @Test
  void shouldFreeAnEscrowOnlyByTheRightOpeningOrAfterExpiry() {
    escrow.pay(merchant.ask(), EXPIRY);
    Ticket foreign = escrow(2, 1_000_000).pay(merchant.ask(), EXPIRY);
    Opening wrong =
        assertInstanceOf(
                TicketCheck.Lost.class, merchant.check(escrow(2, 1_000_000).terms(), foreign, NOW))
            .opening();
    assertEquals(BuyerEscrow.State.OUTSTANDING, escrow.learn(wrong));
    assertEquals(BuyerEscrow.State.OUTSTANDING, escrow.expire(EXPIRY, false));
    assertEquals(BuyerEscrow.State.FREE, escrow.expire(EXPIRY + 1, false));
  }

  @Test
  void shouldSignRegistrationsWithAKeyOfTheEscrowsOwn() {
    Registration registration = escrow.registration();
    assertTrue(
        Ecdsa.verify(
            registration.digest().toArray(),
            registration.sigTerms().toArray(),
            escrow.terms().buyerKey().toArray()));
    assertNotEquals(escrow.terms().buyerKey(), escrow(1, 2).terms().buyerKey());
    assertEquals(escrow.terms(), escrow(0, 2).terms());
  }

  private static void assertRefused(TicketRefusal expected, TicketCheck check) {
    assertEquals(
        expected, assertInstanceOf(TicketCheck.Refused.class, check, check::toString).code());
  }
}
