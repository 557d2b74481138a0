package org.micropay.vts.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DigestLotsTest {
  private static void put(StateDigest digest, byte[] component, boolean add) {
    digest.component(component[0]).with(component, 0, component.length);
    if (add) {
      digest.add();
    } else {
      digest.subtract();
    }
  }

  @Test
  void shouldSumUpWhatIsHashedOneByOne() {
    SplittableRandom random = Samples.random("shouldSumUpWhatIsHashedOneByOne");
    for (int round = 0; round < 20; round++) {
      StateDigest single = new StateDigest();
      StateDigest inLots = new StateDigest();
      List<byte[]> added = new ArrayList<>();
      try (Arena arena = Arena.ofConfined()) {
        int start = random.nextInt(1_000);
        int end = start + random.nextInt(1_000);
        for (int i = 0; i < 2_000; i++) {
          if (i == start) {
            // What was added stays in the sum, whenever the lots begin and end.
            inLots.hashInLots(KeyedHashes.oneByOne(128), arena, EscrowTable.COMPONENT_LENGTHS);
          }
          if (i == end) {
            inLots.hashAtOnce();
          }
          boolean add = added.isEmpty() || random.nextInt(3) > 0;
          byte[] component =
              add
                  ? new byte[new int[] {16, 24, 40, 48, 93, 109}[random.nextInt(6)]]
                  : added.remove(random.nextInt(added.size()));
          if (add) {
            random.nextBytes(component);
            added.add(component);
          }
          put(single, component, add);
          put(inLots, component, add);
          if (random.nextInt(300) == 0) {
            single.component(9).with(i);
            inLots.component(9).with(i);
            assertEquals(single.lowWithComponent(), inLots.lowWithComponent());
            assertEquals(single.highWithComponent(), inLots.highWithComponent());
          }
        }
        single.component(9);
        inLots.component(9);
        assertEquals(single.highWithComponent(), inLots.highWithComponent());
        assertEquals(single.lowWithComponent(), inLots.lowWithComponent());
      }
    }
  }

  @Test
  void shouldHashEachMessageUnderEachKey() {
    SplittableRandom random = Samples.random("shouldHashEachMessageUnderEachKey");
    KeyedHashes hashes = KeyedHashes.oneByOne(64);
    ValueLayout.OfLong little = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    try (Arena arena = Arena.ofConfined()) {
      for (int length = 0; length <= 64; length++) {
        MemorySegment keys = arena.allocate(32);
        MemorySegment messages = arena.allocate(5 * 70);
        MemorySegment results = arena.allocate(10 * Long.BYTES);
        byte[] bytes = new byte[5 * 70];
        random.nextBytes(bytes);
        messages.copyFrom(MemorySegment.ofArray(bytes));
        long[] key = random.longs(4).toArray();
        for (int i = 0; i < key.length; i++) {
          keys.set(little, 8L * i, key[i]);
        }
        hashes.hash(keys, 2, messages, 70, length, results, 5);
        for (int i = 0; i < 10; i++) {
          int k = 2 * (i / 5);
          assertEquals(
              SipHash.hash(key[k], key[k + 1], bytes, 70 * (i % 5), length),
              results.getAtIndex(ValueLayout.JAVA_LONG, i));
        }
      }
    }
  }
}
