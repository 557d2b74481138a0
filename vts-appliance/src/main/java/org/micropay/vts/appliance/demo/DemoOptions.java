package org.micropay.vts.appliance.demo;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What is played.
 *
 * @param chain where it is settled
 * @param winners escrows that an honest ticket wins, 5 to 5,000
 * @param odds N of 1/N for every escrow, 2 to 1,000
 * @param seed decides who cheats, in which order claims go out and when the server is killed; the
 *     draws of the lottery and the keys come from the system's random number generator
 * @param keep folder to leave everything in, which must not exist; empty: a private one that is
 *     removed
 */
public record DemoOptions(ChainKind chain, int winners, int odds, long seed, Optional<Path> keep) {
  /** Which chain. */
  public enum ChainKind {
    /** The regtest chain inside the server. */
    EMBEDDED,
    /** A private bitcoind on regtest. */
    BITCOIND
  }

  /** Checks the ranges. */
  public DemoOptions {
    require(winners >= 5 && winners <= 5_000, "--winners", winners, "5..5000");
    require(odds >= 2 && odds <= 1_000, "--odds", odds, "2..1000");
  }

  private static void require(boolean holds, String option, int value, String range) {
    if (!holds) {
      throw new IllegalArgumentException(option + " " + value + " is not within " + range);
    }
  }
}
