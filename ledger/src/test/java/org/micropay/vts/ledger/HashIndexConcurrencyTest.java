package org.micropay.vts.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** A reader beside a writer whose removals move the very cell that the reader looks for. */
class HashIndexConcurrencyTest {
  private static final int SLOTS = 64;
  private static final int PASSING = 0;
  private static final int ONE = 1;
  private static final int OTHER = 2;
  private static final int FINGERPRINT = 12_345;
  private static final int CYCLES = 300_000;

  private static boolean isThere(HashIndex index) {
    for (int cell = index.first(FINGERPRINT);
        cell != HashIndex.NONE;
        cell = index.next(FINGERPRINT, cell)) {
      if (index.slot(cell) == ONE || index.slot(cell) == OTHER) {
        return true;
      }
    }
    return false;
  }

  @Test
  void shouldNotLetMissBeBelievedAfterRemoval() {
    try (Arena arena = Arena.ofConfined()) {
      HashIndex index = new HashIndex(arena, SLOTS);
      index.insert(FINGERPRINT, PASSING);
      int version = index.version();
      index.insert(FINGERPRINT, ONE);
      assertTrue(index.unchanged(version));
      index.remove(FINGERPRINT, PASSING);
      assertFalse(index.unchanged(version));
      assertTrue(isThere(index));
    }
  }

  @Test
  void shouldNeverMissWhatStays() throws Exception {
    try (Arena arena = Arena.ofShared();
        ExecutorService reader = Executors.newSingleThreadExecutor()) {
      HashIndex index = new HashIndex(arena, SLOTS);
      index.insert(FINGERPRINT, PASSING);
      index.insert(FINGERPRINT, ONE);
      AtomicBoolean done = new AtomicBoolean();
      Future<long[]> result = reader.submit(() -> look(index, done));
      try {
        for (int i = 0; i < CYCLES; i++) {
          moveForward(index, i % 2 == 0 ? ONE : OTHER, i % 2 == 0 ? OTHER : ONE);
        }
      } finally {
        done.set(true);
      }
      long[] counts = result.get();
      System.out.printf(
          "index: %d probes found it, %d were disturbed, %d missed it undisturbed%n",
          counts[0], counts[1], counts[2]);
      assertEquals(0, counts[2]);
    }
  }

  /**
   * One of two is always there. From {@code passing, from} the removal moves {@code from} over a
   * reader that has just seen the passing one; then all is put back with the two exchanged.
   */
  private static void moveForward(HashIndex index, int from, int to) {
    index.remove(FINGERPRINT, PASSING); // from
    index.insert(FINGERPRINT, PASSING); // from, passing
    index.insert(FINGERPRINT, to); // from, passing, to
    index.remove(FINGERPRINT, from); // passing, to
  }

  private static long[] look(HashIndex index, AtomicBoolean done) {
    long[] counts = new long[3];
    while (!done.get()) {
      int version = index.version();
      if (isThere(index)) {
        counts[0]++;
      } else if (!index.unchanged(version)) {
        counts[1]++;
      } else {
        counts[2]++;
      }
    }
    return counts;
  }
}
