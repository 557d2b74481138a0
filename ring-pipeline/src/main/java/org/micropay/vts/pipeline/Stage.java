package org.micropay.vts.pipeline;

import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import org.agrona.concurrent.NanoClock;

/**
 * One step of the pipeline over the ring: takes the slots that all stages before it have finished,
 * works on a batch, and only then moves its own {@link Sequence}.
 *
 * <p>The Disruptor's own processors are not used because both BatchEventProcessor and EventPoller
 * move their sequence past events whose handler threw; the reply stage would then answer what never
 * became durable. Here the sequence moves after the whole batch, its sync included, succeeded, and
 * whatever a batch throws halts the pipeline.
 *
 * <p>A stage has no thread. {@link StageThread} calls {@link #doWork()} in production, {@link
 * PipelineStepper} in simulation; either way one thread at a time.
 */
public abstract class Stage {
  private static final long BEFORE_FIRST = RingBuffer.INITIAL_CURSOR_VALUE;

  private final String name;
  private final RingBuffer<ClaimSlot> ring;
  private final Sequence[] upstream;
  private final HaltSwitch haltSwitch;
  private final NanoClock nanoClock;
  private final StageCounters counters;
  private final Sequence sequence = new Sequence(BEFORE_FIRST);

  /** A stage over {@code ring} that follows {@code upstream}, or the producers if there is none. */
  Stage(String name, StageContext context, Sequence... upstream) {
    this.name = name;
    this.ring = context.ring();
    this.upstream = upstream.clone();
    this.haltSwitch = context.haltSwitch();
    this.nanoClock = context.nanoClock();
    this.counters = new StageCounters(name);
  }

  /** The name by which a thread plan and the metrics know the stage, such as {@code verify-0}. */
  public final String name() {
    return name;
  }

  /** What the stage has counted; readable from any thread. */
  public final StageCounters counters() {
    return counters;
  }

  /**
   * Highest ring sequence up to which this stage, with those that share its work, has finished
   * every slot; -1 before the first.
   */
  public final long position() {
    return sequence().get();
  }

  /**
   * Works on at most one batch; returns the number of slots seen, 0 when there was nothing to do.
   */
  public final int doWork() {
    return doWork(Integer.MAX_VALUE);
  }

  /**
   * The same with at most {@code limit} slots newly taken, for a simulator that explores how
   * batches may be cut. Returns 0 and does nothing once the pipeline has halted.
   */
  public final int doWork(int limit) {
    if (haltSwitch.isHalted()) {
      return 0;
    }
    long start = nanoClock.nanoTime();
    try {
      int work = poll(limit);
      if (work == 0) {
        counters.idle();
      } else {
        counters.busy(work, nanoClock.nanoTime() - start);
      }
      return work;
    } catch (Throwable failure) {
      // Errors too: a full disk under a mapped file shows as InternalError.
      haltSwitch.halt(name, failure);
      return 0;
    }
  }

  /**
   * For a simulator: takes slots, at most {@code limit}, and leaves the work on them to a later
   * {@link #doWork}, as a stage on a thread of its own may be between the two for any time. 0 for a
   * stage that has no such moment.
   */
  public final int begin(int limit) {
    if (haltSwitch.isHalted()) {
      return 0;
    }
    try {
      return take(limit);
    } catch (Throwable failure) {
      haltSwitch.halt(name, failure);
      return 0;
    }
  }

  /** Releases memory of the stage's own; no thread steps it any more. */
  void close() {}

  /** Works on one batch and finishes it with {@link #advance}. */
  abstract int poll(int limit);

  /** The first part of {@link #poll}, where it has two. */
  int take(int limit) {
    return 0;
  }

  /** What the stages behind wait for. */
  Sequence sequence() {
    return sequence;
  }

  final ClaimSlot slot(long at) {
    return ring.get(at);
  }

  final boolean isHalted() {
    return haltSwitch.isHalted();
  }

  final long nanoTime() {
    return nanoClock.nanoTime();
  }

  /**
   * Highest sequence that may be read, at most {@code most}; below {@code next} when there is
   * nothing.
   */
  final long available(long next, long most) {
    long last = most;
    for (Sequence before : upstream) {
      last = Math.min(last, before.get());
    }
    return upstream.length == 0 ? published(next, Math.min(most, ring.getCursor())) : last;
  }

  /** Producers publish in any order; what lies behind one that has not yet is not there yet. */
  private long published(long next, long last) {
    for (long at = next; at <= last; at++) {
      if (!ring.isAvailable(at)) {
        return at - 1;
      }
    }
    return last;
  }

  /** Hands everything up to {@code finished} to the stages behind. */
  final void advance(long finished) {
    sequence.set(finished);
  }
}
