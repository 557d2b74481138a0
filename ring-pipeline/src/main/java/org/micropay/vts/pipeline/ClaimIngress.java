package org.micropay.vts.pipeline;

import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.RingBuffer;
import java.util.concurrent.atomic.LongAdder;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.ClaimLayout;

/**
 * The claims' way onto the ring. Any number of threads; no locks, no allocation, no queue besides
 * the ring.
 *
 * <p>A claim is refused while the ring has no more than the commands' reserve free, so that chain
 * events and clock ticks always find room, whatever the clients do. Producers that race may take a
 * few slots of the reserve, at most one per producing thread at a time.
 */
public final class ClaimIngress {
  /** What {@link #tryPublish} returns for a claim that is on the ring and will be answered. */
  public static final int ACCEPTED = 0;

  private static final int OVERLOADED = AnswerCode.OVERLOADED.number();
  private static final int SHUTTING_DOWN = AnswerCode.SHUTTING_DOWN.number();
  private static final int MALFORMED = AnswerCode.MALFORMED.number();
  private static final int TOO_LARGE = AnswerCode.TOO_LARGE.number();
  private static final long MIN_RETRY_MILLIS = 1;
  private static final long MAX_RETRY_MILLIS = 30_000;
  private static final long UNKNOWN_RATE_RETRY_MILLIS = 100;
  private static final double MILLIS_PER_SECOND = 1e3;

  private final RingBuffer<ClaimSlot> ring;
  private final int roomForClaim;
  private final ServiceRate serviceRate;
  private final HaltSwitch haltSwitch;
  private final LongAdder overloaded = new LongAdder();
  private volatile boolean closed;

  ClaimIngress(
      RingBuffer<ClaimSlot> ring,
      int commandReserve,
      ServiceRate serviceRate,
      HaltSwitch haltSwitch) {
    this.ring = ring;
    this.roomForClaim = commandReserve + 1;
    this.serviceRate = serviceRate;
    this.haltSwitch = haltSwitch;
  }

  /**
   * Puts one claim on the ring, or says at once why not; never waits.
   *
   * @param connectionId returned with the answer
   * @param correlationId returned with the answer
   * @param timeMillis when the claim came, milliseconds since the Unix epoch; expiry is judged by
   *     it
   * @param ingressNanos the same instant in the scale of the pipeline's nano clock, for latency
   * @param source holds the canonical claim; copied before the call returns
   * @return {@link #ACCEPTED}, or the number of an {@link AnswerCode} to answer with: OVERLOADED
   *     (with {@link #retryAfterMillis()}), SHUTTING_DOWN, MALFORMED or TOO_LARGE
   */
  public int tryPublish(
      long connectionId,
      long correlationId,
      long timeMillis,
      long ingressNanos,
      DirectBuffer source,
      int offset,
      int length) {
    int refusal = refusal(length);
    if (refusal != ACCEPTED) {
      return refusal;
    }
    long sequence;
    try {
      sequence = ring.tryNext();
    } catch (InsufficientCapacityException full) {
      overloaded.increment();
      return OVERLOADED;
    }
    ClaimSlot slot = ring.get(sequence);
    try {
      source.getBytes(offset, slot.row, ClaimSlot.CLAIM_OFFSET, length);
      slot.length = length;
      slot.connectionId = connectionId;
      slot.correlationId = correlationId;
      slot.timeMillis = timeMillis;
      slot.ingressNanos = ingressNanos;
      slot.kind = SlotKind.CLAIM;
    } finally {
      // Also when the source was too short: an unpublished sequence would stop the ring for good.
      ring.publish(sequence);
    }
    return ACCEPTED;
  }

  /** The same from an array; allocates a wrapper, for edges that are not hot. */
  public int tryPublish(
      long connectionId,
      long correlationId,
      long timeMillis,
      long ingressNanos,
      byte[] source,
      int offset,
      int length) {
    return tryPublish(
        connectionId,
        correlationId,
        timeMillis,
        ingressNanos,
        new UnsafeBuffer(source),
        offset,
        length);
  }

  private int refusal(int length) {
    if (length < ClaimLayout.MIN_LENGTH) {
      return MALFORMED;
    }
    if (length > ClaimLayout.MAX_LENGTH) {
      return TOO_LARGE;
    }
    if (closed || haltSwitch.isHalted()) {
      return SHUTTING_DOWN;
    }
    if (!ring.hasAvailableCapacity(roomForClaim)) {
      overloaded.increment();
      return OVERLOADED;
    }
    return ACCEPTED;
  }

  /**
   * When a client that was told OVERLOADED should come back: the time to serve what is on the ring
   * at the present rate of service, 1 ms to 30 s.
   */
  public long retryAfterMillis() {
    double perSecond = serviceRate.perSecond();
    if (perSecond <= 0) {
      return UNKNOWN_RATE_RETRY_MILLIS;
    }
    long depth = ring.getBufferSize() - ring.remainingCapacity();
    long millis = (long) Math.ceil(depth * MILLIS_PER_SECOND / perSecond);
    return Math.clamp(millis, MIN_RETRY_MILLIS, MAX_RETRY_MILLIS);
  }

  /** Claims refused because the ring was full. */
  public long overloadedCount() {
    return overloaded.sum();
  }

  /** Refuses every further claim with SHUTTING_DOWN. */
  void close() {
    closed = true;
  }
}
