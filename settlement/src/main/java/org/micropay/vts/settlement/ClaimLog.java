package org.micropay.vts.settlement;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.agrona.collections.LongArrayList;

/**
 * What became of claims outside our batches, and which claims are final: a fold, see {@link
 * SettlementState}. The chain thread owns it.
 */
final class ClaimLog {
  private final Map<Long, SettlementRecord.ClaimClosed> closed = new HashMap<>();
  private final Map<Long, SettlementRecord.ClaimUnfunded> unfunded = new HashMap<>();
  private final FinalClaims finalClaims = new FinalClaims();
  private final long[] outcomes = new long[ClaimOutcome.values().length];
  private long settled;

  void close(SettlementRecord.ClaimClosed claim) {
    if (closed.putIfAbsent(claim.position(), claim) != null || isFinal(claim.position())) {
      throw new IllegalStateException("claim " + claim.position() + " closed, but is not open");
    }
    outcomes[claim.outcome().ordinal()]++;
  }

  void reopen(SettlementRecord.ClaimReopened claim) {
    SettlementRecord.ClaimClosed was = closed.remove(claim.position());
    if (was == null) {
      throw new IllegalStateException("claim " + claim.position() + " reopened, but not closed");
    }
    outcomes[was.outcome().ordinal()]--;
  }

  void unfund(SettlementRecord.ClaimUnfunded claim) {
    unfunded.put(claim.position(), claim);
  }

  void fund(SettlementRecord.ClaimFunded claim) {
    if (unfunded.remove(claim.position()) == null) {
      throw new IllegalStateException("claim " + claim.position() + " funded, but was not without");
    }
  }

  /** A batch paid it, deep enough. */
  void settle(long position) {
    finalClaims.add(position);
    settled++;
  }

  void unsettle(long position) {
    finalClaims.remove(position);
    settled--;
  }

  /** Makes final what ended below {@code height}. */
  void prune(int height) {
    List<Long> old = new ArrayList<>();
    for (SettlementRecord.ClaimClosed claim : closed.values()) {
      if (claim.height() < height) {
        old.add(claim.position());
      }
    }
    for (long position : old) {
      closed.remove(position);
      unfunded.remove(position);
      finalClaims.add(position);
    }
  }

  boolean isFinal(long position) {
    return finalClaims.contains(position);
  }

  boolean isClosed(long position) {
    return closed.containsKey(position);
  }

  boolean isUnfunded(long position) {
    return unfunded.containsKey(position);
  }

  Optional<ClaimOutcome> outcome(long position) {
    return Optional.ofNullable(closed.get(position)).map(SettlementRecord.ClaimClosed::outcome);
  }

  Collection<SettlementRecord.ClaimClosed> closed() {
    return closed.values();
  }

  Collection<SettlementRecord.ClaimUnfunded> unfunded() {
    return unfunded.values();
  }

  long[] outcomes() {
    return outcomes.clone();
  }

  long count(ClaimOutcome outcome) {
    return outcomes[outcome.ordinal()];
  }

  long settled() {
    return settled;
  }

  /** Takes a claim as a snapshot holds it; the counters come by themselves. */
  void restore(SettlementRecord.ClaimClosed claim) {
    closed.put(claim.position(), claim);
  }

  /** Counters from a snapshot. */
  void restore(long settledClaims, long[] counts) {
    settled = settledClaims;
    System.arraycopy(counts, 0, outcomes, 0, outcomes.length);
  }

  /** How many final claims are listed one by one. */
  int listed() {
    return finalClaims.listed();
  }

  /** See {@link FinalClaims#compact}. */
  void compact(long through, LongArrayList open) {
    finalClaims.compact(through, open);
  }

  /** All grants up to a position are final but some. */
  void restoreFinal(long through, LongArrayList open) {
    finalClaims.restore(through, open);
  }

  @Override
  public boolean equals(Object object) {
    return object instanceof ClaimLog other
        && closed.equals(other.closed)
        && unfunded.equals(other.unfunded)
        && finalClaims.equals(other.finalClaims)
        && settled == other.settled
        && java.util.Arrays.equals(outcomes, other.outcomes);
  }

  @Override
  public int hashCode() {
    return Objects.hash(closed, unfunded, settled);
  }

  @Override
  public String toString() {
    return "settled " + settled + " closed " + closed.values() + " unfunded " + unfunded.values();
  }
}
