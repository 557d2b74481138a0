package org.micropay.vts.pipeline;

import com.lmax.disruptor.RingBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;

/** The pipeline's numbers for metrics; readable from any thread, without a lock. */
public final class PipelineCounters {
  /** One more than the highest number of an answer code that is counted. */
  static final int CODES = 64;

  private final RingBuffer<ClaimSlot> ring;
  private final List<StageCounters> stages;
  private final AtomicLongArray answers;
  private final ServiceRate serviceRate;
  private final ClaimIngress claims;
  private final DiskReserve diskReserve;

  PipelineCounters(
      RingBuffer<ClaimSlot> ring,
      List<StageCounters> stages,
      AtomicLongArray answers,
      ServiceRate serviceRate,
      ClaimIngress claims,
      DiskReserve diskReserve) {
    this.ring = ring;
    this.stages = List.copyOf(stages);
    this.answers = answers;
    this.serviceRate = serviceRate;
    this.claims = claims;
    this.diskReserve = diskReserve;
  }

  /** Each stage's own counters, in the order of a claim's way. */
  public List<StageCounters> stages() {
    return stages;
  }

  /** Claims answered with the code of this number; refusals at the ingress are not among them. */
  public long answers(int code) {
    return code >= 0 && code < CODES ? answers.getOpaque(code) : 0;
  }

  /** Claims refused because the ring was full. */
  public long overloaded() {
    return claims.overloadedCount();
  }

  /** Slots on the ring that are not answered yet. */
  public long queueDepth() {
    return ring.getBufferSize() - ring.remainingCapacity();
  }

  /** Slots of the ring. */
  public int ringSize() {
    return ring.getBufferSize();
  }

  /** Slots per second finished while busy, smoothed; 0 when not measured yet. */
  public double serviceRatePerSecond() {
    return serviceRate.perSecond();
  }

  /** Whether claims are refused because the journal's disk is down to its reserve. */
  public boolean diskReserveReached() {
    return diskReserve.isReached();
  }
}
