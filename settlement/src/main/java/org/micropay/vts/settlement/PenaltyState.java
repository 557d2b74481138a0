package org.micropay.vts.settlement;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;

/**
 * Everything that the penalty knows for good: a fold over its journal records and nothing else. No
 * I/O, clock or randomness. Not thread-safe; the chain thread owns it.
 *
 * <pre>
 *  deposit:  proof -> stored -> broadcast -> confirmed -> final
 *                  -> gone (burnt by others, or taken back)
 * </pre>
 *
 * A reorganization takes each arrow backwards. One deposit may stand behind many escrows; it is
 * burnt once, for the first proof.
 */
public final class PenaltyState {
  /** Where a burn stands. The order is stored in snapshots and never changes. */
  public enum Status {
    /** Nothing is stored: the deposit came back after it was gone. */
    OPEN,
    /** Its bytes are in the journal. */
    STORED,
    /** The network has it. */
    BROADCAST,
    /** In a block. */
    CONFIRMED,
    /** Deep enough. */
    FINAL,
    /** A transaction of others spent the deposit. */
    GONE
  }

  /** One deposit with all transactions that burn it; the newest is the one to send. */
  static final class Entry {
    final long proof;
    final Outpoint deposit;
    final long value;
    final List<Burn> attempts = new ArrayList<>();
    Status status = Status.OPEN;
    int confirmedAttempt = -1;
    int height;
    Bytes32 hash = Bytes32.ZERO;
    DepositOutcome outcome;

    /** Satoshi that the confirmed burn took from the fee wallet. */
    long ownFee;

    /** Deep enough for good: its transactions are forgotten. */
    boolean buried;

    Entry(long proof, Outpoint deposit, long value) {
      this.proof = proof;
      this.deposit = deposit;
      this.value = value;
    }

    Burn latest() {
      return attempts.getLast();
    }

    boolean live() {
      return status == Status.STORED || status == Status.BROADCAST;
    }

    boolean confirmed() {
      return status == Status.CONFIRMED || status == Status.FINAL;
    }

    @Override
    public String toString() {
      return "burn %d of %s, %d: %s attempts %s confirmed %d at %d %s %s, %d%s"
          .formatted(
              proof,
              deposit,
              value,
              status,
              attempts.stream().map(Burn::txid).toList(),
              confirmedAttempt,
              height,
              hash,
              outcome,
              ownFee,
              buried ? ", buried" : "");
    }
  }

  private final TreeMap<Long, Entry> byProof = new TreeMap<>();
  private final Map<Outpoint, Entry> byDeposit = new HashMap<>();

  /**
   * Folds one record in.
   *
   * @throws IllegalStateException when it cannot follow what was folded before
   */
  public void apply(PenaltyRecord entry) {
    switch (entry) {
      case PenaltyRecord.BurnStored stored -> store(stored);
      case PenaltyRecord.BurnBroadcast sent -> broadcast(sent);
      case PenaltyRecord.BurnConfirmed confirmed -> confirm(confirmed);
      case PenaltyRecord.BurnUnconfirmed undone -> unconfirm(undone);
      case PenaltyRecord.BurnFinal last -> finish(last);
      case PenaltyRecord.DepositGone gone -> gone(gone);
      case PenaltyRecord.DepositReturned back -> returned(back);
    }
  }

  private void store(PenaltyRecord.BurnStored stored) {
    BurnPair pair = stored.content().pair();
    Entry entry = entry(stored.proof(), pair.outpoint(), pair.value());
    require(!entry.confirmed() && entry.status != Status.GONE, entry, "is over");
    require(stored.attempt() == entry.attempts.size(), entry, "attempt " + stored.attempt());
    entry.attempts.add(stored.content());
    entry.status = Status.STORED;
  }

  private Entry entry(long proof, Outpoint deposit, long value) {
    Entry entry = byDeposit.get(deposit);
    if (entry == null) {
      entry = new Entry(proof, deposit, value);
      byProof.put(proof, entry);
      byDeposit.put(deposit, entry);
    }
    require(entry.proof == proof, entry, "is burnt for another proof than " + proof);
    return entry;
  }

  private void broadcast(PenaltyRecord.BurnBroadcast sent) {
    Entry entry = entry(sent.proof());
    require(sent.attempt() < entry.attempts.size(), entry, "attempt " + sent.attempt());
    if (entry.status == Status.STORED && sent.attempt() == entry.attempts.size() - 1) {
      entry.status = Status.BROADCAST;
    }
  }

  private void confirm(PenaltyRecord.BurnConfirmed confirmed) {
    Entry entry = entry(confirmed.proof());
    require(entry.live() && confirmed.attempt() < entry.attempts.size(), entry, "is not live");
    entry.status = Status.CONFIRMED;
    entry.confirmedAttempt = confirmed.attempt();
    entry.height = confirmed.height();
    entry.hash = confirmed.blockHash();
    entry.ownFee = entry.attempts.get(confirmed.attempt()).ownFee();
    bury(confirmed.height());
  }

