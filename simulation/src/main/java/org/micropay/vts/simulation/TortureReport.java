package org.micropay.vts.simulation;

import java.util.List;
import java.util.Map;

/**
 * What a torture did, and what its checkers found.
 *
 * @param seed of all that was drawn; histories have the seeds from this one on
 * @param seconds it took
 * @param kills of real processes with SIGKILL
 * @param powerLossImages journals recovered from what a power loss left
 * @param bitFlips bits turned in journals
 * @param systemCalls calls made to fail
 * @param simulated histories
 * @param acknowledged answers that rest on a record, in all
 * @param lost of these, not found in what was left
 * @param grants escrows granted, in all
 * @param doubleGrants escrows granted to two claims
 * @param detections damage that was named or reported: turned bits, torn ends
 * @param findings everything that must hold and did not
 */
public record TortureReport(
    long seed,
    double seconds,
    long kills,
    long powerLossImages,
    BitFlips bitFlips,
    SystemCalls systemCalls,
    SimulationReport simulated,
    long acknowledged,
    long lost,
    long grants,
    long doubleGrants,
    long detections,
    List<Finding> findings) {

  /**
   * Bits turned one at a time.
   *
   * @param turned in all
   * @param named refused by position, file and offset
   * @param atUnacknowledgedTail reported as the end of an interrupted write
   * @param withoutEffect lay where nothing is read, by place
   */
  public record BitFlips(
      long turned, long named, long atUnacknowledgedTail, Map<String, Long> withoutEffect) {}

  /**
   * System calls on a journal's files that failed.
   *
   * @param points that one whole sweep has: calls of the run times ways to fail; 0 when none began
   * @param faults injected so far
   * @param calls of the run, by name
   * @param outcomes how often a fault ended how
   */
  public record SystemCalls(
      long points, long faults, Map<String, Long> calls, Map<String, Long> outcomes) {}

  /**
   * Something that must always hold and did not.
   *
   * @param attack during which it was found
   * @param checker that found it
   * @param message what it found
   * @param replay the command that shows it again
   */
  public record Finding(String attack, String checker, String message, String replay) {}

  /** Whether everything held. */
  public boolean clean() {
    return findings.isEmpty();
  }
}
