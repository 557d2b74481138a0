package org.micropay.vts.appliance.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.micropay.vts.affinity.Pinning;
import org.micropay.vts.pipeline.KernelBench;
import org.micropay.vts.secp256k1.BatchSigner;
import org.micropay.vts.secp256k1.BatchVerifier;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.secp256k1.SecretKey;

/** What the kernels do without a pipeline: one thread per CPU, all at the same time. */
final class KernelsAlone {
  private final Kernel kernel;
  private final SecretKey key;
  private final SignedClaims claims;
  private final int batch;

  /**
   * All CPUs together.
   *
   * @param claimsPerSecond by wall time
   * @param cpuMicrosPerClaim by the threads' CPU time
   */
  record Rate(double claimsPerSecond, double cpuMicrosPerClaim) {}

  KernelsAlone(Kernel kernel, SecretKey key, SignedClaims claims, int batch) {
    this.kernel = kernel;
    this.key = key;
    this.claims = claims;
    this.batch = batch;
  }

  /**
   * Runs all CPUs at the same time, over the same claims as the pipeline.
   *
   * @param cpus one thread is pinned to each
   * @param count claims per thread
   */
  Rate run(List<Integer> cpus, int count) {
    CyclicBarrier together = new CyclicBarrier(cpus.size());
    try (ExecutorService threads = Executors.newFixedThreadPool(cpus.size())) {
      List<Future<KernelBench.Run>> running = new ArrayList<>();
      for (int cpu : cpus) {
        running.add(
            threads.submit(
                () -> {
                  Pinning.pinCurrentThread(cpu);
                  together.await();
                  return runOne(count);
                }));
      }
      double perSecond = 0;
      double cpuNanos = 0;
      long measured = 0;
      for (Future<KernelBench.Run> one : running) {
        KernelBench.Run run = one.get();
        perSecond += run.claimsPerSecond();
        cpuNanos += run.cpuNanos();
        measured += run.claims();
      }
      return new Rate(perSecond, cpuNanos / 1e3 / measured);
    } catch (ExecutionException e) {
      throw new IllegalStateException("the kernels alone failed: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private KernelBench.Run runOne(int count) {
    try (BatchVerifier verifier = kernel.newVerifier();
        BatchSigner signer = kernel.newSigner(key);
        KernelBench bench = new KernelBench(verifier::verify, signer::sign, batch)) {
      return bench.run(claims, 0, Math.max(batch, count));
    }
  }
}
