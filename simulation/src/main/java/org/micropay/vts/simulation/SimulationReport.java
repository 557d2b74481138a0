package org.micropay.vts.simulation;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What happened in a history, or in several.
 *
 * @param seeds histories
 * @param claims that clients made
 * @param requests that reached a server
 * @param answers that left
 * @param receipts of these, that rest on a record
 * @param grants escrows granted
 * @param kills of the process
 * @param powerLosses of the machine
 * @param diskFaults failing and slow calls to the disk
 * @param flips bits that turned while the machine was off, each detected or without effect
 * @param flipsDetected of these, refused by name
 * @param clockJumps either way
 * @param reorganizations of the chain
 * @param disturbances messages lost or repeated, slow clients cut off
 * @param settled grants in confirmed batches
 * @param steps in all
 * @param traceHash the same for the same seed
 */
public record SimulationReport(
    long seeds,
    long claims,
    long requests,
    long answers,
    long receipts,
    long grants,
    long kills,
    long powerLosses,
    long diskFaults,
    long flips,
    long flipsDetected,
    long clockJumps,
    long reorganizations,
    long disturbances,
    long settled,
    long steps,
    long traceHash) {
  /** Nothing happened yet. */
  public static final SimulationReport NONE =
      new SimulationReport(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  /** Names and numbers, in the order in which people want to read them. */
  public Map<String, Object> toMap(long seed) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("seed", seed);
    map.put("claims", claims);
    map.put("requests", requests);
    map.put("answers", answers);
    map.put("acknowledged", receipts);
    map.put("grants", grants);
    map.put("settled", settled);
    map.put("kills", kills);
    map.put("powerLosses", powerLosses);
    map.put("diskFaults", diskFaults);
    map.put("bitFlips", flips);
    map.put("bitFlipsRefused", flipsDetected);
    map.put("reorganizations", reorganizations);
    map.put("clockJumps", clockJumps);
    map.put("networkFaults", disturbances);
    map.put("steps", steps);
    map.put("trace", "%016x".formatted(traceHash));
    map.put("lost", 0);
    map.put("doubleGrants", 0);
    return map;
  }

  /** Both together. */
  public SimulationReport plus(SimulationReport other) {
    return new SimulationReport(
        seeds + other.seeds,
        claims + other.claims,
        requests + other.requests,
        answers + other.answers,
        receipts + other.receipts,
        grants + other.grants,
        kills + other.kills,
        powerLosses + other.powerLosses,
        diskFaults + other.diskFaults,
        flips + other.flips,
        flipsDetected + other.flipsDetected,
        clockJumps + other.clockJumps,
        reorganizations + other.reorganizations,
        disturbances + other.disturbances,
        settled + other.settled,
        steps + other.steps,
        traceHash * 31 + other.traceHash);
  }
}
