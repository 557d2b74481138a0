package org.micropay.vts.secp256k1;

import java.util.Random;

/** The seed of this run's random tests: printed once, and taken back with -Dvts.seed=N. */
final class Seed {
  static final long VALUE = Long.getLong("vts.seed", System.nanoTime());

  static {
    System.out.println("vts.seed=" + VALUE);
  }

  private Seed() {}

  static Random random() {
    return new Random(VALUE);
  }

  static byte[] bytes(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }
}
