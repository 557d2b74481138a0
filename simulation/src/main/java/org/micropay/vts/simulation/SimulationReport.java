package org.micropay.vts.simulation;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What happened in a history, or in several.
 *
 * @param seeds histories
 * @param claims that clients made
 * @param requests that reached a server
 * @param answers that left
 * @param acknowledged of these, that rest on a record
 * @param grants escrows granted
 * @param settled grants in confirmed batches
 * @param faults what went wrong, and how often: kills and power losses, calls to the disk, bits,
 *     the clock, messages, the chain
 * @param flipsDetected bits whose turning was refused by name; the others lay where nothing is read
 * @param steps in all
 * @param traceHash the same for the same seed
 */
public record SimulationReport(
    long seeds,
    long claims,
    long requests,
    long answers,
    long acknowledged,
    long grants,
    long settled,
    Map<String, Long> faults,
    long flipsDetected,
    long steps,
    long traceHash) {
  /** Nothing happened yet. */
  public static final SimulationReport NONE =
      new SimulationReport(0, 0, 0, 0, 0, 0, 0, Map.of(), 0, 0, 0);

  /** Keeps the faults in order of their names. */
  public SimulationReport {
    faults = Collections.unmodifiableMap(new TreeMap<>(faults));
  }

  /** How often this kind of fault has struck. */
  public long faults(String kind) {
    return faults.getOrDefault(kind, 0L);
  }

  /** Both together. */
  public SimulationReport plus(SimulationReport other) {
    Map<String, Long> both = new TreeMap<>(faults);
    other.faults.forEach((kind, count) -> both.merge(kind, count, Long::sum));
    return new SimulationReport(
        seeds + other.seeds,
        claims + other.claims,
        requests + other.requests,
        answers + other.answers,
        acknowledged + other.acknowledged,
        grants + other.grants,
        settled + other.settled,
        both,
        flipsDetected + other.flipsDetected,
        steps + other.steps,
        traceHash * 31 + other.traceHash);
  }
}
