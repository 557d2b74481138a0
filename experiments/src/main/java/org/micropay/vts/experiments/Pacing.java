package org.micropay.vts.experiments;

/**
 * When each request of an open load is due. The rate r(t) rises in a line over the ramp and stays
 * then, so that request n is due when the area under it is n:
 *
 * <pre>
 *   n = rate t^2 / (2 ramp)          within the ramp
 *   n = rate (t - ramp / 2)          behind it
 * </pre>
 *
 * Immutable; any thread.
 *
 * @param rate a second
 * @param rampSeconds 0 for none
 */
record Pacing(double rate, double rampSeconds) {
  /** Nanoseconds from the start at which request {@code number}, 0 upwards, is due. */
  long dueNanos(long number) {
    double inRamp = rate * rampSeconds / 2;
    double seconds =
        number < inRamp
            ? Math.sqrt(2 * rampSeconds * number / rate)
            : rampSeconds / 2 + number / rate;
    return (long) (seconds * 1e9);
  }
}
