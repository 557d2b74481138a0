package org.micropay.vts.appliance.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.HdrHistogram.Histogram;
import org.micropay.vts.affinity.Pinning;
import org.micropay.vts.affinity.StagePlan;
import org.micropay.vts.appliance.config.ApplianceConfig;
import org.micropay.vts.appliance.server.Snapshotter;
import org.micropay.vts.appliance.server.ThreadPlanning;
import org.micropay.vts.journal.JournalPoint;
import org.micropay.vts.pipeline.BenchResult;
import org.micropay.vts.pipeline.PipelineBench;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.PublicKey;

/**
 * {@code vts bench --snapshot}: what a snapshot costs the running pipeline. Turns without and with
 * snapshots alternate; in the latter one snapshot follows the other without a pause, at the
 * priority that the server gives them, which is the worst that any setting brings about.
 *
 * <p>A turn sends half its claims as fast as they are taken, which gives the rate, and the other
 * half at half the warm pipeline's rate, which gives the latency: from the instant at which a claim
 * was due, so that a stall is not left out. {@code overloaded} claims of that half found the ring
 * full and are not sent again.
 */
final class SnapshotMeasurement {
  private final Kernel kernel;
  private final Sizing sizing;
  private final ApplianceConfig.Threads threads;

  SnapshotMeasurement(Kernel kernel, Sizing sizing, ApplianceConfig.Threads threads) {
    this.kernel = kernel;
    this.sizing = sizing;
    this.threads = threads;
  }

  /** Totals of the turns of one kind. */
  private static final class Side {
    private final Histogram latency = new Histogram(3);
    private final CpuTime cpu = new CpuTime();
    private long closedClaims;
    private double closedSeconds;
    private long claims;
    private long overloaded;

    double claimsPerSecond() {
      return closedClaims / closedSeconds;
    }

    Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("claims_per_s", Math.round(claimsPerSecond()));
      map.put("cpu_us_per_claim", Math.round(cpu.microsPer(claims) * 100) / 100.0);
      map.put("overloaded", overloaded);
      map.put("p50_us", latency.getValueAtPercentile(50) / 1000);
      map.put("p99_us", latency.getValueAtPercentile(99) / 1000);
      map.put("p99_9_us", latency.getValueAtPercentile(99.9) / 1000);
      map.put("max_us", latency.getMaxValue() / 1000);
      return map;
    }
  }

  /** Snapshots one after the other until told to stop; its own thread. */
  private static final class Snapshots {
    private final BenchServer server;
    private final Snapshotter snapshotter;
    private volatile boolean stopping;
    private CompletableFuture<Void> running;
    private int taken;
    private long nanos;
    private long bytes;

    Snapshots(BenchServer server, Snapshotter snapshotter) {
      this.server = server;
      this.snapshotter = snapshotter;
    }

    void start() {
      stopping = false;
      running =
          CompletableFuture.runAsync(
              this::run, task -> Thread.ofPlatform().name("vts-snapshot").daemon().start(task));
    }

    private void run() {
      Pinning.lowerPriority();
      do {
        long start = System.nanoTime();
        JournalPoint point = server.durablePoint();
        bytes = snapshotter.take(point.position(), point, position -> {}).bytes();
        nanos += System.nanoTime() - start;
        taken++;
      } while (!stopping);
    }

    /** Waits for the one under way. */
    void stop() {
      stopping = true;
      running.join();
    }
  }

  Map<String, Object> run(BenchProgress progress) {
    StagePlan plan = ThreadPlanning.plan(threads);
    int count = Sizing.WARMUPS * sizing.warmup() + 2 * sizing.rounds() * sizing.perRound();
    try (SecretKey key = SecretKey.generate()) {
      progress.step("signing " + count + " claims");
      SignedClaims claims = SignedClaims.generate(kernel, PublicKey.of(key.publicKey()), count);
      PipelineBench bench = new PipelineBench(claims);
      progress.step("registering their escrows");
      try (BenchServer server =
          BenchServer.start(kernel, key, plan, threads.ringSize(), claims, bench.replyPort())) {
        return measure(progress, bench, server, count);
      }
    }
  }

  private Map<String, Object> measure(
      BenchProgress progress, PipelineBench bench, BenchServer server, int escrows) {
    Snapshots snapshots = new Snapshots(server, server.snapshotter(kernel));
    int next = 0;
    double warmRate = 0;
    for (int turn = 0; turn < Sizing.WARMUPS; turn++) {
      progress.step("warming up, turn " + (turn + 1) + " of " + Sizing.WARMUPS);
      warmRate =
          bench
              .runClosedLoop(server.pipeline(), next, next + sizing.warmup(), server.timeMillis())
              .claimsPerSecond();
      snapshots.start();
      snapshots.stop();
      next += sizing.warmup();
    }
    snapshots.taken = 0;
    snapshots.nanos = 0;
    Side without = new Side();
    Side with = new Side();
    for (int round = 0; round < sizing.rounds(); round++) {
      progress.step("round " + (round + 1) + " of " + sizing.rounds());
      turn(bench, server, without, next, warmRate / 2);
      next += sizing.perRound();
      snapshots.start();
      turn(bench, server, with, next, warmRate / 2);
      snapshots.stop();
      next += sizing.perRound();
    }
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("measurement", "snapshot");
    result.put("kernel", kernel.name());
    result.put("escrows", escrows);
    result.put("claims", without.claims + with.claims);
    result.put("latency_at_per_s", Math.round(warmRate / 2));
    result.put("without", without.toMap());
    result.put("with", with.toMap());
    result.put(
        "rate_ratio", Math.round(with.claimsPerSecond() / without.claimsPerSecond() * 1000) / 1e3);
    result.put("snapshots", snapshots.taken);
    result.put("snapshot_ms", snapshots.nanos / 1_000_000 / snapshots.taken);
    result.put("snapshot_bytes", snapshots.bytes);
    return result;
  }

  private void turn(
      PipelineBench bench, BenchServer server, Side side, int from, double perSecond) {
    int middle = from + sizing.perRound() / 2;
    int end = from + sizing.perRound();
    side.cpu.start();
    BenchResult closed = bench.runClosedLoop(server.pipeline(), from, middle, server.timeMillis());
    BenchResult open =
        bench.runOpenLoop(server.pipeline(), middle, end, server.timeMillis(), perSecond);
    side.cpu.stop();
    side.latency.add(bench.latency());
    side.closedClaims += closed.claims();
    side.closedSeconds += closed.seconds();
    side.overloaded += open.overloaded();
    side.claims += closed.claims() + open.claims();
    if (closed.granted() != closed.claims() || open.granted() != open.claims()) {
      throw new IllegalStateException("not every claim was granted; the measurement is void");
    }
  }
}
