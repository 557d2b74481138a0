package org.micropay.vts.pipeline;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.ClaimLayout;

/**
 * Load and measurement of a whole pipeline in process: the caller builds the pipeline with {@link
 * #replyPort()} as its reply port and starts it, registers the escrows with {@link #submitAll}, and
 * runs disjoint ranges of the source, the first as warm-up.
 *
 * <p>One caller's thread produces; it parks while the ring is full, so that on a small machine it
 * leaves the cores to the stages. Not for a pipeline that has other producers.
 */
public final class PipelineBench {
  private static final int GRANTED = AnswerCode.GRANTED.number();
  private static final long MIN_PARK_NANOS = 20_000L;
  private static final long MAX_PARK_NANOS = 5_000_000L;
  private static final int PARKS_PER_RING = 8;

  /** Claims that get one reading of the clock, as those of one read from a connection would. */
  private static final int CLAIMS_PER_STAMP = 16;

  private static final long HIGHEST_NANOS = 600_000_000_000L;
  private static final int DIGITS = 3;
  private static final double NANOS_PER_MICRO = 1e3;
  private static final double NANOS_PER_SECOND = 1e9;

  private final ClaimSource source;
  private final Histogram latency = new Histogram(HIGHEST_NANOS, DIGITS);
  private final AtomicLong answered = new AtomicLong();
  private final AtomicLong granted = new AtomicLong();
  private volatile long lastAnswerNanos;

  /** A bench over the claims of {@code source}. */
  public PipelineBench(ClaimSource source) {
    this.source = source;
  }

  /** One command that must have taken effect before claims are sent. */
  public record Setup(int type, byte[] payload) {}

  /** The port that measures; for the builder of the pipeline under test. */
  public ReplyPort replyPort() {
    return new ReplyPort() {
      private long batch;
      private long grants;

      @Override
      public void onReply(ClaimSlot slot) {
        long nanos = slot.replyNanos() - slot.ingressNanos();
        latency.recordValue(Math.clamp(nanos, 0, HIGHEST_NANOS));
        batch++;
        grants += slot.code() == GRANTED ? 1 : 0;
        lastAnswerNanos = slot.replyNanos();
      }

      @Override
      public void endOfBatch() {
        granted.setRelease(granted.getPlain() + grants);
        answered.setRelease(answered.getPlain() + batch);
        batch = 0;
        grants = 0;
      }
    };
  }

  /**
   * Submits commands in order and waits until all are durable.
   *
   * @throws IllegalStateException when one is refused or the pipeline halts
   */
  public static void submitAll(ClaimPipeline pipeline, long timeMillis, List<Setup> commands) {
    AtomicLong completed = new AtomicLong();
    AtomicLong refused = new AtomicLong();
    CommandCompletion count =
        (type, code, position) -> {
          if (position == 0) {
            refused.compareAndSet(0, Math.max(1, code));
          }
          completed.incrementAndGet();
        };
    for (Setup command : commands) {
      UnsafeBuffer payload = new UnsafeBuffer(command.payload());
      while (!pipeline
          .commands()
          .trySubmit(command.type(), timeMillis, payload, 0, payload.capacity(), count)) {
        pause(pipeline);
      }
    }
    while (completed.get() < commands.size()) {
      pause(pipeline);
    }
    if (refused.get() != 0) {
      throw new IllegalStateException("a set-up command was answered with code " + refused.get());
    }
  }

  /**
   * Sends claims {@code from} to {@code to - 1} as fast as the pipeline takes them and waits for
   * their answers.
   *
   * @param timeMillis stamped on every claim
   */
  public BenchResult runClosedLoop(ClaimPipeline pipeline, int from, int to, long timeMillis) {
    return run(pipeline, from, to, timeMillis, 0);
  }

  /**
   * Sends claims {@code from} to {@code to - 1} at a fixed rate, each at its planned instant or as
   * soon after it as possible; latency counts from the plan, so that a stall is not left out.
   *
   * @param perSecond planned rate, above 0
   */
  public BenchResult runOpenLoop(
      ClaimPipeline pipeline, int from, int to, long timeMillis, double perSecond) {
    if (perSecond <= 0) {
      throw new IllegalArgumentException("rate is " + perSecond + "; it must be above 0");
    }
    return run(pipeline, from, to, timeMillis, NANOS_PER_SECOND / perSecond);
  }

  private BenchResult run(
      ClaimPipeline pipeline, int from, int to, long timeMillis, double gapNanos) {
    byte[] bytes = new byte[ClaimLayout.MAX_LENGTH];
    UnsafeBuffer buffer = new UnsafeBuffer(bytes);
    latency.reset();
    long answeredBefore = answered.getAcquire();
    long grantedBefore = granted.getAcquire();
    long overloaded = 0;
    long sent = 0;
    long start = System.nanoTime();
    long due = start;
    for (int i = from; i < to; i++) {
      int length = source.copyTo(i, bytes, 0);
      if ((i - from) % CLAIMS_PER_STAMP == 0) {
        due = System.nanoTime();
      }
      if (gapNanos > 0) {
        due = start + (long) ((i - from) * gapNanos);
        parkUntil(due);
      }
      while (true) {
        int code = pipeline.claims().tryPublish(0, i, timeMillis, due, buffer, 0, length);
        if (code == ClaimIngress.ACCEPTED) {
          sent++;
          break;
        }
        check(code);
        overloaded++;
        if (gapNanos > 0) {
          break;
        }
        pause(pipeline);
        due = System.nanoTime();
      }
    }
    while (answered.getAcquire() - answeredBefore < sent) {
      pause(pipeline);
    }
    return result(sent, granted.getAcquire() - grantedBefore, overloaded, lastAnswerNanos - start);
  }

  private static void check(int code) {
    if (code != AnswerCode.OVERLOADED.number()) {
      throw new IllegalStateException(
          "a benchmark claim was refused with " + AnswerCode.ofNumber(code));
    }
  }

  private static void parkUntil(long due) {
    long left;
    while ((left = due - System.nanoTime()) > 0) {
      LockSupport.parkNanos(left);
    }
  }

  private static void pause(ClaimPipeline pipeline) {
    if (pipeline.isHalted()) {
      throw new IllegalStateException("the pipeline halted during the benchmark");
    }
    LockSupport.parkNanos(parkNanos(pipeline.counters()));
  }

  /** An eighth of the time that a full ring lasts: rare wake-ups, and the ring never runs dry. */
  private static long parkNanos(PipelineCounters counters) {
    double perSecond = counters.serviceRatePerSecond();
    return perSecond == 0
        ? MIN_PARK_NANOS
        : Math.clamp(
            (long) (counters.ringSize() / PARKS_PER_RING * NANOS_PER_SECOND / perSecond),
            MIN_PARK_NANOS,
            MAX_PARK_NANOS);
  }

  /** Latency of the last run, nanoseconds; to be read between runs. */
  public Histogram latency() {
    return latency;
  }

  private BenchResult result(long claims, long grants, long overloaded, long nanos) {
    double seconds = nanos / NANOS_PER_SECOND;
    return new BenchResult(
        claims,
        grants,
        overloaded,
        seconds,
        claims / seconds,
        micros(50),
        micros(90),
        micros(99),
        micros(99.9),
        latency.getMaxValue() / NANOS_PER_MICRO);
  }

  private double micros(double percentile) {
    return latency.getValueAtPercentile(percentile) / NANOS_PER_MICRO;
  }
}
