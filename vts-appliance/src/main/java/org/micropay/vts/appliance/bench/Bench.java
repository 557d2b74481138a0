package org.micropay.vts.appliance.bench;

import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.micropay.vts.affinity.CpuTopology;
import org.micropay.vts.affinity.Pinning;
import org.micropay.vts.appliance.config.ApplianceConfig;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.secp256k1.KernelBench;

/** The measurements of {@code vts bench}, each with machine and flags beside its figures. */
public final class Bench {
  private static final int CLAIMS = 128;
  private static final int ROUNDS_PER_SECOND = 8;
  private static final int MIN_ROUNDS = 9;

  private final Kernel kernel;
  private final ApplianceConfig.Threads threads;
  private final int seconds;
  private final BenchProgress progress;

  /**
   * A bench.
   *
   * @param seconds about how long each measurement lasts
   */
  public Bench(
      Kernel kernel, ApplianceConfig.Threads threads, int seconds, BenchProgress progress) {
    this.kernel = kernel;
    this.threads = threads;
    this.seconds = seconds;
    this.progress = progress;
  }

  /** Verify, sign and full check through our ports, through JNI and in C. */
  public Map<String, Object> kernels() {
    List<Integer> cpus = List.copyOf(CpuTopology.read().usable());
    progress.step("measuring on 1 to " + cpus.size() + " cores");
    int rounds = Math.max(MIN_ROUNDS, seconds * ROUNDS_PER_SECOND);
    return KernelBench.run(
            new KernelBench.Options(
                kernel,
                CLAIMS,
                rounds,
                cpus.size(),
                thread -> Pinning.pinCurrentThread(cpus.get(thread))))
        .toMap();
  }

  /** The pipeline in process against the kernels alone on the same cores. */
  public Map<String, Object> pipeline() {
    return described(
        new PipelineMeasurement(kernel, Sizing.of(kernel, seconds), threads).run(progress));
  }

  /** The pipeline in process without and with snapshots being taken beside it. */
  public Map<String, Object> snapshot() {
    return described(
        new SnapshotMeasurement(kernel, Sizing.of(kernel, seconds), threads).run(progress));
  }

  /** The claim stream over loopback against the kernels alone on one core. */
  public Map<String, Object> network() {
    return described(
        new NetworkMeasurement(kernel, Sizing.of(kernel, seconds), threads).run(progress));
  }

  /** A whole audit against the kernel alone on the same signatures. */
  public Map<String, Object> audit() {
    return described(new AuditMeasurement(kernel, seconds).run(progress));
  }

  /**
   * Recovery from the first record, a snapshot, and recovery from that.
   *
   * @param escrows registered
   * @param grants on the first of them
   */
  public Map<String, Object> recovery(int escrows, int grants) {
    return described(new RecoveryMeasurement(kernel, escrows, grants).run(progress));
  }

  /**
   * Look-ups in the view of the chain, and full blocks.
   *
   * @param escrows under watch
   */
  public Map<String, Object> chain(int escrows) {
    return described(new ChainMeasurement(kernel, escrows, seconds).run(progress));
  }

  private Map<String, Object> described(WholeResult result) {
    return described(result.toMap());
  }

  private Map<String, Object> described(Map<String, Object> result) {
    Map<String, Object> map = new LinkedHashMap<>(result);
    map.put("reason", kernel.reason());
    map.put("machine", CpuTopology.read().describe());
    map.put("jdk", System.getProperty("java.vm.name") + " " + Runtime.version());
    map.put("flags", ManagementFactory.getRuntimeMXBean().getInputArguments());
    return map;
  }
}
