package org.micropay.vts.ledger;

import java.lang.foreign.Arena;
import java.lang.invoke.VarHandle;
import java.util.function.Supplier;

/**
 * Everything that the ledger knows, and the one place where a command becomes part of it.
 *
 * <p>Native memory is this object's and goes with {@link #close}. One thread writes. Other threads
 * reach the tables and the volatile fields through {@link LedgerView} only.
 */
final class LedgerState implements AutoCloseable {
  private static final VarHandle CLOCK =
      Fields.handle(LedgerState.class, "clockMillis", long.class);
  private static final long SCALARS_TAG = 7;

  final StateDigest digest = new StateDigest();
  final EscrowTable escrows;
  final DepositTable deposits;
  final HashIndex escrowByOutpoint;
  final HashIndex escrowByTerms;
  final HashIndex escrowByClaim;
  final HashIndex depositByOutpoint;
  final TermsHasher terms;

  private final Arena arena;
  private final long hashKey0;
  private final long hashKey1;
  private byte[] encodedPolicy;
  private volatile LedgerPolicy policy;
  private volatile TipInfo tip = TipInfo.UNKNOWN;
  private long clockMillis;
  private long lastPosition;
  private long lastDigestPosition;

  /** Next slot to be looked at for retirement. */
  int retireCursor;

  /** Greatest height of a spend by which a granted escrow was retired. */
  int highestRetiredSpend;

  /** A reorganisation undid a block that a retired, granted escrow was spent in or after. */
  boolean registrationsClosed;

  // What follows is not state: it is never replayed, and only ever makes live answers stricter.

  /** Latest time that any command came with. */
  private long latestMillis;

  /** Spends of the next block were seen, the block itself not yet. */
  boolean blockPending;

  // What the last command came to.
  private int journalType;
  private long receiptPosition;

  private LedgerState(LedgerPolicy policy, int escrowSlots, int depositSlots, Arena arena) {
    this.arena = arena;
    this.policy = policy;
    hashKey0 = policy.hashKey0();
    hashKey1 = policy.hashKey1();
    encodedPolicy = policy.encode();
    escrows = new EscrowTable(arena, escrowSlots, digest);
    deposits = new DepositTable(arena, depositSlots, digest);
    escrowByOutpoint = new HashIndex(arena, escrowSlots);
    escrowByTerms = new HashIndex(arena, escrowSlots);
    escrowByClaim = new HashIndex(arena, escrowSlots);
    depositByOutpoint = new HashIndex(arena, depositSlots);
    terms = new TermsHasher(policy);
  }

  /** An empty state with memory for at least the policy's capacities, or more when asked. */
  static LedgerState create(LedgerPolicy policy, int escrowSlots, int depositSlots) {
    return create(policy, escrowSlots, depositSlots, Arena::ofShared);
  }

