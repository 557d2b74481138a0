package org.micropay.vts.pipeline;

import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import org.micropay.vts.ticket.ClaimDigester;
import org.micropay.vts.ticket.ClaimLayout;
import org.micropay.vts.ticket.ClaimView;

/**
 * The kernels alone, with the pipeline's batch shape and over the same claims: two verifications
 * under the buyer's key and one counter-signature each. What {@link PipelineBench} is compared
 * with, thread by thread on the same cores. Digests are computed beforehand.
 *
 * <p>One instance per thread; closes neither kernel.
 */
public final class KernelBench implements AutoCloseable {
  private static final double NANOS_PER_SECOND = 1e9;

  /**
   * What one run did; the gathering of the columns is not counted.
   *
   * @param claims checked and counter-signed
   * @param nanos wall time
   * @param cpuNanos the thread's CPU time
   */
  public record Run(long claims, long nanos, long cpuNanos) {
    /** By wall time. */
    public double claimsPerSecond() {
      return claims * NANOS_PER_SECOND / nanos;
    }
  }

  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final SignatureVerifier verifier;
  private final CounterSigner signer;
  private final int batch;
  private final Arena arena = Arena.ofShared();
  private final Column digests;
  private final Column signatures;
  private final Column publicKeys;
  private final Column spendDigests;
  private final Column counterSignatures;
  private final Column verdicts;

  /** Columns for {@code batch} claims a call. */
  public KernelBench(SignatureVerifier verifier, CounterSigner signer, int batch) {
    this.verifier = verifier;
    this.signer = signer;
    this.batch = batch;
    digests = new Column(arena, 2 * batch, 32);
    signatures = new Column(arena, 2 * batch, 64);
    publicKeys = new Column(arena, batch, 33);
    spendDigests = new Column(arena, batch, 32);
    counterSignatures = new Column(arena, batch, 64);
    verdicts = new Column(arena, 2 * batch, 1);
  }

  /**
   * Checks and counter-signs claims {@code from} to {@code to - 1}, whole batches of them.
   *
   * @throws IllegalStateException when a signature does not verify: the source is broken
   */
  public Run run(ClaimSource source, int from, int to) {
    long nanos = 0;
    long cpuNanos = 0;
    long claims = 0;
    for (int first = from; first + batch <= to; first += batch) {
      gather(source, first);
      long cpuStart = threads.getCurrentThreadCpuTime();
      long start = System.nanoTime();
      verifier.verify(
          digests.segment(),
          signatures.segment(),
          publicKeys.segment(),
          verdicts.segment(),
          batch,
          2);
      nanos += System.nanoTime() - start;
      cpuNanos += threads.getCurrentThreadCpuTime() - cpuStart;
      check(2 * batch);
      cpuStart = threads.getCurrentThreadCpuTime();
      start = System.nanoTime();
      signer.sign(spendDigests.segment(), counterSignatures.segment(), verdicts.segment(), batch);
      nanos += System.nanoTime() - start;
      cpuNanos += threads.getCurrentThreadCpuTime() - cpuStart;
      check(batch);
      claims += batch;
    }
    return new Run(claims, nanos, cpuNanos);
  }

  private void gather(ClaimSource source, int first) {
    byte[] bytes = new byte[ClaimLayout.MAX_LENGTH];
    byte[] terms = new byte[32];
    byte[] digest = new byte[32];
    ClaimView view = new ClaimView();
    ClaimDigester digester = new ClaimDigester();
    for (int row = 0; row < batch; row++) {
      view.wrap(bytes, 0, source.copyTo(first + row, bytes, 0));
      digester.termsDigest(view, terms, 0);
      digester.ticketDigest(view, terms, 0, digest, 0);
      digests.put(2 * row, digest, 0);
      signatures.put(2 * row, bytes, view.sigTicketOffset());
      digester.spendDigest(view, digest, 0);
      digests.put(2 * row + 1, digest, 0);
      signatures.put(2 * row + 1, bytes, view.sigSpendOffset());
      spendDigests.put(row, digest, 0);
      publicKeys.put(row, bytes, view.buyerKeyOffset());
    }
  }

  private void check(int items) {
    for (int item = 0; item < items; item++) {
      if (verdicts.get(item) != 1) {
        throw new IllegalStateException("item " + item + " of a benchmark batch did not verify");
      }
    }
    verdicts.clear(items);
  }

  /** Frees the columns. */
  @Override
  public void close() {
    arena.close();
  }
}
