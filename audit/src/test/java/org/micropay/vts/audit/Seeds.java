package org.micropay.vts.audit;

/** Random tests print their seed and take it back with {@code -Dvts.seed=N}. */
final class Seeds {
  private Seeds() {}

  static long seed(String test) {
    long seed = Long.getLong("vts.seed", System.nanoTime());
    System.out.println(test + ": -Dvts.seed=" + seed);
    return seed;
  }
}
