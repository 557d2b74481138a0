package org.micropay.vts.merchant;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Terms;

class RiskPolicyTest {
  private static final int REFUND_HEIGHT = 1_000;
  private static final long PAYOUT = 100_000;

  private static EscrowFacts live(int odds, Optional<EscrowFacts.PenaltyDeposit> deposit) {
    try (SecretKey key = SecretKey.generate()) {
      PublicKey publicKey = PublicKey.of(key.publicKey());
      Terms terms =
          new Terms(
              Network.REGTEST.magic(),
              new Outpoint(Bytes32.ZERO, 0),
              PAYOUT + 1_000,
              PAYOUT,
              odds,
              REFUND_HEIGHT,
              publicKey,
              publicKey);
      return new EscrowFacts(Optional.of(terms), EscrowState.LIVE, 6, 900, deposit);
    }
  }

  private static Optional<TicketRefusal> objection(int k, long deposit, int shares) {
    EscrowFacts facts =
        live(100, Optional.of(new EscrowFacts.PenaltyDeposit(deposit, REFUND_HEIGHT, shares)));
    return new RiskPolicy(0, 0, 1, k, 1).objection(facts);
  }

  @Test
  void shouldKnowTheRatiosOfTheProtocolsPage() {
    assertEquals(1.0, RiskPolicy.penaltyRatio(1, 128), 1e-12);
    // k rho = 1 and k rho = 5 for small rho.
    assertEquals(1.58, RiskPolicy.penaltyRatio(1_000_000, 1_000_000), 0.005);
    assertEquals(5.03, RiskPolicy.penaltyRatio(5_000_000, 1_000_000), 0.005);
    assertEquals(3.0, RiskPolicy.penaltyRatio(3, 1), 1e-12);
  }

  @Test
  void shouldDemandThatTheDepositCoversWhatMayBeOutstanding() {
    Optional<TicketRefusal> tooSmall = Optional.of(TicketRefusal.DEPOSIT_TOO_SMALL);
    assertEquals(tooSmall, new RiskPolicy(0, 0, 1, 1, 1).objection(live(100, Optional.empty())));
    assertEquals(Optional.empty(), objection(1, PAYOUT, 1));
    assertEquals(tooSmall, objection(1, PAYOUT - 1, 1));
    assertEquals(tooSmall, objection(1, PAYOUT, 2));
    assertEquals(tooSmall, objection(100, PAYOUT * 3 / 2, 1));
    assertEquals(Optional.empty(), objection(100, PAYOUT * 16 / 10, 1));
    assertEquals(Optional.empty(), RiskPolicy.DEFAULT.objection(live(100, Optional.empty())));
  }

  @Test
  void shouldMindDepthAndRefund() {
    EscrowFacts facts = live(100, Optional.empty());
    assertEquals(
        Optional.of(TicketRefusal.ESCROW_UNCONFIRMED),
        new RiskPolicy(7, 0, 1, 0, 1).objection(facts));
    assertEquals(
        Optional.of(TicketRefusal.REFUND_TOO_NEAR),
        new RiskPolicy(0, 101, 1, 0, 1).objection(facts));
    assertEquals(Optional.empty(), new RiskPolicy(6, 100, 1, 0, 1).objection(facts));
  }
}
