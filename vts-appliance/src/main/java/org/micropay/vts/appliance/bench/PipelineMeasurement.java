package org.micropay.vts.appliance.bench;

import java.util.List;
import org.HdrHistogram.Histogram;
import org.micropay.vts.affinity.StagePlan;
import org.micropay.vts.appliance.config.ApplianceConfig;
import org.micropay.vts.appliance.server.ThreadPlanning;
import org.micropay.vts.pipeline.BenchResult;
import org.micropay.vts.pipeline.PipelineBench;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.PublicKey;

/**
 * {@code vts bench --pipeline}: the pipeline in process with the durable journal, in turns with the
 * kernels alone on the same CPUs, so that whatever else the machine does falls on both.
 */
final class PipelineMeasurement {
  private final Kernel kernel;
  private final Sizing sizing;
  private final ApplianceConfig.Threads threads;

  PipelineMeasurement(Kernel kernel, Sizing sizing, ApplianceConfig.Threads threads) {
    this.kernel = kernel;
    this.sizing = sizing;
    this.threads = threads;
  }

  WholeResult run(BenchProgress progress) {
    StagePlan plan = ThreadPlanning.plan(threads);
    List<Integer> cpus = List.copyOf(plan.topology().usable());
    try (SecretKey key = SecretKey.generate()) {
      progress.step("signing " + sizing.claims() + " claims");
      SignedClaims claims =
          SignedClaims.generate(kernel, PublicKey.of(key.publicKey()), sizing.claims());
      PipelineBench bench = new PipelineBench(claims);
      progress.step("registering their escrows");
      try (BenchServer server =
          BenchServer.start(kernel, key, plan, threads.ringSize(), claims, bench.replyPort())) {
        KernelsAlone alone = new KernelsAlone(kernel, key, claims, Sizing.BATCH);
        int next = 0;
        for (int turn = 0; turn < Sizing.WARMUPS; turn++) {
          progress.step("warming up, turn " + (turn + 1) + " of " + Sizing.WARMUPS);
          alone.run(cpus, sizing.warmup() / cpus.size());
          bench.runClosedLoop(server.pipeline(), next, next + sizing.warmup(), server.timeMillis());
          next += sizing.warmup();
        }
        double pipelineSeconds = 0;
        double kernels = 0;
        double kernelCpu = 0;
        CpuTime cpu = new CpuTime();
        long measured = 0;
        Histogram latency = new Histogram(3);
        for (int round = 0; round < sizing.rounds(); round++) {
          progress.step("round " + (round + 1) + " of " + sizing.rounds());
          KernelsAlone.Rate rate = alone.run(cpus, sizing.perRound() / cpus.size());
          kernels += rate.claimsPerSecond();
          kernelCpu += rate.cpuMicrosPerClaim();
          cpu.start();
          BenchResult result =
              bench.runClosedLoop(
                  server.pipeline(), next, next + sizing.perRound(), server.timeMillis());
          cpu.stop();
          requireAllGranted(result);
          next += sizing.perRound();
          measured += result.claims();
          pipelineSeconds += result.seconds();
          latency.add(bench.latency());
        }
        return new WholeResult(
            "pipeline",
            kernel.name(),
            cpus.size(),
            cpus.size(),
            measured,
            measured / pipelineSeconds,
            kernels / sizing.rounds(),
            cpu,
            kernelCpu / sizing.rounds(),
            latency,
            sizing.rounds());
      }
    }
  }

  private static void requireAllGranted(BenchResult result) {
    if (result.granted() != result.claims()) {
      throw new IllegalStateException(
          "of %d claims only %d were granted; the measurement is void"
              .formatted(result.claims(), result.granted()));
    }
  }
}