  /**
   * Forgets the transactions of what no reorganization brings back. The deposit itself is never
   * forgotten: a proof of its buyer's double-spend may come again.
   */
  private void bury(int height) {
    for (Entry entry : byProof.values()) {
      boolean over = entry.status == Status.FINAL || entry.status == Status.GONE;
      if (over && !entry.buried && entry.height < height - SettlementState.HORIZON) {
        entry.buried = true;
        entry.attempts.clear();
      }
    }
  }

  private void unconfirm(PenaltyRecord.BurnUnconfirmed undone) {
    Entry entry = entry(undone.proof());
    require(
        entry.confirmed() && !entry.buried && entry.confirmedAttempt == undone.attempt(),
        entry,
        "not confirmed, or buried");
    open(entry, Status.BROADCAST);
  }

  private static void open(Entry entry, Status status) {
    entry.status = status;
    entry.confirmedAttempt = -1;
    entry.height = 0;
    entry.hash = Bytes32.ZERO;
    entry.outcome = null;
    entry.ownFee = 0;
  }

  private void finish(PenaltyRecord.BurnFinal last) {
    Entry entry = entry(last.proof());
    require(entry.status == Status.CONFIRMED, entry, "is not confirmed");
    entry.status = Status.FINAL;
    bury(last.height());
  }

  private void gone(PenaltyRecord.DepositGone gone) {
    Entry entry = entry(gone.proof(), gone.outpoint(), gone.value());
    require(!entry.confirmed() && entry.status != Status.GONE, entry, "is over");
    entry.status = Status.GONE;
    entry.outcome = gone.outcome();
    entry.height = gone.height();
    entry.hash = gone.txid();
    bury(gone.height());
  }

  private void returned(PenaltyRecord.DepositReturned back) {
    Entry entry = entry(back.proof());
    require(entry.status == Status.GONE && !entry.buried, entry, "is not gone, or buried");
    open(entry, entry.attempts.isEmpty() ? Status.OPEN : Status.BROADCAST);
  }

  private Entry entry(long proof) {
    Entry entry = byProof.get(proof);
    if (entry == null) {
      throw new IllegalStateException("penalty record does not follow: no burn for " + proof);
    }
    return entry;
  }

  private static void require(boolean condition, Entry entry, String what) {
    if (!condition) {
      throw new IllegalStateException("penalty record does not follow: " + entry + ", " + what);
    }
  }

  /** Whether the proof may still need the VTS's signature over the burn, after a restart. */
  public boolean needs(long proof) {
    Entry entry = byProof.get(proof);
    return entry == null || entry.attempts.isEmpty() && !entry.buried;
  }

  /** Whether it is for another proof that a burn of the deposit was begun. */
  public boolean isBurntForAnother(long proof, Outpoint deposit) {
    Entry entry = byDeposit.get(deposit);
    return entry != null && entry.proof != proof;
  }

  /** Takes an entry as a snapshot holds it. */
  void restore(Entry entry) {
    byProof.put(entry.proof, entry);
    byDeposit.put(entry.deposit, entry);
  }

  Collection<Entry> entries() {
    return byProof.values();
  }

  Optional<Entry> on(Outpoint deposit) {
    return Optional.ofNullable(byDeposit.get(deposit));
  }

  /** Coins that live burns count on. */
  Set<Outpoint> reservedCoins() {
    Set<Outpoint> reserved = new HashSet<>();
    for (Entry entry : byProof.values()) {
      if (entry.live()) {
        entry.attempts.forEach(
            burn -> burn.feeCoins().forEach(coin -> reserved.add(coin.outpoint())));
      }
    }
    return reserved;
  }

  /**
   * Numbers for people and programs.
   *
   * @param waiting deposits whose burn is not confirmed
   * @param confirmed deposits whose burn is confirmed but not final
   * @param burned deposits whose burn is final
   * @param burnedElsewhere deposits that a transaction of others burnt
   * @param takenBack deposits that their buyers took back before the burn
   * @param satoshi burnt by confirmed burns, their fees included
   * @param ownFees satoshi that the fee wallet added
   */
  public record Totals(
      int waiting,
      int confirmed,
      int burned,
      int burnedElsewhere,
      int takenBack,
      long satoshi,
      long ownFees) {}

  /** The totals now. */
  public Totals totals() {
    int[] count = new int[5];
    long satoshi = 0;
    long ownFees = 0;
    for (Entry entry : byProof.values()) {
      switch (entry.status) {
        case OPEN, STORED, BROADCAST -> count[0]++;
        case CONFIRMED -> count[1]++;
        case FINAL -> count[2]++;
        case GONE -> count[entry.outcome == DepositOutcome.BURNED_ELSEWHERE ? 3 : 4]++;
      }
      if (entry.confirmed()) {
        satoshi = Math.addExact(satoshi, entry.value);
        ownFees = Math.addExact(ownFees, entry.ownFee);
      }
    }
    return new Totals(count[0], count[1], count[2], count[3], count[4], satoshi, ownFees);
  }

  @Override
  public boolean equals(Object object) {
    return object instanceof PenaltyState other && toString().equals(other.toString());
  }

  @Override
  public int hashCode() {
    return toString().hashCode();
  }

  @Override
  public String toString() {
    return byProof.values().toString();
  }
}
