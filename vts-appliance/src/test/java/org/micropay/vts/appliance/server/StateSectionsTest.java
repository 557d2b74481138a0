package org.micropay.vts.appliance.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.micropay.vts.appliance.testing.TestEscrow;
import org.micropay.vts.appliance.testing.TestServer;
import org.micropay.vts.ledger.DoubleSpendRecord;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.settlement.ClaimOutcome;
import org.micropay.vts.settlement.DepositOutcome;
import org.micropay.vts.settlement.PenaltyRecord;
import org.micropay.vts.settlement.SettlementRecord;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Terms;

/** What sections write is read back, in both versions, and holds no more than is needed. */
class StateSectionsTest {
  private static final Outpoint ESCROW = new Outpoint(Bytes32.ZERO, 1);
  private static final Outpoint DEPOSIT = new Outpoint(Bytes32.ZERO, 2);
  private static final UnsafeBuffer EMPTY = new UnsafeBuffer(new byte[0]);

  private static void grant(SettlementSection section, long position) {
    section.apply(position, RecordType.GRANT, 0, EMPTY, 0, 0);
  }

  private static void settle(StateSection section, long position, SettlementRecord entry) {
    byte[] payload = entry.encode();
    section.apply(position, entry.type(), 0, new UnsafeBuffer(payload), 0, payload.length);
  }

  private static SettlementRecord closed(long position, int height) {
    return new SettlementRecord.ClaimClosed(
        position, ClaimOutcome.LOST, height, 5, ESCROW, Bytes32.ZERO);
  }

  private static byte[] written(StateSection section) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    section.write(out);
    return out.toByteArray();
  }

  private static <T extends StateSection> T read(T section, int version, long position, byte[] in)
      throws IOException {
    section.read(version, new ByteArrayInputStream(in));
    section.restored(position);
    return section;
  }

  /** Grants 10, 20, 30; the first is lost for good, the second for now. */
  private static byte[] firstVersion() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeLong(3);
    for (long position : new long[] {10, 20, 30}) {
      out.writeLong(position);
    }
    for (SettlementRecord entry : List.of(closed(10, 1_000), closed(20, 2_000))) {
      out.writeShort(entry.type().number());
      out.writeInt(entry.encode().length);
      out.write(entry.encode());
    }
    return bytes.toByteArray();
  }

  @Test
  void shouldReadSettlementOfTheFirstVersionAndWriteTheSecond() throws IOException {
    SettlementSection direct = new SettlementSection();
    grant(direct, 10);
    grant(direct, 20);
    grant(direct, 30);
    settle(direct, 31, closed(10, 1_000));
    settle(direct, 40, closed(20, 2_000));
    SettlementSection old = read(new SettlementSection(), 1, 40, firstVersion());
    assertEquals(direct.state(), old.state());
    // Also when nothing was applied since it was read.
    assertArrayEquals(written(direct), written(old));
    SettlementSection restored = read(new SettlementSection(), 2, 40, written(old));
    for (SettlementSection each : List.of(direct, old, restored)) {
      assertEquals(List.of(20L, 30L), each.unsettled().stream().toList());
      assertEquals(20, each.floor());
      assertFalse(each.state().needs(10));
      grant(each, 50);
      settle(each, 51, new SettlementRecord.ClaimReopened(20));
      assertEquals(List.of(20L, 30L, 50L), each.unsettled().stream().toList());
    }
    assertEquals(direct.state(), restored.state());
    assertArrayEquals(written(direct), written(restored));
    assertThrows(
        IllegalArgumentException.class,
        () -> new SettlementSection().read(3, new ByteArrayInputStream(new byte[0])));
  }

  private static void prove(PenaltySection section, long position, Claim claim) {
    byte[] bytes = claim.encode();
    UnsafeBuffer payload = new UnsafeBuffer(new byte[DoubleSpendRecord.CLAIM + bytes.length]);
    payload.putBytes(DoubleSpendRecord.CLAIM, bytes);
    section.apply(position, RecordType.DOUBLE_SPEND, 0, payload, 0, payload.capacity());
  }

  /** Proofs that can lead to no burn are not kept: a buyer without a deposit could make any. */
  @Test
  void shouldKeepTheProofsThatMayLeadToABurn() throws IOException {
    try (SecretKey key = SecretKey.generate()) {
      PublicKey vts = PublicKey.of(key.publicKey());
      Claim[] claims = new Claim[4];
      for (int i = 0; i < claims.length; i++) {
        Outpoint outpoint = new Outpoint(Bytes32.ZERO, 100 + i);
        claims[i] = TestEscrow.draft(vts, TestServer.REFUND_HEIGHT).at(outpoint).winner();
      }
      // The last two share a deposit, the first has none.
      Set<Terms> secured = Set.of(claims[1].terms(), claims[2].terms(), claims[3].terms());
      Outpoint other = new Outpoint(Bytes32.ZERO, 3);
      PenaltySection section = section(secured, claims[1].terms(), other);
      for (int i = 0; i < claims.length; i++) {
        prove(section, 100 + i, claims[i]);
      }
      assertEquals(Set.of(101L, 102L, 103L), section.unburned().keySet());
      PenaltyRecord gone =
          new PenaltyRecord.DepositGone(
              102, DepositOutcome.TAKEN_BACK, 1_000, 5, DEPOSIT, Bytes32.ZERO);
      apply(section, 110, gone);
      assertEquals(Set.of(101L, 102L), section.unburned().keySet(), "103 is against the same");
      byte[] before = written(section);
      PenaltySection restored = read(section(secured, claims[1].terms(), other), 2, 110, before);
      assertArrayEquals(before, written(restored));
      // Long after: what had become of the other deposit needs no proof any more.
      for (PenaltySection each : List.of(section, restored)) {
        apply(
            each,
            120,
            new PenaltyRecord.DepositGone(
                101, DepositOutcome.TAKEN_BACK, 2_000, 5, other, Bytes32.ZERO));
        assertEquals(Set.of(101L), each.unburned().keySet());
        assertEquals(101, each.floor());
      }
      assertTrue(written(section).length < before.length);
      assertArrayEquals(written(section), written(restored));
    }
  }

  private static PenaltySection section(Set<Terms> secured, Terms first, Outpoint behindFirst) {
    return new PenaltySection(
        terms ->
            secured.contains(terms)
                ? Optional.of(terms.equals(first) ? behindFirst : DEPOSIT)
                : Optional.empty());
  }

  private static void apply(PenaltySection section, long position, PenaltyRecord entry) {
    byte[] payload = entry.encode();
    section.apply(position, entry.type(), 0, new UnsafeBuffer(payload), 0, payload.length);
  }

  @Test
  void shouldReadThePenaltyOfTheFirstVersion() throws IOException {
    PenaltyRecord gone =
        new PenaltyRecord.DepositGone(
            102, DepositOutcome.BURNED_ELSEWHERE, 1_000, 5, DEPOSIT, Bytes32.ZERO);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(0);
    out.writeShort(gone.type().number());
    out.writeInt(gone.encode().length);
    out.write(gone.encode());
    PenaltySection old =
        read(new PenaltySection(terms -> Optional.empty()), 1, 7, bytes.toByteArray());
    assertEquals(1, old.state().totals().burnedElsewhere());
    PenaltySection restored =
        read(new PenaltySection(terms -> Optional.empty()), 2, 7, written(old));
    assertEquals(old.state(), restored.state());
  }
}
