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
import org.agrona.collections.LongHashSet;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;

/**
 * Everything that settlement knows for good: a fold over its journal records and nothing else, so
 * that replaying them after a restart gives the same state. No I/O, clock or randomness.
 *
 * <pre>
 *  claim:  open -> in a batch -> confirmed -> final
 *               -> closed (paid elsewhere, or lost) -> final
 *  batch:  stored -> broadcast -> confirmed -> final
 *               -> abandoned (its claims are open again; it may still be confirmed later)
 * </pre>
 *
 * A reorganization takes each arrow backwards. Bytes of a batch are kept {@link #HORIZON} blocks
 * beyond finality. Not thread-safe; the chain thread owns it.
 */
public final class SettlementState {
  /** Blocks below the newest final batch after which nothing is expected to come back. */
  static final int HORIZON = 144;

  private static final int KEPT_ABANDONED = 256;

  /** Where a batch stands. */
  public enum Status {
    /** Its bytes are in the journal. */
    STORED,
    /** The network has it. */
    BROADCAST,
    /** In a block. */
    CONFIRMED,
    /** Deep enough. */
    FINAL,
    /** Given up. */
    ABANDONED
  }

  /** One batch with all its transactions; the newest is the one to send. */
  static final class Entry {
    final int number;
    final List<Batch> attempts = new ArrayList<>();
    final Set<Integer> broadcast = new HashSet<>();
    Status status = Status.STORED;
    int confirmedAttempt = -1;
    int height;
    Bytes32 blockHash = Bytes32.ZERO;

    Entry(int number) {
      this.number = number;
    }

    Batch latest() {
      return attempts.getLast();
    }

    int latestAttempt() {
      return attempts.size() - 1;
    }

    boolean live() {
      return status == Status.STORED || status == Status.BROADCAST;
    }

    boolean confirmed() {
      return status == Status.CONFIRMED || status == Status.FINAL;
    }

    List<ReleasePair> pairs() {
      return attempts.getFirst().pairs();
    }

    @Override
    public String toString() {
      return "batch %d %s attempts %s broadcast %s confirmed %d at %d %s"
          .formatted(
              number,
              status,
              attempts.stream().map(Batch::txid).toList(),
              broadcast.stream().sorted().toList(),
              confirmedAttempt,
              height,
              blockHash);
    }
  }

  /** Which transaction of which batch. */
  record AttemptRef(Entry entry, int attempt) {}

  private final TreeMap<Integer, Entry> batches = new TreeMap<>();
  private final Map<Bytes32, AttemptRef> byTxid = new HashMap<>();
  // Position to the number of the live or confirmed batch that holds the claim.
  private final Map<Long, Integer> batchOfClaim = new HashMap<>();
  private final Map<Long, SettlementRecord.ClaimClosed> closed = new HashMap<>();
  private final LongHashSet finalClaims = new LongHashSet();
  private int nextBatch = 1;
  private Account account = Account.ZERO;
  private long splitFees;
  private long finalPaid;
  private long paidElsewhere;
  private long lost;

  /**
   * Folds one record in.
   *
   * @throws IllegalStateException when it cannot follow what was folded before
   */
  public void apply(SettlementRecord entry) {
    switch (entry) {
      case SettlementRecord.BatchStored stored -> store(stored);
      case SettlementRecord.BatchBroadcast sent -> broadcast(sent);
      case SettlementRecord.BatchConfirmed confirmed -> confirm(confirmed);
      case SettlementRecord.BatchUnconfirmed undone -> unconfirm(undone);
      case SettlementRecord.BatchAbandoned abandoned -> abandon(abandoned);
      case SettlementRecord.ClaimClosed claim -> close(claim);
      case SettlementRecord.ClaimReopened claim -> reopen(claim);
      case SettlementRecord.BatchFinal last -> finish(last);
      case SettlementRecord.WalletSplit split -> splitFees = Math.addExact(splitFees, split.fee());
    }
  }

