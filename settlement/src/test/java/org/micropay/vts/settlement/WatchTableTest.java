package org.micropay.vts.settlement;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;

/** The table against a map. */
class WatchTableTest {
  private static final int OUTPUTS = 20_000;

  @Test
  void shouldBehaveLikeAMap() {
    long seed = Long.getLong("vts.seed", new Random().nextLong());
    Random random = new Random(seed);
    WatchTable table = new WatchTable();
    Map<Outpoint, int[]> model = new HashMap<>();
    for (int i = 0; i < OUTPUTS; i++) {
      // Few txids with many outputs each: the case that clusters.
      byte[] txid = new byte[32];
      new Random(random.nextInt(50)).nextBytes(txid);
      Outpoint outpoint = new Outpoint(Bytes32.of(txid), random.nextInt(1_000));
      int funded = random.nextInt(100);
      int slot = table.add(outpoint, funded, 0);
      model.putIfAbsent(outpoint, new int[] {funded, 0});
      if (random.nextBoolean()) {
        int spent = random.nextInt(100);
        table.setSpentHeight(slot, spent);
        model.get(outpoint)[1] = spent;
      }
    }
    compare(model, table, seed);
    table.prune(50);
    model.values().removeIf(heights -> heights[1] != 0 && heights[1] < 50);
    compare(model, table, seed);
    int[] counted = new int[2];
    table.forEachSpentFrom(60, slot -> counted[0]++);
    table.forEachFundedFrom(60, slot -> counted[1]++);
    assertEquals(model.values().stream().filter(h -> h[1] >= 60).count(), counted[0]);
    assertEquals(model.values().stream().filter(h -> h[0] >= 60).count(), counted[1]);
  }

  private static void compare(Map<Outpoint, int[]> model, WatchTable table, long seed) {
    assertEquals(model.size(), table.size(), "seed " + seed);
    model.forEach(
        (outpoint, heights) -> {
          int slot = table.find(outpoint);
          assertEquals(outpoint, table.outpoint(slot), "seed " + seed);
          assertEquals(heights[0], table.fundedHeight(slot), "seed " + seed);
          assertEquals(heights[1], table.spentHeight(slot), "seed " + seed);
        });
    assertEquals(WatchTable.NONE, table.find(Bytes32.ZERO, 0));
  }
}
