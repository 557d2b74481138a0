package org.micropay.vts.appliance.bench;

import org.micropay.vts.secp256k1.Kernel;

/**
 * How much is measured: enough to fill the wanted time with this kernel, split into rounds.
 *
 * @param rounds interleaved turns
 * @param perRound claims in each
 * @param warmup claims in each of the turns before, {@value #WARMUPS} of them
 */
record Sizing(int rounds, int perRound, int warmup) {
  /** Claims in one kernel call of the comparison. */
  static final int BATCH = 128;

  /**
   * Turns that are not measured, of the same kind as those that are: the JVM compiles the way of a
   * claim, gives up what it assumed when kernels and pipeline first take turns, and compiles again.
   */
  static final int WARMUPS = 3;

  private static final int MIN_WARMUP = 60_000;
  private static final int ROUNDS = 5;
  private static final int SCALAR_RATE = 18_000;
  private static final int VECTOR_RATE = 110_000;

  /** For about so many seconds of measured time. */
  static Sizing of(Kernel kernel, int seconds) {
    int rate = kernel.name().startsWith("scalar") ? SCALAR_RATE : VECTOR_RATE;
    int perRound = Math.max(4 * BATCH, rate * seconds / ROUNDS / BATCH * BATCH);
    int warmup = kernel.name().startsWith("scalar") ? perRound : Math.max(MIN_WARMUP, perRound);
    return new Sizing(ROUNDS, perRound, warmup);
  }

  int claims() {
    return WARMUPS * warmup + rounds * perRound;
  }
}
