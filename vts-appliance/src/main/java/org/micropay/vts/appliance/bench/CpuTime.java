package org.micropay.vts.appliance.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Map;
import java.util.TreeMap;

/**
 * CPU time that this process spent in intervals of a measurement, by thread. On a machine with
 * other work it tells what wall time cannot. One thread.
 */
final class CpuTime {
  /** What the JVM's own threads used: collector, compilers. */
  static final String JVM = "jvm";

  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final OperatingSystemMXBean process =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private final Map<String, Long> sums = new TreeMap<>();
  private Map<String, Long> begin = Map.of();
  private long processBegin;
  private long processSum;

  /** An interval begins. */
  void start() {
    begin = read();
    processBegin = process.getProcessCpuTime();
  }

  /** It ends; threads that ended within it are missing from the division by threads. */
  void stop() {
    long spent = process.getProcessCpuTime() - processBegin;
    processSum += spent;
    long known = 0;
    for (Map.Entry<String, Long> thread : read().entrySet()) {
      long nanos = thread.getValue() - begin.getOrDefault(thread.getKey(), 0L);
      known += nanos;
      sums.merge(thread.getKey(), nanos, Long::sum);
    }
    sums.merge(JVM, Math.max(0, spent - known), Long::sum);
  }

  private Map<String, Long> read() {
    Map<String, Long> nanos = new TreeMap<>();
    for (long id : threads.getAllThreadIds()) {
      long spent = threads.getThreadCpuTime(id);
      var info = threads.getThreadInfo(id);
      if (info != null && spent >= 0) {
        nanos.merge(info.getThreadName(), spent, Long::sum);
      }
    }
    return nanos;
  }

  /** Microseconds per item of the whole process. */
  double microsPer(long items) {
    return processSum / 1e3 / items;
  }

  /** Microseconds per item by thread, without those below a hundredth. */
  Map<String, Double> byThread(long items) {
    Map<String, Double> micros = new TreeMap<>();
    sums.forEach(
        (thread, nanos) -> {
          double each = Math.round(nanos / 10.0 / items) / 100.0;
          if (each >= 0.01) {
            micros.put(thread, each);
          }
        });
    return micros;
  }
}
