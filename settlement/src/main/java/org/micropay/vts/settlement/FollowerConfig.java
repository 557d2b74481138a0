package org.micropay.vts.settlement;

import java.util.Objects;
import java.util.Optional;
import org.micropay.vts.ticket.Bytes32;

/**
 * How a {@link ChainFollower} behaves.
 *
 * @param pollMillis at most this long without asking the chain, hints or not
 * @param heartbeatMillis how often the ledger is told that the tip is still the tip
 * @param maxInFlight blocks that may wait for durability before the next is read: bounds memory
 * @param horizon deepest reorganization that is followed by itself
 * @param acceptedFork the block at which an operator accepts a deeper one
 */
public record FollowerConfig(
    long pollMillis,
    long heartbeatMillis,
    int maxInFlight,
    int horizon,
    Optional<Bytes32> acceptedFork) {
  /** Poll each half second, tell the ledger each five, four blocks in flight, 144 blocks deep. */
  public static final FollowerConfig DEFAULT =
      new FollowerConfig(500, 5_000, 4, 144, Optional.empty());

  /** Checks the ranges. */
  public FollowerConfig {
    Objects.requireNonNull(acceptedFork);
    if (pollMillis < 0 || heartbeatMillis < 1 || maxInFlight < 1 || horizon < 100) {
      throw new IllegalArgumentException(
          "follower: poll %d ms, heartbeat %d ms, in flight %d, horizon %d (at least 100)"
              .formatted(pollMillis, heartbeatMillis, maxInFlight, horizon));
    }
  }

  /** The same with an accepted fork. */
  public FollowerConfig accepting(Optional<Bytes32> fork) {
    return new FollowerConfig(pollMillis, heartbeatMillis, maxInFlight, horizon, fork);
  }

  boolean accepts(Bytes32 fork) {
    return acceptedFork.filter(fork::equals).isPresent();
  }
}
