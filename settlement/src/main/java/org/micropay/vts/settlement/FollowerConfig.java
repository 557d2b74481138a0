package org.micropay.vts.settlement;

/**
 * How a {@link ChainFollower} behaves.
 *
 * @param pollMillis at most this long without asking the chain, hints or not
 * @param heartbeatMillis how often the ledger is told that the tip is still the tip
 * @param maxInFlight blocks that may wait for durability before the next is read: bounds memory
 * @param horizon deepest reorganization that is followed; a deeper one halts
 */
public record FollowerConfig(long pollMillis, long heartbeatMillis, int maxInFlight, int horizon) {
  /** Poll each half second, tell the ledger each five, four blocks in flight, 144 blocks deep. */
  public static final FollowerConfig DEFAULT = new FollowerConfig(500, 5_000, 4, 144);

  /** Checks the ranges. */
  public FollowerConfig {
    if (pollMillis < 0 || heartbeatMillis < 1 || maxInFlight < 1 || horizon < 100) {
      throw new IllegalArgumentException(
          "follower: poll %d ms, heartbeat %d ms, in flight %d, horizon %d (at least 100)"
              .formatted(pollMillis, heartbeatMillis, maxInFlight, horizon));
    }
  }
}
