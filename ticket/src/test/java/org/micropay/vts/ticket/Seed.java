package org.micropay.vts.ticket;

import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Seeded randomness for tests: printed once, and taken back with {@code -Dvts.seed=N}. The same
 * seed gives a test class the same numbers whenever the whole class runs.
 */
final class Seed {
  private static final long SEED = Long.getLong("vts.seed", System.nanoTime());
  private static final Map<String, Integer> DRAWN = new ConcurrentHashMap<>();

  static {
    System.out.println("repeat with -Dvts.seed=" + SEED);
  }

  private Seed() {}

  static Random random(String test) {
    return new Random(SEED ^ (long) test.hashCode() << 32 ^ DRAWN.merge(test, 1, Integer::sum));
  }
}
