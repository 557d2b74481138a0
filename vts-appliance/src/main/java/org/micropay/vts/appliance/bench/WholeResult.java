package org.micropay.vts.appliance.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * Throughput and latency of the whole way of a claim, beside what the kernels alone do.
 *
 * @param what {@code pipeline} or {@code network}
 * @param kernel that verified and signed
 * @param cores CPUs that the stages may use
 * @param kernelCores CPUs that the comparison used
 * @param claims measured
 * @param claimsPerSecond of the whole way
 * @param kernelsPerSecond of the kernels alone
 * @param cpu of the whole way, load generator included
 * @param kernelCpuMicros CPU time of the kernels alone, microseconds a claim
 * @param latencyNanos from the claim's entry to its answer
 * @param rounds interleaved measurements whose totals these are
 */
record WholeResult(
    String what,
    String kernel,
    int cores,
    int kernelCores,
    long claims,
    double claimsPerSecond,
    double kernelsPerSecond,
    CpuTime cpu,
    double kernelCpuMicros,
    Histogram latencyNanos,
    int rounds) {

  /** The share of what the kernels alone do. */
  double ratio() {
    return claimsPerSecond / kernelsPerSecond;
  }

  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("what", what);
    map.put("kernel", kernel);
    map.put("cores", cores);
    map.put("kernel_cores", kernelCores);
    map.put("claims", claims);
    map.put("rounds", rounds);
    map.put("claims_per_s", Math.round(claimsPerSecond));
    map.put("kernels_per_s", Math.round(kernelsPerSecond));
    map.put("ratio", Math.round(ratio() * 1000) / 1000.0);
    map.put("latency_us", latency());
    map.put("cpu_us_per_claim", cpuMicros());
    return map;
  }

  /** Says on a loaded machine too what {@link #ratio} says on an idle one. */
  private Map<String, Object> cpuMicros() {
    Map<String, Object> map = new LinkedHashMap<>();
    double whole = cpu.microsPer(claims);
    map.put(what, Math.round(whole * 100) / 100.0);
    map.put("kernels", Math.round(kernelCpuMicros * 100) / 100.0);
    map.put("ratio", Math.round(kernelCpuMicros / whole * 1000) / 1000.0);
    map.put("threads", cpu.byThread(claims));
    return map;
  }

  private Map<String, Object> latency() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("p50", micros(50));
    map.put("p90", micros(90));
    map.put("p99", micros(99));
    map.put("p99_9", micros(99.9));
    map.put("max", latencyNanos.getMaxValue() / 1000);
    return map;
  }

  private long micros(double percentile) {
    return latencyNanos.getValueAtPercentile(percentile) / 1000;
  }
}
