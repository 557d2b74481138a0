package org.micropay.vts.appliance.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.micropay.vts.audit.AuditOptions;
import org.micropay.vts.audit.AuditProgress;
import org.micropay.vts.audit.AuditReport;
import org.micropay.vts.audit.Auditor;
import org.micropay.vts.secp256k1.BatchVerifier;
import org.micropay.vts.secp256k1.Kernel;

/**
 * A whole audit against the kernel that only verifies, in turns in one run, by two measures:
 *
 * <ul>
 *   <li>{@code ratio}, the strict one: the very same signatures in the same batches, one for each
 *       registration, two under one key for each claim. What is missing to 1 is what the audit does
 *       besides.
 *   <li>{@code ratio_of_verify_rate}: the same signatures at the kernel's published rate of
 *       verification, each under a key of its own, 128 in a call, as {@code vts bench} reports it.
 *       Two signatures under one key cost less than that, so this ratio is the higher one.
 * </ul>
 *
 * <p>What counts is CPU time of the threads, so that other work on the machine does not. The JVM's
 * own threads (compilers, collector) are shown beside it.
 */
final class AuditMeasurement {
  private static final int CLAIMS_PER_SECOND = 20_000;
  private static final int LEAST_CLAIMS = 4_096;
  private static final int WARM_UPS = 2;
  private static final int ROUNDS = 5;
  private static final OperatingSystemMXBean PROCESS =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final Kernel kernel;
  private final int claims;
  private final int threads;

  AuditMeasurement(Kernel kernel, int seconds) {
    this.kernel = kernel;
    this.claims = Math.max(LEAST_CLAIMS, seconds * CLAIMS_PER_SECOND);
    this.threads = Runtime.getRuntime().availableProcessors();
  }

  Map<String, Object> run(BenchProgress progress) {
    Path directory = temporary();
    try (Arena arena = Arena.ofShared()) {
      progress.step("writing a journal of " + claims + " escrows, each granted");
      SignedJournal journal =
          SignedJournal.write(kernel, directory.resolve("journal"), claims, arena);
      progress.step("auditing it, in turns with the kernel alone");
      return measure(journal);
    } finally {
      delete(directory);
    }
  }

  private Map<String, Object> measure(SignedJournal journal) {
    double[] audit = new double[ROUNDS];
    double[] alone = new double[ROUNDS];
    double[] each = new double[ROUNDS];
    double[] wall = new double[ROUNDS];
    AuditReport report = null;
    double[] process = new double[ROUNDS];
    for (int round = -WARM_UPS; round < ROUNDS; round++) {
      long begin = PROCESS.getProcessCpuTime();
      report = audit(journal);
      long processNanos = PROCESS.getProcessCpuTime() - begin;
      long aloneNanos = cpuNanos(journal::verify);
      long eachNanos = cpuNanos(journal::verifyEach);
      if (round >= 0) {
        audit[round] = report.cpuSeconds() * 1e6 / claims;
        alone[round] = aloneNanos / 1e3 / claims;
        each[round] = eachNanos / 1e3 / claims;
        wall[round] = report.seconds();
        process[round] = processNanos / 1e3 / claims;
      }
    }
    Map<String, Object> cpu = new LinkedHashMap<>();
    cpu.put("audit", rounded(median(audit), 2));
    cpu.put("kernel", rounded(median(alone), 2));
    cpu.put("verify_each", rounded(median(each), 2));
    cpu.put("audit_with_jvm", rounded(median(process), 2));
    double perClaim = (double) report.signatures() / claims;
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("kernel", kernel.name());
    map.put("claims", claims);
    map.put("records", report.recordCount());
    map.put("signatures", report.signatures());
    map.put("rounds", ROUNDS);
    map.put("threads", threads);
    map.put("records_per_s", Math.round(report.recordCount() / median(wall)));
    map.put("audit_signatures_per_cpu_s", Math.round(perClaim * 1e6 / median(audit)));
    map.put("kernel_signatures_per_cpu_s", Math.round(perClaim * 1e6 / median(alone)));
    map.put("verify_signatures_per_cpu_s", Math.round(perClaim * 1e6 / median(each)));
    map.put("cpu_us_per_claim", cpu);
    map.put("ratio", rounded(median(alone) / median(audit), 3));
    map.put("ratio_of_verify_rate", rounded(median(each) / median(audit), 3));
    return map;
  }

  private static double rounded(double value, int digits) {
    double scale = Math.pow(10, digits);
    return Math.round(value * scale) / scale;
  }

  private AuditReport audit(SignedJournal journal) {
    AuditReport report =
        Auditor.run(AuditOptions.of(journal.directory(), kernel), AuditProgress.NONE);
    if (!report.clean() || report.signatures() != 3L * claims) {
      throw new IllegalStateException("the measured audit is not clean: " + report);
    }
    return report;
  }

  /** All signatures of a journal through a verifier, in some batches. */
  private interface Pass {
    void run(BatchVerifier verifier, MemorySegment verdicts);
  }

  private long cpuNanos(Pass pass) {
    try (BatchVerifier verifier = kernel.newVerifier();
        Arena arena = Arena.ofConfined()) {
      MemorySegment verdicts = arena.allocate(2L * SignedJournal.BATCH, 64);
      long begin = THREADS.getCurrentThreadCpuTime();
      pass.run(verifier, verdicts);
      return THREADS.getCurrentThreadCpuTime() - begin;
    }
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static Path temporary() {
    try {
      return Files.createTempDirectory("vts-bench-audit");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path directory) {
    try (Stream<Path> paths = Files.walk(directory)) {
      paths.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