  private void store(SettlementRecord.BatchStored stored) {
    Batch content = stored.content();
    Entry entry = batches.get(stored.batch());
    if (entry == null) {
      require(stored.batch() == nextBatch && stored.attempt() == 0, stored.batch(), "number");
      entry = new Entry(stored.batch());
      batches.put(entry.number, entry);
      nextBatch++;
      for (ReleasePair pair : content.pairs()) {
        boolean open =
            !closed.containsKey(pair.position()) && !finalClaims.contains(pair.position());
        Integer other = batchOfClaim.put(pair.position(), entry.number);
        require(open && other == null, entry.number, "claim " + pair.position() + " is not open");
      }
    } else {
      require(entry.live() && stored.attempt() == entry.attempts.size(), entry.number, "attempt");
      require(positions(content).equals(positions(entry.latest())), entry.number, "other claims");
    }
    entry.attempts.add(content);
    entry.status = Status.STORED;
    byTxid.put(content.txid(), new AttemptRef(entry, stored.attempt()));
  }

  private static List<Long> positions(Batch batch) {
    return batch.pairs().stream().map(ReleasePair::position).toList();
  }

  private void broadcast(SettlementRecord.BatchBroadcast sent) {
    Entry entry = entry(sent.batch());
    require(sent.attempt() < entry.attempts.size(), entry.number, "attempt " + sent.attempt());
    entry.broadcast.add(sent.attempt());
    if (entry.status == Status.STORED && sent.attempt() == entry.latestAttempt()) {
      entry.status = Status.BROADCAST;
    }
  }

  private void confirm(SettlementRecord.BatchConfirmed confirmed) {
    Entry entry = entry(confirmed.batch());
    require(!entry.confirmed(), entry.number, "is confirmed already");
    Batch batch = entry.attempts.get(confirmed.attempt());
    for (ReleasePair pair : batch.pairs()) {
      Integer other = batchOfClaim.put(pair.position(), entry.number);
      require(
          (other == null || other == entry.number) && !closed.containsKey(pair.position()),
          entry.number,
          "claim " + pair.position() + " is elsewhere");
    }
    entry.status = Status.CONFIRMED;
    entry.confirmedAttempt = confirmed.attempt();
    entry.height = confirmed.height();
    entry.blockHash = confirmed.blockHash();
    account = account.plus(batch.account());
  }

  private void unconfirm(SettlementRecord.BatchUnconfirmed undone) {
    Entry entry = entry(undone.batch());
    require(
        entry.confirmed() && entry.confirmedAttempt == undone.attempt(),
        entry.number,
        "is not confirmed");
    Batch batch = entry.attempts.get(undone.attempt());
    if (entry.status == Status.FINAL) {
      for (ReleasePair pair : batch.pairs()) {
        finalClaims.remove(pair.position());
        batchOfClaim.put(pair.position(), entry.number);
        finalPaid--;
      }
    }
    entry.status = Status.BROADCAST;
    entry.confirmedAttempt = -1;
    entry.height = 0;
    entry.blockHash = Bytes32.ZERO;
    account = account.minus(batch.account());
  }

  private void abandon(SettlementRecord.BatchAbandoned abandoned) {
    Entry entry = entry(abandoned.batch());
    require(entry.live(), entry.number, "is not live");
    entry.status = Status.ABANDONED;
    for (ReleasePair pair : entry.pairs()) {
      batchOfClaim.remove(pair.position(), entry.number);
    }
  }

  private void close(SettlementRecord.ClaimClosed claim) {
    boolean open =
        !batchOfClaim.containsKey(claim.position())
            && !closed.containsKey(claim.position())
            && !finalClaims.contains(claim.position());
    if (!open) {
      throw new IllegalStateException("claim " + claim.position() + " closed, but is not open");
    }
    closed.put(claim.position(), claim);
    count(claim.outcome(), 1);
    prune(claim.height());
  }

  private void reopen(SettlementRecord.ClaimReopened claim) {
    SettlementRecord.ClaimClosed was = closed.remove(claim.position());
    if (was == null) {
      throw new IllegalStateException("claim " + claim.position() + " reopened, but not closed");
    }
    count(was.outcome(), -1);
  }

  private void count(ClaimOutcome outcome, int change) {
    switch (outcome) {
      case PAID_ELSEWHERE -> paidElsewhere += change;
      case LOST -> lost += change;
    }
  }

  private void finish(SettlementRecord.BatchFinal last) {
    Entry entry = entry(last.batch());
    require(entry.status == Status.CONFIRMED, entry.number, "is not confirmed");
    entry.status = Status.FINAL;
    for (ReleasePair pair : entry.pairs()) {
      batchOfClaim.remove(pair.position());
      finalClaims.add(pair.position());
      finalPaid++;
    }
    prune(last.height());
  }

