package org.micropay.vts.settlement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.micropay.vts.settlement.Escrows.Escrow;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.Registration;
import org.micropay.vts.ticket.Terms;

/** Registrations before their funding: bounded in all, for each client, and in time. */
class PendingRegistrationsTest {
  private static final Bytes32 TXID = Bytes32.fromHex("c4".repeat(32));
  private static final long NOW = 1_700_000_000_000L;
  private final PendingRegistrations pending =
      new PendingRegistrations(new PendingRegistrations.Limits(4, 2, 10));

  private static Registration registration(int vout) {
    Keys buyer = Keys.named("pending " + vout);
    Terms terms =
        new Terms(
            Network.REGTEST.magic(),
            new Outpoint(TXID, vout),
            Escrows.VALUE,
            Escrows.PAYOUT,
            10,
            900,
            buyer.publicKey(),
            Escrows.VTS.publicKey());
    return Appliance.registration(new Escrow(terms, buyer));
  }

  @Test
  void shouldBoundEachClientAndAll() {
    assertEquals(OptionalInt.of(110), pending.add(registration(1), "a", 100));
    assertEquals(OptionalInt.of(110), pending.add(registration(1), "b", 105), "the same again");
    assertEquals(OptionalInt.of(110), pending.add(registration(2), "a", 100));
    assertEquals(OptionalInt.empty(), pending.add(registration(3), "a", 100));
    assertEquals(OptionalInt.of(112), pending.add(registration(4), "b", 102));
    assertEquals(OptionalInt.of(112), pending.add(registration(5), "c", 102));
    assertEquals(OptionalInt.empty(), pending.add(registration(6), "d", 102));
    pending.onBlock(111);
    assertEquals(2, pending.size());
    assertEquals(OptionalInt.of(121), pending.add(registration(3), "a", 111), "room again");
  }

  @Test
  void shouldGiveEachOnceWhenItsFundingIsSeen() {
    pending.add(registration(1), "a", 100);
    pending.add(registration(2), "b", 100);
    assertTrue(pending.takeSeen(10, NOW).isEmpty());
    pending.onTransaction(TXID.reversed());
    pending.onTransaction(TXID);
    assertEquals(1, pending.takeSeen(1, NOW).size());
    List<Registration> rest = pending.takeSeen(10, NOW);
    assertEquals(1, rest.size());
    assertTrue(pending.takeSeen(10, NOW).isEmpty());
    pending.remove(rest.getFirst());
    pending.remove(rest.getFirst());
    assertEquals(1, pending.size());
    pending.onTransaction(TXID);
    assertEquals(1, pending.takeSeen(10, NOW).size());
  }

  @Test
  void shouldWaitTwiceAsLongAfterEachRefusal() {
    pending.add(registration(1), "a", 100);
    long now = NOW;
    long wait = PendingRegistrations.FIRST_RETRY_MILLIS;
    for (int i = 0; i < 12; i++) {
      pending.postpone(registration(1), now);
      assertTrue(pending.takeSeen(10, now).isEmpty(), "at once");
      assertTrue(pending.takeSeen(10, now + wait - 1).isEmpty(), "before its time");
      now += wait;
      assertEquals(1, pending.takeSeen(10, now).size());
      assertTrue(pending.takeSeen(10, now).isEmpty(), "once");
      wait = Math.min(2 * wait, PendingRegistrations.LONGEST_RETRY_MILLIS);
    }
    pending.postpone(registration(1), now);
    pending.onTransaction(TXID);
    assertEquals(1, pending.takeSeen(10, now).size(), "a block is a reason not to wait");
    pending.remove(registration(1));
    assertTrue(pending.takeSeen(10, now + wait).isEmpty());
    pending.postpone(registration(1), now);
    assertTrue(pending.takeSeen(10, now + 10 * wait).isEmpty(), "nothing is remembered of it");
  }

  @Test
  void shouldNotWaitLongerWhenTheClockIsSetBack() {
    pending.add(registration(1), "a", 100);
    pending.postpone(registration(1), NOW);
    assertEquals(1, pending.takeSeen(10, NOW - 3_600_000).size());
  }
}
