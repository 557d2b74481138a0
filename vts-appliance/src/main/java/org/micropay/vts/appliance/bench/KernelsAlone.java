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

  KernelsAlone(Kernel kernel, SecretKey key, SignedClaims claims, int batch) {
    this.kernel = kernel;
    this.key = key;
    this.claims = claims;
    this.batch = batch;
  }

  /**
   * Claims a second of all CPUs together, over the same claims as the pipeline.
   *
   * @param cpus one thread is pinned to each
   * @param count claims per thread
   */
  double claimsPerSecond(List<Integer> cpus, int count) {
    CyclicBarrier together = new CyclicBarrier(cpus.size());
    try (ExecutorService threads = Executors.newFixedThreadPool(cpus.size())) {
      List<Future<Double>> running = new ArrayList<>();
      for (int cpu : cpus) {
        running.add(
            threads.submit(
                () -> {
                  Pinning.pinCurrentThread(cpu);
                  together.await();
                  return run(count);
                }));
      }
      double sum = 0;
      for (Future<Double> one : running) {
        sum += one.get();
      }
      return sum;
    } catch (ExecutionException e) {
      throw new IllegalStateException("the kernels alone failed: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private double run(int count) {
    try (BatchVerifier verifier = kernel.newVerifier();
        BatchSigner signer = kernel.newSigner(key);
        KernelBench bench = new KernelBench(verifier::verify, signer::sign, batch)) {
      return bench.claimsPerSecond(claims, 0, Math.max(batch, count));
    }
  }
}
