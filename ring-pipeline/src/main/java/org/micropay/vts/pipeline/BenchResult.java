package org.micropay.vts.pipeline;

/**
 * What one run of {@link PipelineBench} measured. Latency goes from the instant at which a claim
 * was due (open loop) or was put on the ring (closed loop) to the answer.
 *
 * @param claims claims answered
 * @param granted of these, granted
 * @param overloaded refusals at the ingress: retries in a closed loop, lost claims in an open one
 * @param seconds from the first claim to the last answer
 * @param claimsPerSecond claims / seconds
 * @param p50Micros median latency in microseconds
 * @param p90Micros 90th percentile
 * @param p99Micros 99th percentile
 * @param p999Micros 99.9th percentile
 * @param maxMicros greatest latency
 */
public record BenchResult(
    long claims,
    long granted,
    long overloaded,
    double seconds,
    double claimsPerSecond,
    double p50Micros,
    double p90Micros,
    double p99Micros,
    double p999Micros,
    double maxMicros) {

  /** The share of what the kernels alone do, given their rate in claims a second. */
  public double ratioTo(double kernelsPerSecond) {
    return claimsPerSecond / kernelsPerSecond;
  }
}
