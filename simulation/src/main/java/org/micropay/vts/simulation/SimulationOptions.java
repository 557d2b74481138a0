package org.micropay.vts.simulation;

/**
 * One simulated history.
 *
 * @param seed everything follows from it
 * @param claims how many claims clients make
 * @param realCrypto whether signatures are real and grants are settled on the chain
 * @param faults whether anything fails at all
 */
public record SimulationOptions(long seed, int claims, boolean realCrypto, boolean faults) {
  /** Every so many seeds use real signatures and settlement. */
  public static final int REAL_EVERY = 16;

  /** The history of a seed: toy signatures, but for one seed in {@value #REAL_EVERY}. */
  public static SimulationOptions of(long seed, int claims) {
    return new SimulationOptions(seed, claims, Math.floorMod(seed, REAL_EVERY) == 0, true);
  }
}