  /** Forgets what no reorganization brings back. */
  private void prune(int height) {
    List<Entry> forgotten = new ArrayList<>();
    for (Entry entry : batches.values()) {
      boolean old =
          entry.status == Status.FINAL && entry.height + HORIZON < height
              || entry.status == Status.ABANDONED && entry.number + KEPT_ABANDONED < nextBatch;
      if (old) {
        forgotten.add(entry);
      }
    }
    for (Entry entry : forgotten) {
      batches.remove(entry.number);
      entry.attempts.forEach(batch -> byTxid.remove(batch.txid()));
    }
    closed
        .entrySet()
        .removeIf(
            claim -> {
              boolean old = claim.getValue().height() + HORIZON < height;
              if (old) {
                finalClaims.add(claim.getKey().longValue());
              }
              return old;
            });
  }

  private Entry entry(int number) {
    Entry entry = batches.get(number);
    require(entry != null, number, "is unknown");
    return entry;
  }

  private static void require(boolean condition, int batch, String what) {
    if (!condition) {
      throw new IllegalStateException(
          "settlement record does not follow: batch " + batch + ", " + what);
    }
  }

  /**
   * Whether settlement still needs the claim and its counter-signature, to be handed over after a
   * restart: false once it is final.
   */
  public boolean needs(long position) {
    return !finalClaims.contains(position);
  }

  /** How the claim ended outside our batches, if it did. */
  public Optional<ClaimOutcome> outcome(long position) {
    return Optional.ofNullable(closed.get(position)).map(SettlementRecord.ClaimClosed::outcome);
  }

  /** Satoshi of all confirmed batches. */
  public Account account() {
    return account;
  }

  int nextBatch() {
    return nextBatch;
  }

  Collection<Entry> entries() {
    return batches.values();
  }

  Optional<AttemptRef> attempt(Bytes32 txid) {
    return Optional.ofNullable(byTxid.get(txid));
  }

  /** The live or confirmed batch that holds the claim. */
  Optional<Entry> batchOf(long position) {
    return Optional.ofNullable(batchOfClaim.get(position)).map(batches::get);
  }

  Collection<SettlementRecord.ClaimClosed> closedClaims() {
    return closed.values();
  }

  boolean isClosed(long position) {
    return closed.containsKey(position);
  }

  /** Coins that live batches count on. */
  Set<Outpoint> reservedCoins() {
    Set<Outpoint> reserved = new HashSet<>();
    for (Entry entry : batches.values()) {
      if (entry.live()) {
        entry.attempts.forEach(
            batch -> batch.feeCoins().forEach(coin -> reserved.add(coin.outpoint())));
      }
    }
    return reserved;
  }

  /**
   * Numbers for people and programs.
   *
   * @param batchesStored all batches ever stored
   * @param inFlight claims in batches that are not confirmed
   * @param confirmed claims in confirmed batches that are not final
   * @param settled claims in final batches
   * @param paidElsewhere claims that a transaction of others paid
   * @param lost claims whose escrow went elsewhere
   * @param account satoshi of all confirmed batches
   * @param splitFees satoshi paid to split coins of the fee wallet
   */
  public record Totals(
      int batchesStored,
      long inFlight,
      long confirmed,
      long settled,
      long paidElsewhere,
      long lost,
      Account account,
      long splitFees) {}

  /** The totals now. */
  public Totals totals() {
    long inFlight = 0;
    long confirmed = 0;
    for (Entry entry : batches.values()) {
      inFlight += entry.live() ? entry.pairs().size() : 0;
      confirmed += entry.status == Status.CONFIRMED ? entry.pairs().size() : 0;
    }
    return new Totals(
        nextBatch - 1, inFlight, confirmed, finalPaid, paidElsewhere, lost, account, splitFees);
  }

  @Override
  public boolean equals(Object object) {
    return object instanceof SettlementState other
        && nextBatch == other.nextBatch
        && totals().equals(other.totals())
        && batches.values().stream()
            .map(Entry::toString)
            .toList()
            .equals(other.batches.values().stream().map(Entry::toString).toList())
        && batchOfClaim.equals(other.batchOfClaim)
        && closed.equals(other.closed)
        && finalClaims.equals(other.finalClaims);
  }

  @Override
  public int hashCode() {
    return Objects.hash(nextBatch, totals());
  }

  @Override
  public String toString() {
    return totals() + " " + batches.values() + " " + batchOfClaim + " " + closed;
  }
}
