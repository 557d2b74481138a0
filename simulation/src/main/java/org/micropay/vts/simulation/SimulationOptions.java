package org.micropay.vts.simulation;

/**
 * One simulated history.
 *
 * @param seed everything follows from it
 * @param claims how many claims clients make
 * @param realCrypto whether signatures are real and grants are settled on the chain
 * @param calm steps between two faults of the first kinds, roughly, times twenty; 0 for no faults
 */
public record SimulationOptions(long seed, int claims, boolean realCrypto, int calm) {
  /** A dozen crashes in a thousand claims. */
  public static final int CALM = 4_000;

  /** A crash every few claims. */
  public static final int STORM = 500;

  /** Every so many seeds use real signatures and settlement. */
  public static final int REAL_EVERY = 32;

  /** The history of a seed: toy signatures, but for one seed in {@value #REAL_EVERY}. */
  public static SimulationOptions of(long seed, int claims) {
    return new SimulationOptions(seed, claims, Math.floorMod(seed, REAL_EVERY) == 0, CALM);
  }
}
