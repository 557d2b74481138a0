package org.micropay.vts.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The lowest layer: what it holds, what it takes, and what it refuses whoever asks. */
class TablesTest {
  private record Cell(int fingerprint, int slot) {}

  @Test
  void shouldFindExactlyWhatIsInTheIndex() {
    SplittableRandom random = Samples.random("shouldFindExactlyWhatIsInTheIndex");
    int slots = 64;
    try (Arena arena = Arena.ofConfined()) {
      HashIndex index = new HashIndex(arena, slots);
      List<Cell> model = new ArrayList<>();
      Set<Integer> used = new HashSet<>();
      for (int i = 0; i < 50_000; i++) {
        if (model.size() < slots && random.nextInt(2 * slots) >= model.size()) {
          int slot = random.nextInt(slots);
          if (used.add(slot)) {
            // Few fingerprints, at both ends of the table, so that clusters meet and wrap.
            int fingerprint = random.nextInt(8) - 4 + (random.nextInt(4) == 0 ? 1 << 30 : 0);
            index.insert(fingerprint, slot);
            model.add(new Cell(fingerprint, slot));
          }
        } else if (!model.isEmpty()) {
          Cell cell = model.remove(random.nextInt(model.size()));
          used.remove(cell.slot());
          index.remove(cell.fingerprint(), cell.slot());
        }
        if (i % 100 == 0) {
          checkIndex(index, model);
        }
      }
      checkIndex(index, model);
    }
  }

  private static void checkIndex(HashIndex index, List<Cell> model) {
    assertEquals(model.size(), index.size());
    for (int end : new int[] {0, 1 << 30}) {
      for (int fingerprint = end - 4; fingerprint < end + 4; fingerprint++) {
        Set<Integer> found = new HashSet<>();
        for (int cell = index.first(fingerprint);
            cell != HashIndex.NONE;
            cell = index.next(fingerprint, cell)) {
          assertTrue(found.add(index.slot(cell)), "found twice");
        }
        Set<Integer> expected = new HashSet<>();
        for (Cell cell : model) {
          if (cell.fingerprint() == fingerprint) {
            expected.add(cell.slot());
          }
        }
        assertEquals(expected, found);
      }
    }
  }

  @Test
  void shouldKeepTenMillionEscrowsWithinTwoGibibytes() {
    long perEscrow = EscrowTable.ENTRY_BYTES + 3 * HashIndex.CELL_BYTES * 3 / 2;
    assertEquals(204, perEscrow);
    long all = Ledger.memoryBytes(10_000_000, 100_000);
    assertTrue(all <= 2L << 30, "bytes: " + all);
    try (Ledger small = Ledger.create(Samples.policy(100_000, 1_000))) {
      assertEquals(Ledger.memoryBytes(100_000, 1_000), small.memoryBytes());
      assertEquals(perEscrow, (small.memoryBytes() - depositBytes(1_000)) / 100_000);
      System.out.printf(
          "ledger memory: %d bytes an escrow with its three indexes; 10,000,000 escrows and"
              + " 100,000 deposits take %d bytes, %.3f GiB%n",
          perEscrow, all, all / (double) (1 << 30));
    }
  }

  private static long depositBytes(int deposits) {
    return (long) deposits * DepositTable.ENTRY_BYTES + HashIndex.bytesFor(deposits);
  }

  @Test
  void shouldRefuseSecondGrantAtTheLowestLevel() {
    try (Arena arena = Arena.ofConfined()) {
      EscrowTable table = new EscrowTable(arena, 4, new StateDigest());
      byte[] core = new byte[EscrowTable.CORE_LENGTH];
      byte[] claimId = new byte[EscrowTable.CLAIM_ID_LENGTH];
      int slot = table.slots().allocate();
      assertThrows(IllegalStateException.class, () -> table.writeGrant(slot, 5, claimId, 0));
      assertThrows(IllegalStateException.class, () -> table.writeDoubleSpend(slot, 5));
      assertThrows(IllegalStateException.class, () -> table.writeChain(slot, 1, 0));
      assertThrows(IllegalStateException.class, () -> table.retire(slot));
      table.writeRegistration(slot, 5, core, 0, 100, SlotTable.NONE);
      assertThrows(
          IllegalStateException.class,
          () -> table.writeRegistration(slot, 6, core, 0, 100, SlotTable.NONE));
      assertThrows(IllegalStateException.class, () -> table.writeDoubleSpend(slot, 6));
      assertThrows(IllegalStateException.class, () -> table.writeGrant(slot, 5, claimId, 0));
      table.writeGrant(slot, 6, claimId, 0);
      IllegalStateException refused =
          assertThrows(IllegalStateException.class, () -> table.writeGrant(slot, 7, claimId, 0));
      assertTrue(refused.getMessage().contains("granted at 6"), refused.getMessage());
      table.writeDoubleSpend(slot, 8);
      assertThrows(IllegalStateException.class, () -> table.writeDoubleSpend(slot, 9));
      // Granted and unspent: settlement still owes it.
      assertThrows(IllegalStateException.class, () -> table.retire(slot));
      table.writeChain(slot, 100, 101);
      table.retire(slot);
      assertEquals(0, table.slots().liveCount());
    }
  }

  @Test
  void shouldReturnToTheEmptyDigest() {
    try (Arena arena = Arena.ofConfined()) {
      StateDigest digest = new StateDigest();
      EscrowTable table = new EscrowTable(arena, 4, digest);
      long low = digest.component(0).lowWithComponent();
      long high = digest.component(0).highWithComponent();
      int slot = table.slots().allocate();
      table.writeRegistration(slot, 5, new byte[EscrowTable.CORE_LENGTH], 0, 100, 2);
      table.writeGrant(slot, 6, new byte[EscrowTable.CLAIM_ID_LENGTH], 0);
      table.writeDoubleSpend(slot, 7);
      table.writeChain(slot, 0, 0);
      table.writeChain(slot, 100, 120);
      assertTrue(low != digest.component(0).lowWithComponent());
      table.retire(slot);
      assertEquals(low, digest.component(0).lowWithComponent());
      assertEquals(high, digest.component(0).highWithComponent());
    }
  }
}
