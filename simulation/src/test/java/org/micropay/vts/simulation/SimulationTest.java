package org.micropay.vts.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Histories under faults, in which every checker must be content. {@code -Dvts.seed=N} plays one
 * history; {@code -Dvts.simulation.seeds=N} more of them.
 */
class SimulationTest {
  private static final int SEEDS = Integer.getInteger("vts.simulation.seeds", 8);
  private static final int CLAIMS = 300;

  @Test
  void shouldKeepEveryPromiseUnderFaults() {
    Long fixed = Long.getLong("vts.seed");
    long base = fixed != null ? fixed : System.currentTimeMillis() & ~0x1FL;
    System.out.println("simulation: seeds from " + base);
    SimulationReport sum = SimulationReport.NONE;
    for (long seed = base; seed < base + (fixed != null ? 1 : SEEDS); seed++) {
      sum = sum.plus(play(SimulationOptions.of(seed, CLAIMS), Parts.PRODUCTION));
    }
    System.out.println("simulation: " + sum);
    assertTrue(sum.grants() > 0);
    assertTrue(fixed != null || sum.faults("kill") > 0 && sum.faults("power loss") > 0);
  }

  @Test
  void shouldPlayTheSameHistoryForTheSameSeed() {
    for (long seed : new long[] {3, 32}) {
      SimulationOptions options = SimulationOptions.of(seed, 150);
      assertEquals(play(options, Parts.PRODUCTION), play(options, Parts.PRODUCTION));
    }
  }

  /** The journal's crash handling gives nothing away when nothing crashes. */
  @Test
  void shouldAnswerEveryClaimWithoutFaults() {
    SimulationReport report = play(new SimulationOptions(7, 200, false, 0), Parts.PRODUCTION);
    assertEquals(Map.of(), report.faults());
    assertEquals(200, report.claims());
  }

  static SimulationReport play(SimulationOptions options, Parts parts) {
    try (Simulation simulation = new Simulation(options, parts)) {
      return simulation.run();
    } catch (SimulationFailure failure) {
      failure.trace().forEach(System.out::println);
      throw new AssertionError("repeat with -Dvts.seed=" + failure.seed(), failure);
    }
  }
}
