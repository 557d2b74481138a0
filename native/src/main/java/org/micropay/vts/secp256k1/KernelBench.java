package org.micropay.vts.secp256k1;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;

/**
 * Measures the kernel against libsecp256k1 through JNI and in C, interleaved in one run: in every
 * round each contender does every operation on the same data for about the same time, so that
 * whatever else the machine does falls on all alike. Time is the measuring thread's CPU time, so
 * that a thread that waits for a core does not count as slow; {@code cpu_share} tells how much of
 * the wall time the threads had, 1 on an idle machine. A result is the median over the rounds. With
 * several cores all threads do the same thing at the same time.
 *
 * <p>Operations, per item: {@code verify} one signature under its own compressed key; {@code sign}
 * one digest and verify the signature; {@code vtsCheck} two verifications under one key per claim,
 * one counter-signature, its verification.
 */
public final class KernelBench {
  private static final int CONTENDERS = 3;
  private static final int OPERATIONS = 3;
  private static final long SLICE_NANOS = 10_000_000;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  /**
   * What to measure.
   *
   * @param kernel the kernel under test
   * @param claims claims in a batch
   * @param rounds rounds that count
   * @param maxCores measured with 1 .. maxCores threads
   * @param pin called on each measuring thread with its number, 0 upwards, to bind it to a core
   */
  public record Options(Kernel kernel, int claims, int rounds, int maxCores, IntConsumer pin) {
    /** Batches of 128 claims, 21 rounds, every core that the process may use, no pinning. */
    public static Options of(Kernel kernel) {
      return new Options(kernel, 128, 21, Runtime.getRuntime().availableProcessors(), thread -> {});
    }
  }

