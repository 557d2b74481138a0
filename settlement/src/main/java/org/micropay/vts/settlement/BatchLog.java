package org.micropay.vts.settlement;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;

/**
 * All batches whose fate may still change, and the satoshi of all that were ever confirmed: a fold,
 * see {@link SettlementState}. The chain thread owns it.
 */
final class BatchLog {
  private static final int KEPT_ABANDONED = 256;

  /** Which transaction of which batch. */
  record AttemptRef(BatchEntry entry, int attempt) {}

  private final TreeMap<Integer, BatchEntry> batches = new TreeMap<>();
  private final Map<Bytes32, AttemptRef> byTxid = new HashMap<>();
  // Position to the number of the live or confirmed batch that holds the claim.
  private final Map<Long, Integer> batchOfClaim = new HashMap<>();
  private final ClaimLog claims;
  private int nextBatch = 1;
  private Account account = Account.ZERO;

  BatchLog(ClaimLog claims) {
    this.claims = claims;
  }

  void store(SettlementRecord.BatchStored stored) {
    Batch content = stored.content();
    BatchEntry entry = batches.get(stored.batch());
    if (entry == null) {
      require(stored.batch() == nextBatch && stored.attempt() == 0, stored.batch(), "number");
      entry = new BatchEntry(stored.batch());
      batches.put(entry.number, entry);
      nextBatch++;
      for (ReleasePair pair : content.pairs()) {
        boolean open = !claims.isClosed(pair.position()) && !claims.isFinal(pair.position());
        Integer other = batchOfClaim.put(pair.position(), entry.number);
        require(open && other == null, entry.number, "claim " + pair.position() + " is not open");
      }
    } else {
      require(entry.live() && stored.attempt() == entry.attempts.size(), entry.number, "attempt");
      require(positions(content).equals(positions(entry.latest())), entry.number, "other claims");
    }
    entry.attempts.add(content);
    entry.status = BatchEntry.Status.STORED;
    byTxid.put(content.txid(), new AttemptRef(entry, stored.attempt()));
  }

  private static List<Long> positions(Batch batch) {
    return batch.pairs().stream().map(ReleasePair::position).toList();
  }

  void broadcast(SettlementRecord.BatchBroadcast sent) {
    BatchEntry entry = entry(sent.batch());
    require(sent.attempt() < entry.attempts.size(), entry.number, "attempt " + sent.attempt());
    entry.broadcast.add(sent.attempt());
    if (entry.status == BatchEntry.Status.STORED && sent.attempt() == entry.latestAttempt()) {
      entry.status = BatchEntry.Status.BROADCAST;
    }
  }

  void confirm(SettlementRecord.BatchConfirmed confirmed) {
    BatchEntry entry = entry(confirmed.batch());
    require(!entry.confirmed(), entry.number, "is confirmed already");
    Batch batch = entry.attempts.get(confirmed.attempt());
    for (ReleasePair pair : batch.pairs()) {
      Integer other = batchOfClaim.put(pair.position(), entry.number);
      require(
          (other == null || other == entry.number) && !claims.isClosed(pair.position()),
          entry.number,
          "claim " + pair.position() + " is elsewhere");
    }
    entry.status = BatchEntry.Status.CONFIRMED;
    entry.confirmedAttempt = confirmed.attempt();
    entry.height = confirmed.height();
    entry.blockHash = confirmed.blockHash();
    account = account.plus(batch.account());
  }

  void unconfirm(SettlementRecord.BatchUnconfirmed undone) {
    BatchEntry entry = entry(undone.batch());
    require(
        entry.confirmed() && entry.confirmedAttempt == undone.attempt(),
        entry.number,
        "is not confirmed");
    Batch batch = entry.attempts.get(undone.attempt());
    if (entry.status == BatchEntry.Status.FINAL) {
      for (ReleasePair pair : batch.pairs()) {
        claims.unsettle(pair.position());
        batchOfClaim.put(pair.position(), entry.number);
      }
    }
    entry.status = BatchEntry.Status.BROADCAST;
    entry.confirmedAttempt = -1;
    entry.height = 0;
    entry.blockHash = Bytes32.ZERO;
    account = account.minus(batch.account());
  }

