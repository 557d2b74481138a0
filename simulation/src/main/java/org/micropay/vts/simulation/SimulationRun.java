package org.micropay.vts.simulation;

/** Simulated histories, one seed after the other. */
final class SimulationRun implements Attack {
  static final int CLAIMS_PER_SEED = 1_000;

  private final Parts parts;
  private final TortureCounts counts;
  private long seed;

  /** From {@code firstSeed} on. */
  SimulationRun(Parts parts, long firstSeed, TortureCounts counts) {
    this.parts = parts;
    this.counts = counts;
    this.seed = firstSeed - 1;
  }

  @Override
  public String name() {
    return "simulated histories";
  }

  @Override
  public void once() {
    SimulationOptions history = SimulationOptions.of(++seed, CLAIMS_PER_SEED);
    try (Simulation simulation = new Simulation(history, parts)) {
      try {
        simulation.run();
      } finally {
        counts.simulated = counts.simulated.plus(simulation.report());
      }
    }
  }

  @Override
  public void startOver() {
    // Each history is its own.
  }

  @Override
  public String replay() {
    return "--simulate --seed " + seed + " --claims " + CLAIMS_PER_SEED;
  }
}
