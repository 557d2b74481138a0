package org.micropay.vts.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class OutpointTableTest {
  private record Key(long first, long second) {}

  /** Keys that share halves and homes, beside ones that share nothing. */
  private static Key key(SplittableRandom random) {
    long upper = random.nextInt(3) == 0 ? random.nextInt(40) << 7 : random.nextInt();
    return new Key(upper << 32 | random.nextInt(4), random.nextInt(3));
  }

  @Test
  void shouldHoldWhatAMapHolds() {
    SplittableRandom random = new SplittableRandom(Seeds.seed("shouldHoldWhatAMapHolds"));
    OutpointTable table = new OutpointTable();
    Map<Key, Integer> map = new HashMap<>();
    long unused = 0;
    for (int i = 0; i < 40_000; i++) {
      Key key = key(random);
      unused += table.touchCell(key.first()) + table.touchRow(key.first());
      int row = table.find(key.first(), key.second());
      assertEquals(map.getOrDefault(key, OutpointTable.NONE), row, () -> "of " + key);
      if (row == OutpointTable.NONE) {
        row = table.insert(key.first(), key.second());
        assertEquals(map.size(), row);
        for (int word = 2; word < OutpointTable.WORDS; word++) {
          assertEquals(0, table.block(row)[OutpointTable.offset(row) + word]);
          table.block(row)[OutpointTable.offset(row) + word] = row * 10L + word;
        }
        map.put(key, row);
      }
    }
    assertEquals(map.size(), table.size());
    map.forEach(
        (key, row) -> {
          assertEquals(row, table.find(key.first(), key.second()));
          for (int word = 2; word < OutpointTable.WORDS; word++) {
            assertEquals(row * 10L + word, table.block(row)[OutpointTable.offset(row) + word]);
          }
        });
    assertEquals(unused, unused);
  }
}
