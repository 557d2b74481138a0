package org.micropay.vts.audit;

import java.util.List;
import java.util.Map;

/**
 * What an audit did and found.
 *
 * @param journal the folder
 * @param archive the archive's folder, where one was named; else empty
 * @param clean whether nothing was found
 * @param network the chain's id, or its magic in hexadecimal
 * @param vtsKey the journal's key, 33 bytes in hexadecimal; empty when no policy could be read
 * @param firstPosition first record audited
 * @param trusted the state that the audit began with because earlier records were not there, or
 *     because it was told to; absent when it began with record 1
 * @param notChecked what could not be checked for want of records, one line each
 * @param checkpoint the last record audited, to compare a later audit with
 * @param decidedFrom first position that was decided again; 0 when none was
 * @param decidedThrough position up to which everything was decided again
 * @param lastTimeMillis its time, Unix milliseconds
 * @param live whether a server was writing the journal; then it was audited to its durable mark
 * @param end how the journal ends, one line
 * @param records by type's name
 * @param escrows registered
 * @param grants granted claims
 * @param doubleSpends proven double-spends
 * @param paidClaims claims in confirmed batches
 * @param signatures verified
 * @param stateDigests recomputed and compared
 * @param snapshots whose state was compared with the replayed one, byte for byte
 * @param treeHeads of the transparency log, computed again and compared
 * @param findings everything found, the earliest record first; at most 100
 * @param kernel that verified
 * @param threads that checked
 * @param seconds it took
 * @param cpuSeconds CPU time of all its threads
 */
public record AuditReport(
    String journal,
    String archive,
    boolean clean,
    String network,
    String vtsKey,
    long firstPosition,
    Trusted trusted,
    List<String> notChecked,
    LastRecord checkpoint,
    long decidedFrom,
    long decidedThrough,
    long lastTimeMillis,
    boolean live,
    String end,
    Map<String, Long> records,
    long escrows,
    long grants,
    long doubleSpends,
    long paidClaims,
    long signatures,
    long stateDigests,
    long snapshots,
    long treeHeads,
    List<Finding> findings,
    String kernel,
    int threads,
    double seconds,
    double cpuSeconds) {

  /**
   * The last record.
   *
   * @param position of it
   * @param chain its chain hash in hexadecimal
   */
  public record LastRecord(long position, String chain) {}

  /**
   * A snapshot that was taken as true.
   *
   * @param snapshot the file
   * @param position of the last record in it
   * @param digest SHA-256 over all of the file, in hexadecimal
   * @param stateDigest the ledger's own digest of that state, in hexadecimal
   */
  public record Trusted(String snapshot, long position, String digest, String stateDigest) {}

  /** Number of records. */
  public long recordCount() {
    return checkpoint.position() - firstPosition + 1;
  }
}
