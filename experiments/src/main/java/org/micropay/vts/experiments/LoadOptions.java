package org.micropay.vts.experiments;

/**
 * How much load.
 *
 * @param connections sessions, each with a thread of its own
 * @param rate requests a second over all connections after the ramp; 0 for as fast as answers come
 *     (closed loop)
 * @param rampSeconds in which the rate rises from zero in a line; not measured
 * @param seconds measured, after the ramp; 0 for no limit of time
 * @param requests that end the load, the ramp's included; 0 for no limit of number
 */
public record LoadOptions(
    int connections, double rate, double rampSeconds, double seconds, long requests) {
  /** Connections at most. */
  public static final int MAX_CONNECTIONS = 10_000;

  /** Checks the ranges. */
  public LoadOptions {
    require(connections >= 1 && connections <= MAX_CONNECTIONS, "connections", connections);
    require(rate >= 0 && rate <= 1e7, "rate", rate);
    require(rampSeconds >= 0 && rampSeconds <= 86_400, "ramp", rampSeconds);
    require(seconds >= 0 && seconds <= 7 * 86_400, "seconds", seconds);
    require(requests >= 0, "requests", requests);
    if (seconds == 0 && requests == 0) {
      throw new IllegalArgumentException("name seconds or requests, or the load never ends");
    }
  }

  private static void require(boolean holds, String name, Object value) {
    if (!holds) {
      throw new IllegalArgumentException(name + " " + value + " is out of range");
    }
  }

  /** So many requests, one after the other on each connection, as fast as answers come. */
  public static LoadOptions closed(int connections, long requests) {
    return new LoadOptions(connections, 0, 0, 0, requests);
  }

  /** Whether requests have planned times. */
  public boolean isOpen() {
    return rate > 0;
  }

  /** The plan of {@link #isOpen() open} load. */
  Pacing pacing() {
    return new Pacing(rate, rampSeconds);
  }
}