  void abandon(SettlementRecord.BatchAbandoned abandoned) {
    BatchEntry entry = entry(abandoned.batch());
    require(entry.live(), entry.number, "is not live");
    entry.status = BatchEntry.Status.ABANDONED;
    for (ReleasePair pair : entry.pairs()) {
      batchOfClaim.remove(pair.position(), entry.number);
    }
  }

  void finish(SettlementRecord.BatchFinal last) {
    BatchEntry entry = entry(last.batch());
    require(entry.status == BatchEntry.Status.CONFIRMED, entry.number, "is not confirmed");
    entry.status = BatchEntry.Status.FINAL;
    for (ReleasePair pair : entry.pairs()) {
      batchOfClaim.remove(pair.position());
      claims.settle(pair.position());
    }
  }

  /** Forgets what no reorganization brings back: final below {@code height}, or long given up. */
  void prune(int height) {
    List<BatchEntry> forgotten = new ArrayList<>();
    for (BatchEntry entry : batches.values()) {
      boolean old =
          entry.status == BatchEntry.Status.FINAL && entry.height < height
              || entry.status == BatchEntry.Status.ABANDONED
                  && entry.number + KEPT_ABANDONED < nextBatch;
      if (old) {
        forgotten.add(entry);
      }
    }
    for (BatchEntry entry : forgotten) {
      batches.remove(entry.number);
      entry.attempts.forEach(batch -> byTxid.remove(batch.txid()));
    }
  }

  private BatchEntry entry(int number) {
    BatchEntry entry = batches.get(number);
    require(entry != null, number, "is unknown");
    return entry;
  }

  private static void require(boolean condition, int batch, String what) {
    if (!condition) {
      throw new IllegalStateException(
          "settlement record does not follow: batch " + batch + ", " + what);
    }
  }

  boolean holds(long position) {
    return batchOfClaim.containsKey(position);
  }

  /** The live or confirmed batch that holds the claim. */
  Optional<BatchEntry> batchOf(long position) {
    return Optional.ofNullable(batchOfClaim.get(position)).map(batches::get);
  }

  Optional<AttemptRef> attempt(Bytes32 txid) {
    return Optional.ofNullable(byTxid.get(txid));
  }

  List<Long> claimsOf(int number) {
    BatchEntry entry = batches.get(number);
    return entry == null ? List.of() : positions(entry.attempts.getFirst());
  }

  Collection<BatchEntry> entries() {
    return batches.values();
  }

  int nextBatch() {
    return nextBatch;
  }

  Account account() {
    return account;
  }

  /** Coins that live batches count on. */
  Set<Outpoint> reservedCoins() {
    Set<Outpoint> reserved = new HashSet<>();
    for (BatchEntry entry : batches.values()) {
      if (entry.live()) {
        entry.attempts.forEach(
            batch -> batch.feeCoins().forEach(coin -> reserved.add(coin.outpoint())));
      }
    }
    return reserved;
  }

  /** Takes a batch as a snapshot holds it. */
  void restore(BatchEntry entry) {
    batches.put(entry.number, entry);
    for (int i = 0; i < entry.attempts.size(); i++) {
      byTxid.put(entry.attempts.get(i).txid(), new AttemptRef(entry, i));
    }
    if (entry.live() || entry.status == BatchEntry.Status.CONFIRMED) {
      entry.pairs().forEach(pair -> batchOfClaim.put(pair.position(), entry.number));
    }
  }

  void restore(int next, Account total) {
    nextBatch = next;
    account = total;
  }

  @Override
  public boolean equals(Object object) {
    return object instanceof BatchLog other
        && nextBatch == other.nextBatch
        && account.equals(other.account)
        && lines().equals(other.lines())
        && batchOfClaim.equals(other.batchOfClaim);
  }

  private List<String> lines() {
    return batches.values().stream().map(BatchEntry::toString).toList();
  }

  @Override
  public int hashCode() {
    return Objects.hash(nextBatch, account, batchOfClaim);
  }

  @Override
  public String toString() {
    return batches.values() + " " + batchOfClaim;
  }
}
