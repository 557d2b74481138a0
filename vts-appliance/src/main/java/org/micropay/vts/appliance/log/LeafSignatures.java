package org.micropay.vts.appliance.log;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.micropay.vts.secp256k1.BatchVerifier;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.ClaimDigester;
import org.micropay.vts.ticket.ClaimView;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.SignatureForm;
import org.micropay.vts.transparency.Finding;

/**
 * Verifies both signatures of many claims with the kernel, a batch at a time on every core. One
 * thread adds; findings come from others.
 */
final class LeafSignatures implements AutoCloseable {
  private static final int CLAIMS = 1024;
  private static final int PER_KEY = 2;
  private static final int BATCHES_PER_CORE = 2;

  private final Arena arena = Arena.ofShared();
  private final int workers = Runtime.getRuntime().availableProcessors();
  private final ExecutorService executor = Executors.newFixedThreadPool(workers);
  private final BlockingQueue<Batch> free = new ArrayBlockingQueue<>(workers * BATCHES_PER_CORE);
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final Consumer<Finding> findings;
  private final ClaimDigester digester = new ClaimDigester();
  private final byte[] terms = new byte[Bytes32.LENGTH];
  private final byte[] digest = new byte[Bytes32.LENGTH];
  private Batch filling;

  private final class Batch {
    private final BatchVerifier verifier;
    private final MemorySegment digests = column(PER_KEY * Bytes32.LENGTH);
    private final MemorySegment signatures = column(PER_KEY * SignatureForm.LENGTH);
    private final MemorySegment keys = column(PublicKey.LENGTH);
    private final MemorySegment verdicts = column(PER_KEY);
    private final long[] leaves = new long[CLAIMS];
    private int count;

    Batch(BatchVerifier verifier) {
      this.verifier = verifier;
    }

    private MemorySegment column(int width) {
      return arena.allocate((long) CLAIMS * width, 64);
    }

    void run() {
      verifier.verify(digests, signatures, keys, verdicts, count, PER_KEY);
      for (int i = 0; i < count; i++) {
        report(i, 0, Finding.Code.BAD_TICKET_SIGNATURE);
        report(i, 1, Finding.Code.BAD_SPEND_SIGNATURE);
      }
      count = 0;
    }

    private void report(int i, int which, Finding.Code code) {
      if (verdicts.get(ValueLayout.JAVA_BYTE, (long) i * PER_KEY + which) != 1) {
        findings.accept(new Finding(code, leaves[i], "it is not the buyer's"));
      }
    }
  }

  LeafSignatures(Kernel kernel, Consumer<Finding> findings) {
    this.findings = findings;
    while (free.remainingCapacity() > 0) {
      free.add(new Batch(kernel.newVerifier()));
    }
  }

  /** Takes a well-formed claim; waits while all cores are behind. */
  void add(long leaf, ClaimView claim) {
    if (filling == null) {
      filling = take();
    }
    Batch batch = filling;
    int i = batch.count++;
    batch.leaves[i] = leaf;
    digester.termsDigest(claim, terms, 0);
    digester.ticketDigest(claim, terms, 0, digest, 0);
    put(batch.digests, i * PER_KEY, digest, 0, Bytes32.LENGTH);
    digester.spendDigest(claim, digest, 0);
    put(batch.digests, i * PER_KEY + 1, digest, 0, Bytes32.LENGTH);
    put(
        batch.signatures,
        i * PER_KEY,
        claim.buffer(),
        claim.sigTicketOffset(),
        SignatureForm.LENGTH);
    put(
        batch.signatures,
        i * PER_KEY + 1,
        claim.buffer(),
        claim.sigSpendOffset(),
        SignatureForm.LENGTH);
    put(batch.keys, i, claim.buffer(), claim.buyerKeyOffset(), PublicKey.LENGTH);
    if (batch.count == CLAIMS) {
      send();
    }
  }

  private static void put(MemorySegment column, int row, byte[] source, int at, int width) {
    MemorySegment.copy(source, at, column, ValueLayout.JAVA_BYTE, (long) row * width, width);
  }

  private Batch take() {
    try {
      return free.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while verifying", e);
    }
  }

  private void send() {
    Batch batch = filling;
    filling = null;
    executor.execute(
        () -> {
          try {
            batch.run();
          } catch (RuntimeException | Error e) {
            failure.compareAndSet(null, e);
          }
          free.add(batch);
        });
  }

  /** Waits until every signature has its verdict. */
  void finish() {
    if (filling != null) {
      send();
    }
    executor.shutdown();
    try {
      while (!executor.awaitTermination(1, TimeUnit.MINUTES)) {
        // A batch takes milliseconds; all of them take what they take.
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while verifying", e);
    }
    if (failure.get() != null) {
      throw new IllegalStateException("a signature could not be verified", failure.get());
    }
  }

  @Override
  public void close() {
    executor.shutdownNow();
    free.forEach(batch -> batch.verifier.close());
    arena.close();
  }
}
