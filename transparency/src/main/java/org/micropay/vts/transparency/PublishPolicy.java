package org.micropay.vts.transparency;

/**
 * When a new checkpoint is due: leaves wait no longer than an interval, and never more than a
 * number of them.
 *
 * @param intervalMillis longest wait of a leaf, milliseconds; 0 at once
 * @param maxLeaves so many leaves make one due before the interval is over
 */
public record PublishPolicy(long intervalMillis, long maxLeaves) {
  /** Checks the ranges. */
  public PublishPolicy {
    if (intervalMillis < 0 || maxLeaves < 1) {
      throw new IllegalArgumentException(
          "a publishing policy of %d ms and %d leaves".formatted(intervalMillis, maxLeaves));
    }
  }

  boolean isDue(long leaves, long waitedMillis) {
    return leaves > 0 && (leaves >= maxLeaves || waitedMillis >= intervalMillis);
  }
}
