package org.micropay.vts.experiments;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogWriter;
import org.HdrHistogram.Recorder;

/**
 * Sends load and measures it. In open load each request has a planned time that answers do not
 * move, whichever connection is free takes the next one, and latency counts from the planned time:
 * a server that stalls is charged for everybody who would have come meanwhile (no coordinated
 * omission). In a closed loop each connection sends as soon as its answer is there.
 *
 * <p>One use; {@link #run} blocks its caller. Up to {@value #PLATFORM_THREADS} connections have
 * platform threads, which inherit the caller's CPU affinity, more have virtual ones.
 */
public final class LoadRun {
  private static final int PLATFORM_THREADS = 64;
  private static final long LONGEST_NANOS = TimeUnit.HOURS.toNanos(1);
  private static final long SPIN_NANOS = 50_000;
  private static final long PATIENCE_SECONDS = 30;
  private static final int DIGITS = 3;

  private final LoadTarget target;
  private final LoadOptions options;
  private final LongConsumer progress;
  private final PrintStream log;
  private final AtomicLong next = new AtomicLong();
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong open = new AtomicLong();
  private final AtomicLong firstNanos = new AtomicLong(Long.MAX_VALUE);
  private final AtomicLong lastNanos = new AtomicLong();
  private final Recorder latency = new Recorder(LONGEST_NANOS, DIGITS);
  private final Recorder service = new Recorder(LONGEST_NANOS, DIGITS);
  private final ConcurrentHashMap<String, LongAdder> errors = new ConcurrentHashMap<>();
  private long startNanos;
  private long measuredFromNanos;
  private long endNanos;

  /**
   * A run.
   *
   * @param progress told about once a second how many requests are answered so far
   * @param log gets an HdrHistogram log with an interval a second; null for none
   */
  public LoadRun(LoadTarget target, LoadOptions options, LongConsumer progress, PrintStream log) {
    this.target = target;
    this.options = options;
    this.progress = progress;
    this.log = log;
  }

  /** The same without progress and log. */
  public static LoadResult of(LoadTarget target, LoadOptions options) {
    return new LoadRun(target, options, count -> {}, null).run();
  }

  /**
   * Opens all connections, then sends.
   *
   * @throws LoadException when a connection cannot be opened
   */
  public LoadResult run() {
    List<LoadSession> sessions = new ArrayList<>();
    try {
      for (int i = 0; i < options.connections(); i++) {
        sessions.add(target.open(i));
      }
      return measured(sessions);
    } finally {
      sessions.forEach(LoadSession::close);
    }
  }

  private LoadResult measured(List<LoadSession> sessions) {
    startNanos = System.nanoTime();
    measuredFromNanos = startNanos + (long) (options.rampSeconds() * 1e9);
    endNanos =
        options.seconds() == 0
            ? Long.MAX_VALUE
            : measuredFromNanos + (long) (options.seconds() * 1e9);
    CountDownLatch done = new CountDownLatch(sessions.size());
    var threads =
        sessions.size() <= PLATFORM_THREADS
            ? Thread.ofPlatform().daemon().name("load-", 0)
            : Thread.ofVirtual().name("load-", 0);
    for (LoadSession session : sessions) {
      threads.start(
          () -> {
            try {
              work(session);
            } finally {
              done.countDown();
            }
          });
    }
    Intervals intervals = new Intervals();
    await(done, intervals);
    awaitAnswers();
    intervals.take();
    SortedMap<String, Long> failed = new TreeMap<>();
    errors.forEach((kind, count) -> failed.put(kind, count.sum()));
    double seconds = Math.max(0, lastNanos.get() - firstNanos.get()) / 1e9;
    return new LoadResult(
        options, seconds, sent.get(), failed, intervals.total, intervals.serviceTotal);
  }

  private void work(LoadSession session) {
    Pacing pacing = options.isOpen() ? options.pacing() : null;
    while (true) {
      long number = next.getAndIncrement();
      if (options.requests() > 0 && number >= options.requests()) {
        break;
      }
      long due = pacing == null ? System.nanoTime() : startNanos + pacing.dueNanos(number);
      if (due >= endNanos) {
        break;
      }
      if (pacing != null) {
        waitUntil(due, session);
      }
      request(session, due);
    }
    session.flush();
  }

  private static void waitUntil(long due, LoadSession session) {
    long left = due - System.nanoTime();
    if (left > 0) {
      session.flush();
    }
    while (left > 0) {
      if (left > SPIN_NANOS) {
        LockSupport.parkNanos(left - SPIN_NANOS / 2);
      } else {
        Thread.onSpinWait();
      }
      left = due - System.nanoTime();
    }
  }

  private void request(LoadSession session, long due) {
    boolean counts = due >= measuredFromNanos;
    long begin = System.nanoTime();
    if (counts) {
      sent.incrementAndGet();
      firstNanos.accumulateAndGet(due, Math::min);
    }
    open.incrementAndGet();
    session
        .send()
        .whenComplete(
            (kind, failure) -> {
              long now = System.nanoTime();
              if (counts) {
                record(kind, failure, due, begin, now);
              }
              open.decrementAndGet();
            });
  }

  private void record(String kind, Throwable failure, long due, long begin, long now) {
    lastNanos.accumulateAndGet(now, Math::max);
    if (failure == null && kind.equals(LoadSession.OK)) {
      latency.recordValue(Math.clamp(now - due, 1, LONGEST_NANOS));
      service.recordValue(Math.clamp(now - begin, 1, LONGEST_NANOS));
    } else {
      String name = failure == null ? kind : "broken";
      errors.computeIfAbsent(name, k -> new LongAdder()).increment();
    }
  }

  private void await(CountDownLatch done, Intervals intervals) {
    try {
      while (!done.await(1, TimeUnit.SECONDS)) {
        intervals.take();
        progress.accept(intervals.total.getTotalCount());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LoadException("interrupted while sending load", e);
    }
  }

  /** What is still on its way when the last request is out; whatever stays out is an error. */
  private void awaitAnswers() {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (open.get() > 0 && System.nanoTime() < deadline) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
    long lost = open.get();
    if (lost > 0) {
      errors.computeIfAbsent("no_answer", k -> new LongAdder()).add(lost);
    }
  }

  /** Histograms of the seconds so far, added up and logged. One thread. */
  private final class Intervals {
    private final Histogram total = new Histogram(LONGEST_NANOS, DIGITS);
    private final Histogram serviceTotal = new Histogram(LONGEST_NANOS, DIGITS);
    private final HistogramLogWriter writer = log == null ? null : new HistogramLogWriter(log);
    private Histogram recycled;
    private Histogram serviceRecycled;

    private Intervals() {
      if (writer != null) {
        long now = System.currentTimeMillis();
        writer.outputComment("latency in nanoseconds from the planned time");
        writer.outputLogFormatVersion();
        writer.outputStartTime(now);
        writer.setBaseTime(now);
        writer.outputLegend();
      }
    }

    private void take() {
      recycled = latency.getIntervalHistogram(recycled);
      serviceRecycled = service.getIntervalHistogram(serviceRecycled);
      total.add(recycled);
      serviceTotal.add(serviceRecycled);
      if (writer != null && recycled.getTotalCount() > 0) {
        writer.outputIntervalHistogram(recycled);
      }
    }
  }
}
