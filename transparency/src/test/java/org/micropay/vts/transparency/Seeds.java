package org.micropay.vts.transparency;

import java.util.Random;

/** Random numbers whose seed is printed and can be given again with -Dvts.seed=N. */
final class Seeds {
  private Seeds() {}

  static Random random(String test) {
    long seed = Long.getLong("vts.seed", System.nanoTime());
    System.out.println(test + ": -Dvts.seed=" + seed);
    return new Random(seed);
  }
}