  /** Nanoseconds per item on one core, each contender. */
  public record Timing(double oursNs, double jniNs, double cNs) {
    /** How many times faster than C ours is. */
    public double ratioCOverOurs() {
      return cNs / oursNs;
    }

    Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("ours_ns", rounded(oursNs, 1));
      map.put("jni_ns", rounded(jniNs, 1));
      map.put("c_ns", rounded(cNs, 1));
      map.put("ratio_c_over_ours", rounded(ratioCOverOurs(), 3));
      return map;
    }
  }

  /**
   * One number of cores.
   *
   * @param cpuShare CPU time over wall time of the measuring threads; well below 1 they were
   *     interrupted, which the timings leave out
   */
  public record Result(int cores, double cpuShare, Timing verify, Timing sign, Timing vtsCheck) {
    Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("verify", verify.toMap());
      map.put("sign", sign.toMap());
      map.put("vtsCheck", vtsCheck.toMap());
      return map;
    }

    /**
     * Full VTS checks per second by our kernel on all these cores together, when they do nothing
     * else.
     */
    public double checksPerSecond() {
      return cores * 1e9 / vtsCheck.oursNs();
    }
  }

  /** All results with what is needed to judge them; the first result is for one core. */
  public record Report(
      String kernel,
      String reason,
      String cpu,
      String jdk,
      List<String> flags,
      int claims,
      int rounds,
      List<Result> results) {
    /**
     * For JSON: the one-core figures at the top under {@code verify}, {@code sign}, {@code
     * vtsCheck}, then all of them under {@code per_cores}, keyed by the number of cores.
     */
    public Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("kernel", kernel);
      map.put("reason", reason);
      map.put("cpu", cpu);
      map.put("jdk", jdk);
      map.put("flags", flags);
      map.put("batch_claims", claims);
      map.put("rounds", rounds);
      map.putAll(results.getFirst().toMap());
      Map<String, Object> perCores = new LinkedHashMap<>();
      for (Result result : results) {
        Map<String, Object> one = result.toMap();
        one.put("cpu_share", rounded(result.cpuShare(), 3));
        one.put("vts_checks_per_s", Math.round(result.checksPerSecond()));
        perCores.put(Integer.toString(result.cores()), one);
      }
      map.put("per_cores", perCores);
      return map;
    }
  }

  private final Options options;

  private KernelBench(Options options) {
    this.options = options;
  }

  /** Runs the whole measurement on threads of its own; some seconds per core count. */
  public static Report run(Options options) {
    if (options.claims() < 1 || options.rounds() < 1 || options.maxCores() < 1) {
      throw new IllegalArgumentException("claims, rounds and cores must be 1 or more: " + options);
    }
    KernelBench bench = new KernelBench(options);
    List<Result> results = new ArrayList<>();
    for (int cores = 1; cores <= options.maxCores(); cores++) {
      results.add(bench.measure(cores));
    }
    return new Report(
        options.kernel().name(),
        options.kernel().reason(),
        cpuModel(),
        System.getProperty("java.vm.name") + " " + Runtime.version(),
        ManagementFactory.getRuntimeMXBean().getInputArguments(),
        options.claims(),
        options.rounds(),
        List.copyOf(results));
  }

  private Result measure(int cores) {
    CyclicBarrier together = new CyclicBarrier(cores);
    try (ExecutorService threads = Executors.newFixedThreadPool(cores)) {
      List<Future<Share>> running = new ArrayList<>();
      for (int thread = 0; thread < cores; thread++) {
        int number = thread;
        running.add(threads.submit(() -> work(number, together)));
      }
      double[][] mean = new double[OPERATIONS][CONTENDERS];
      double cpuShare = 0;
      for (Future<Share> future : running) {
        Share share = future.get();
        cpuShare += share.cpuShare() / cores;
        for (int operation = 0; operation < OPERATIONS; operation++) {
          for (int who = 0; who < CONTENDERS; who++) {
            mean[operation][who] += share.nanos()[operation][who] / cores;
          }
        }
      }
      return new Result(cores, cpuShare, timing(mean[0]), timing(mean[1]), timing(mean[2]));
    } catch (ExecutionException e) {
      throw new IllegalStateException("measurement failed: " + e.getCause().getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("measurement was interrupted", e);
    }
  }

  private static Timing timing(double[] byContender) {
    return new Timing(byContender[0], byContender[1], byContender[2]);
  }

  /** One thread's share. */
  private Share work(int thread, CyclicBarrier together)
      throws InterruptedException, BrokenBarrierException {
    options.pin().accept(thread);
    byte[] secret = throwawaySecret();
    try (VtsCheck data = VtsCheck.generate(options.claims());
        SecretKey key = SecretKey.moveFrom(secret.clone());
        Contender ours = Contender.Ours.create(data, options.kernel(), key);
        Contender jni = new Contender.Jni(data, secret, key.publicKey());
        Contender c = Contender.C.create(data, key)) {
      Contender[] contenders = {ours, jni, c};
      int[][] repeats = calibrate(data, contenders);
      double[][][] samples = new double[OPERATIONS][CONTENDERS][options.rounds()];
      long wallStart = System.nanoTime();
      long cpuStart = THREADS.getCurrentThreadCpuTime();
      for (int round = 0; round < options.rounds(); round++) {
        for (int operation = 0; operation < OPERATIONS; operation++) {
          for (int turn = 0; turn < CONTENDERS; turn++) {
            // Rotated, so that nobody always follows the same neighbour.
            int who = (turn + round) % CONTENDERS;
            together.await();
            long nanos = time(data, contenders[who], operation, repeats[operation][who]);
            long items = (long) options.claims() * repeats[operation][who];
            samples[operation][who][round] = (double) nanos / items;
          }
        }
      }
      long cpu = THREADS.getCurrentThreadCpuTime() - cpuStart;
      return new Share(medians(samples), (double) cpu / (System.nanoTime() - wallStart));
    } catch (RuntimeException e) {
      together.reset();
      throw e;
    }
  }

  /** What one thread found: median nanoseconds by operation and contender. */
  private record Share(double[][] nanos, double cpuShare) {}

  /** Warms up, then finds how often each must run to fill a slice of {@link #SLICE_NANOS}. */
  private static int[][] calibrate(VtsCheck data, Contender[] contenders) {
    int[][] repeats = new int[OPERATIONS][CONTENDERS];
    for (int warmup = 0; warmup < 4; warmup++) {
      for (int operation = 0; operation < OPERATIONS; operation++) {
        for (int who = 0; who < CONTENDERS; who++) {
          long nanos = time(data, contenders[who], operation, 1);
          repeats[operation][who] = Math.clamp(SLICE_NANOS / Math.max(1, nanos), 1, 1_000);
        }
      }
    }
    return repeats;
  }

  private static long time(VtsCheck data, Contender contender, int operation, int repeats) {
    data.reset();
    long start = THREADS.getCurrentThreadCpuTime();
    for (int i = 0; i < repeats; i++) {
      switch (operation) {
        case 0 -> contender.verify();
        case 1 -> contender.sign();
        default -> contender.check();
      }
    }
    long nanos = THREADS.getCurrentThreadCpuTime() - start;
    require(data, operation, contender);
    return nanos;
  }

  private static void require(VtsCheck data, int operation, Contender contender) {
    int verified = operation == 0 ? data.claims : operation == 1 ? 0 : 2 * data.claims;
    data.requireValid(
        verified, operation == 0 ? 0 : data.claims, contender.getClass().getSimpleName());
  }

  private static double[][] medians(double[][][] samples) {
    double[][] medians = new double[OPERATIONS][CONTENDERS];
    for (int operation = 0; operation < OPERATIONS; operation++) {
      for (int contender = 0; contender < CONTENDERS; contender++) {
        double[] sorted = samples[operation][contender];
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        medians[operation][contender] =
            sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
      }
    }
    return medians;
  }

  /** JNI needs the key on the heap; this one signs nothing but measurements. */
  private static byte[] throwawaySecret() {
    byte[] secret = new byte[SecretKey.BYTES];
    new java.security.SecureRandom().nextBytes(secret);
    secret[0] &= 0x7f;
    return secret;
  }

  private static double rounded(double value, int digits) {
    double scale = Math.pow(10, digits);
    return Math.round(value * scale) / scale;
  }

  private static String cpuModel() {
    try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(System.getProperty("os.arch"));
    } catch (IOException e) {
      return System.getProperty("os.arch");
    }
  }
}