  /** The same in memory that the caller provides; the arena is the state's. */
  static LedgerState create(
      LedgerPolicy policy, int escrowSlots, int depositSlots, Supplier<Arena> memory) {
    Arena arena = memory.get();
    try {
      return new LedgerState(
          policy,
          Math.max(policy.escrowCapacity(), escrowSlots),
          Math.max(policy.depositCapacity(), depositSlots),
          arena);
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  static long bytesFor(int escrows, int deposits) {
    return (long) escrows * EscrowTable.ENTRY_BYTES
        + 3 * HashIndex.bytesFor(escrows)
        + (long) deposits * DepositTable.ENTRY_BYTES
        + HashIndex.bytesFor(deposits);
  }

  long memoryBytes() {
    return escrows.slots().memory().bytes()
        + deposits.slots().memory().bytes()
        + escrowByOutpoint.bytes()
        + escrowByTerms.bytes()
        + escrowByClaim.bytes()
        + depositByOutpoint.bytes();
  }

  @Override
  public void close() {
    arena.close();
  }

  // ---- reading

  LedgerPolicy policy() {
    return policy;
  }

  TipInfo tip() {
    return tip;
  }

  /** Latest journaled time; any thread. */
  long clockMillis() {
    return (long) CLOCK.getAcquire(this);
  }

  long lastPosition() {
    return lastPosition;
  }

  long lastDigestPosition() {
    return lastDigestPosition;
  }

  int journalType() {
    return journalType;
  }

  long receiptPosition() {
    return receiptPosition;
  }

  int fingerprint(byte[] key, int offset, int length) {
    return (int) SipHash.hash(hashKey0, hashKey1, key, offset, length);
  }

  long hashKey0() {
    return hashKey0;
  }

  long hashKey1() {
    return hashKey1;
  }

  /** From now on the digest is summed up in lots; writer only. */
  void digestInLots(KeyedHashes hashes) {
    digest.hashInLots(hashes, arena, EscrowTable.COMPONENT_LENGTHS);
  }

  /** From now on the digest is summed up with each record again; writer only. */
  void digestAtOnce() {
    digest.hashAtOnce();
  }

  /** Slot of the escrow with this outpoint, or NONE. Writer only. */
  int findEscrow(byte[] outpoint, int offset) {
    return findEscrow(outpoint, offset, fingerprint(outpoint, offset, EscrowTable.KEY_LENGTH));
  }

  /** The same with the outpoint's fingerprint at hand. */
  int findEscrow(byte[] outpoint, int offset, int fingerprint) {
    int cell = escrowByOutpoint.first(fingerprint);
    while (cell != HashIndex.NONE) {
      int slot = escrowByOutpoint.slot(cell);
      if (escrows.hasOutpoint(slot, outpoint, offset)) {
        return slot;
      }
      cell = escrowByOutpoint.next(fingerprint, cell);
    }
    return SlotTable.NONE;
  }

  /** Slot of the deposit with this outpoint, or NONE. Writer only. */
  int findDeposit(byte[] outpoint, int offset) {
    return findDeposit(outpoint, offset, fingerprint(outpoint, offset, EscrowTable.KEY_LENGTH));
  }

  /** The same with the outpoint's fingerprint at hand. */
  int findDeposit(byte[] outpoint, int offset, int fingerprint) {
    int cell = depositByOutpoint.first(fingerprint);
    while (cell != HashIndex.NONE) {
      int slot = depositByOutpoint.slot(cell);
      if (deposits.hasOutpoint(slot, outpoint, offset)) {
        return slot;
      }
      cell = depositByOutpoint.next(fingerprint, cell);
    }
    return SlotTable.NONE;
  }

  // ---- commands

  /** Starts a command and returns the time that it is decided at, which never goes backwards. */
  long arrive(long timeMillis) {
    journalType = 0;
    receiptPosition = 0;
    latestMillis = Math.max(latestMillis, timeMillis);
    return latestMillis;
  }

  /** Time of the ledger's clock once a record with this time is part of the state. */
  long clockAfter(long timeMillis) {
    return Math.max(clockMillis, timeMillis);
  }

  /** Checks, before anything is changed, that a record of this type may come at this position. */
  void requireNext(long position, RecordType type) {
    if (position != lastPosition + 1) {
      throw new IllegalStateException(
          "%s at position %d cannot follow position %d".formatted(type, position, lastPosition));
    }
    if (lastPosition == 0 && type != RecordType.CONFIG) {
      throw new IllegalStateException("the first record must be CONFIG, not " + type);
    }
  }

  /** Ends a command that changed the state. */
  void commit(long position, long timeMillis, RecordType type) {
    lastPosition = position;
    journalType = type.number();
    receiptPosition = position;
    CLOCK.setRelease(this, clockAfter(timeMillis));
  }

  /** The position that the answer names although nothing is journaled. */
  void answerWith(long position) {
    receiptPosition = position;
  }

  void setPolicy(LedgerPolicy next) {
    if (!policy.canBecome(next)
        || next.escrowCapacity() > escrows.slots().capacity()
        || next.depositCapacity() > deposits.slots().capacity()) {
      throw new IllegalArgumentException(
          "a ledger made for %s cannot go on under %s".formatted(policy, next));
    }
    policy = next;
    encodedPolicy = next.encode();
  }

  void setTip(TipInfo next) {
    tip = next;
  }

  void digestTaken(long position) {
    lastDigestPosition = position;
  }

  /** Scalars from a snapshot. */
  void restore(long position, long clock, long digestPosition, TipInfo restoredTip) {
    lastPosition = position;
    lastDigestPosition = digestPosition;
    tip = restoredTip;
    latestMillis = clock;
    CLOCK.setRelease(this, clock);
  }

  // ---- digest

  long digestLow() {
    return scalars().lowWithComponent();
  }

  long digestHigh() {
    return scalars().highWithComponent();
  }

  private StateDigest scalars() {
    TipInfo now = tip;
    SlotTable slots = escrows.slots();
    SlotTable depositSlots = deposits.slots();
    return digest
        .component(SCALARS_TAG)
        .with(lastPosition)
        .with(lastDigestPosition)
        .with(clockMillis)
        .with(now.height())
        .with(now.seenMillis())
        .with((long) slots.highWater() << 32 | slots.freeHead() + 1)
        .with(slots.freeCount())
        .with((long) depositSlots.highWater() << 32 | depositSlots.freeHead() + 1)
        .with(depositSlots.freeCount())
        .with((long) retireCursor << 32 | highestRetiredSpend)
        .with(registrationsClosed ? 1 : 0)
        .with(now.hash())
        .with(encodedPolicy, 0, encodedPolicy.length);
  }
}
