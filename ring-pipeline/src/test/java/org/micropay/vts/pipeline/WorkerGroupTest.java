package org.micropay.vts.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Who has taken what, and up to where everything is finished. */
class WorkerGroupTest {
  private final WorkerGroup group = new WorkerGroup(2);

  private long finished() {
    return group.finished().get();
  }

  @Test
  void shouldFinishWithTheSlowest() {
    assertEquals(-1, finished());
    assertTrue(group.tryTake(0, -1, 9));
    assertTrue(group.tryTake(1, 9, 19));
    assertEquals(-1, finished());
    group.release(1);
    assertEquals(-1, finished(), "the first run is not done");
    group.holdFrom(0, 4);
    assertEquals(3, finished());
    group.release(0);
    assertEquals(19, finished());
  }

  @Test
  void shouldLetOnlyOneTakeARun() {
    assertTrue(group.tryTake(0, -1, 9));
    assertFalse(group.tryTake(1, -1, 9));
    assertFalse(group.holds(1), "who lost holds nothing");
    group.release(0);
    assertEquals(9, finished());
  }

  @Test
  void shouldKeepTheOldestOfWhatAMemberHolds() {
    assertTrue(group.tryTake(0, -1, 9));
    group.holdFrom(0, 8);
    assertTrue(group.tryTake(0, 9, 19));
    assertEquals(7, finished(), "rows left over stay in front");
    assertFalse(group.tryTake(0, 9, 19));
    assertEquals(7, finished(), "a lost race lets go of nothing");
  }

  @Test
  void shouldNotBeSetFromOutside() {
    group.finished().set(-1);
    assertThrows(UnsupportedOperationException.class, () -> group.finished().set(5));
    assertThrows(UnsupportedOperationException.class, () -> group.finished().incrementAndGet());
  }

  /** Against a model that remembers each slot. */
  @Test
  void shouldAgreeWithAModelInRandomHistories() {
    long seed = Long.getLong("vts.seed", System.nanoTime());
    SplittableRandom random = new SplittableRandom(seed);
    int members = 4;
    WorkerGroup some = new WorkerGroup(members);
    long[] first = new long[members];
    java.util.Arrays.fill(first, Long.MAX_VALUE);
    for (int step = 0; step < 10_000; step++) {
      int member = random.nextInt(members);
      long taken = some.taken();
      int action = random.nextInt(3);
      if (action == 0) {
        assertTrue(some.tryTake(member, taken, taken + 1 + random.nextInt(5)));
        first[member] = Math.min(first[member], taken + 1);
      } else if (action == 1 && first[member] != Long.MAX_VALUE) {
        first[member] = random.nextLong(first[member], taken + 1);
        some.holdFrom(member, first[member]);
      } else {
        first[member] = Long.MAX_VALUE;
        some.release(member);
      }
      long expected = some.taken();
      for (long one : first) {
        expected = Math.min(expected, one - 1);
      }
      assertEquals(expected, some.finished().get(), "seed " + seed + ", step " + step);
    }
  }
}
