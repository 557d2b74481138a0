package org.micropay.vts.appliance.server;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;
import org.micropay.vts.appliance.log.LogStatus;

/**
 * The server at a glance, for {@code /v1/status} and {@code vts status}.
 *
 * @param version of the program
 * @param network chain that is served
 * @param vtsKey counter-signing key, hex
 * @param kernel which kernel verifies and signs, and why
 * @param uptimeSeconds since the start
 * @param ready whether claims would be granted
 * @param chain the chain as the ledger knows it
 * @param ledger sizes
 * @param journal positions
 * @param answers how often each answer was given since the start, by name
 * @param latencyMicros ingress to reply, percentiles of the last interval
 * @param log the transparency log
 * @param settlement batches and account
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ServerStatus(
    String version,
    String network,
    String vtsKey,
    String kernel,
    long uptimeSeconds,
    Readiness ready,
    ChainPart chain,
    LedgerPart ledger,
    JournalPart journal,
    Map<String, Long> answers,
    Map<String, Double> latencyMicros,
    LogStatus log,
    Object settlement) {

  /**
   * The chain's tip.
   *
   * @param height of the tip
   * @param hash block hash as explorers show it
   * @param secondsSinceSeen since the ledger last heard of the chain
   */
  public record ChainPart(int height, String hash, long secondsSinceSeen) {}

  /**
   * The ledger's fill.
   *
   * @param escrows live now
   * @param capacity at most
   * @param bytes of memory outside the heap
   */
  public record LedgerPart(long escrows, long capacity, long bytes) {}

  /**
   * The journal.
   *
   * @param durable last record known to be on disk
   * @param belowReserve whether the disk reserve is touched
   */
  public record JournalPart(long durable, boolean belowReserve) {}
}
