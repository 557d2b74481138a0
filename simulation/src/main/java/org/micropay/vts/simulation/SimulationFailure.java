package org.micropay.vts.simulation;

import java.util.List;

/** A history in which something went wrong, with the seed that repeats it and its last events. */
public final class SimulationFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final long seed;
  private final String checker;
  private final transient List<String> trace;

  SimulationFailure(SimulationOptions options, RuntimeException cause, List<String> trace) {
    super("seed " + options.seed() + ": " + cause.getMessage(), cause);
    this.seed = options.seed();
    this.checker =
        cause instanceof Violation violation
            ? violation.checker()
            : cause.getClass().getSimpleName();
    this.trace = List.copyOf(trace);
  }

  /** Repeats the history. */
  public long seed() {
    return seed;
  }

  /** Name of the checker that noticed, or of the exception. */
  public String checker() {
    return checker;
  }

  /** The last events: number, simulated time, event. */
  public List<String> trace() {
    return trace;
  }
}
