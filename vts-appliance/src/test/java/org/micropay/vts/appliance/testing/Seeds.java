package org.micropay.vts.appliance.testing;

import java.util.Random;

/** Random tests print their seed and take it back with {@code -Dvts.seed=N}. */
public final class Seeds {
  private Seeds() {}

  /** A source for one test, which is named in what is printed. */
  public static Random random(String test) {
    long seed = Long.getLong("vts.seed", System.nanoTime());
    System.out.println(test + ": -Dvts.seed=" + seed);
    return new Random(seed);
  }
}
