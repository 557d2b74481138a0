package org.micropay.vts.experiments;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import org.HdrHistogram.Histogram;

/**
 * What a load found.
 *
 * @param options it ran with
 * @param seconds from the first measured request to the last answer
 * @param sent measured requests, answered or failed
 * @param errors by kind; a request is either an error or in the histogram
 * @param latency nanoseconds from the planned time to the answer, of requests that did what they
 *     should; in a closed loop from the sending
 * @param service the same from the sending: what a generator that forgives waiting would report
 */
public record LoadResult(
    LoadOptions options,
    double seconds,
    long sent,
    SortedMap<String, Long> errors,
    Histogram latency,
    Histogram service) {
  private static final double[] PERCENTILES = {50, 90, 99, 99.9, 99.99};

  /** Requests that did what they should. */
  public long succeeded() {
    return latency.getTotalCount();
  }

  /** Of these a second. */
  public double throughput() {
    return seconds == 0 ? 0 : succeeded() / seconds;
  }

  /** For JSON: counts, rate, latencies in microseconds. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("mode", options.isOpen() ? "open" : "closed");
    map.put("connections", options.connections());
    if (options.isOpen()) {
      map.put("planned_per_s", options.rate());
    }
    map.put("seconds", Figures.rounded(seconds, 3));
    map.put("sent", sent);
    map.put("succeeded", succeeded());
    map.put("failed", sent - succeeded());
    map.put("errors", errors);
    map.put("per_s", Figures.rounded(throughput(), 1));
    map.put("latency_us", micros(latency));
    map.put("service_us", micros(service));
    return map;
  }

  private static Map<String, Object> micros(Histogram histogram) {
    Map<String, Object> map = new LinkedHashMap<>();
    boolean some = histogram.getTotalCount() > 0;
    map.put("mean", some ? Figures.rounded(histogram.getMean() / 1e3, 1) : null);
    for (double percentile : PERCENTILES) {
      String name = "p" + Figures.plain(percentile).replace('.', '_');
      map.put(
          name, some ? Figures.rounded(histogram.getValueAtPercentile(percentile) / 1e3, 1) : null);
    }
    map.put("max", some ? Figures.rounded(histogram.getMaxValue() / 1e3, 1) : null);
    return map;
  }
}
