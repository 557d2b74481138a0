package org.micropay.vts.appliance.demo;

import java.util.List;
import java.util.Map;

/**
 * What happened, with every figure counted by the demo itself; the JSON document of {@code vts demo
 * --json}. Amounts are satoshi.
 *
 * @param agrees whether every balance and every answer is what it must be
 * @param differences what is not, one line each
 * @param chain where it was settled
 * @param kernel that verified and signed
 * @param seed that plays the same cheats again
 * @param durationSeconds from start to end
 * @param payments what buyers and merchants did
 * @param claims what the merchants sent and were told
 * @param restart the crash on the way
 * @param settlement the batches
 * @param account from the chain alone
 * @param speed as the clients saw it
 */
public record DemoReport(
    boolean agrees,
    List<String> differences,
    String chain,
    String kernel,
    long seed,
    double durationSeconds,
    Payments payments,
    Claims claims,
    Restart restart,
    Settled settlement,
    ChainAccount.Sums account,
    Speed speed) {

  /**
   * The lottery.
   *
   * @param buyers who paid
   * @param merchants who were paid
   * @param escrows registered
   * @param tickets signed
   * @param odds N of 1/N
   * @param wins of the tickets
   */
  public record Payments(
      int buyers, int merchants, int escrows, long tickets, int odds, int wins) {}

  /**
   * Claims and their answers.
   *
   * @param sent repeats included
   * @param granted escrows counter-signed
   * @param doubleSpends second winners that were refused, both claims kept
   * @param refusals by code
   * @param registrationRefusals by code
   * @param unexpected answers that were not the expected ones
   */
  public record Claims(
      long sent,
      int granted,
      int doubleSpends,
      Map<String, Integer> refusals,
      Map<String, Integer> registrationRefusals,
      int unexpected) {}

  /**
   * SIGKILL in the middle of the claims.
   *
   * @param answered claims that had their answer before
   * @param unanswered claims that were on their way, and were sent again
   * @param secondsDown until the server was ready again
   * @param repeated decided claims sent again, before and after
   * @param identical of these answers, byte for byte the first one
   * @param onceMore of them, the single claim that was sent most often
   */
  public record Restart(
      int answered,
      int unanswered,
      double secondsDown,
      long repeated,
      long identical,
      int onceMore) {}

  /**
   * The batches.
   *
   * @param batches mined
   * @param claims paid by them
   * @param vbytesPerClaim of all batches
   * @param feePerClaim satoshi
   * @param journalRecords that the whole run left
   */
  public record Settled(
      int batches, int claims, double vbytesPerClaim, double feePerClaim, long journalRecords) {}

  /**
   * Speed at the clients.
   *
   * @param claimsPerSecond answered, in one burst of repeated claims
   * @param connections of the claim stream
   * @param plannedPerSecond rate of the claims whose latency was measured
   * @param latencyMillis percentiles, from a claim's planned time to its answer
   */
  public record Speed(
      double claimsPerSecond,
      int connections,
      int plannedPerSecond,
      Map<String, Double> latencyMillis) {}
}
