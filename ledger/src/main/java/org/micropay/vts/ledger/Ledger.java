package org.micropay.vts.ledger;

import java.lang.foreign.Arena;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.ClaimView;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.Registration;
import org.micropay.vts.ticket.RegistrationView;

/**
 * The deterministic core: which escrows exist, which claim was granted on each, what is a
 * double-spend. No I/O, no clock, no threads, no randomness: time and position are arguments, and
 * the same commands at the same positions always lead to the same answers and the same state.
 *
 * <p>It is keyed by outpoint, because value, payout and odds are not in the escrow's script: keyed
 * by terms, one output could be registered twice and granted twice.
 *
 * <p>Every method that changes the state does so as exactly one journal record. The caller passes
 * the position that the record will get, asks {@link #journalType()} afterwards, and, unless that
 * is 0, journals the record under that type, position and time, makes it durable before the answer
 * leaves, and goes on with the next position. The first record is CONFIG ({@link #configure}).
 * {@link #apply} takes the records back through the same code; a claim is decided again, and a
 * record that does not follow from the ones before is refused.
 *
 * <p>Time: a command is decided at the latest time that any command came with. The journal knows
 * the times of records only, so that a replay may decide at an earlier time than the live ledger
 * did; since the rules refuse more and never less as time goes on, it grants what was granted.
 *
 * <p>The ledger owns native memory, fixed by its policy's capacities, until {@link #close}. One
 * thread calls it; other threads read through {@link #view()}. {@link #decide} allocates nothing.
 * An {@link IllegalStateException} means that the state or the caller is broken and is fatal.
 */
public final class Ledger implements AutoCloseable {
  private final LedgerState state;
  private final ClaimRules rules;
  private final Registrar registrar;
  private final ChainEvents chain;
  private final LedgerView view;
  private final LedgerRecords records;
  private long grantPosition;

  private Ledger(LedgerState state, ClaimRules rules) {
    this(state, rules, new Retirement(state));
  }

  Ledger(LedgerState state, ClaimRules rules, Retirement retirement) {
    this.state = state;
    this.rules = rules;
    registrar = new Registrar(state, rules, retirement);
    chain = new ChainEvents(state, retirement);
    view = new LedgerView(state, rules);
    records = new LedgerRecords(this, state, registrar, chain);
  }

  /** An empty ledger with the memory that the policy's capacities need. */
  public static Ledger create(LedgerPolicy policy) {
    return create(policy, 0, 0);
  }

  /**
   * An empty ledger with memory for more than the policy's capacities: for replaying a journal in
   * which a later CONFIG raises them.
   */
  public static Ledger create(LedgerPolicy policy, int escrowSlots, int depositSlots) {
    return create(policy, escrowSlots, depositSlots, Arena::ofShared);
  }

  /**
   * The same in memory of the caller's choice.
   *
   * @param memory gives an arena that any thread may use, with memory that is zero; the ledger
   *     closes it
   */
  public static Ledger create(
      LedgerPolicy policy, int escrowSlots, int depositSlots, Supplier<Arena> memory) {
    return new Ledger(
        LedgerState.create(policy, escrowSlots, depositSlots, memory), new ClaimRules());
  }

  /**
   * A ledger as {@link #writeSnapshot} left it; replay goes on at {@link #lastPosition()} + 1.
   *
   * @throws IllegalArgumentException when the snapshot is damaged or of another format
   */
  public static Ledger loadSnapshot(SnapshotSource source) {
    return loadSnapshot(source, 0, 0);
  }

  /** The same, with memory for at least so many escrows and deposits. */
  public static Ledger loadSnapshot(SnapshotSource source, int escrowSlots, int depositSlots) {
    return loadSnapshot(
        source, escrowSlots, depositSlots, Arena::ofShared, Runnable::run, TermsDigests.jdk());
  }

  /**
   * The same; the indexes, half of the work, are built by {@code indexing}, which runs what it is
   * given one after the other, and calls {@code terms} from there. {@code memory} as of {@link
   * #create(LedgerPolicy, int, int, Supplier)}.
   */
  public static Ledger loadSnapshot(
      SnapshotSource source,
      int escrowSlots,
      int depositSlots,
      Supplier<Arena> memory,
      Executor indexing,
      TermsDigests terms) {
    return new Ledger(
        Snapshot.load(source, escrowSlots, depositSlots, memory, indexing, terms),
        new ClaimRules());
  }

  /** Writes the whole state; see {@link Snapshot} for the format. */
  public void writeSnapshot(SnapshotSink sink) {
    Snapshot.write(state, sink);
  }

  /** Frees the native memory; views throw IllegalStateException from then on. */
  @Override
  public void close() {
    state.close();
  }

  /** Bytes of native memory that a ledger of these capacities takes. */
  public static long memoryBytes(int escrowCapacity, int depositCapacity) {
    return LedgerState.bytesFor(escrowCapacity, depositCapacity);
  }

  /** Bytes of native memory that this ledger took. */
  public long memoryBytes() {
    return state.memoryBytes();
  }

  /** For reading by any thread. */
  public LedgerView view() {
    return view;
  }

  /** The policy in force. */
  public LedgerPolicy policy() {
    return state.policy();
  }

  /** Position of the last record that is part of the state; 0 before the first. */
  public long lastPosition() {
    return state.lastPosition();
  }

  /** The latest time of any record, Unix milliseconds. */
  public long clockMillis() {
    return state.clockMillis();
  }

  /** Number of the {@link RecordType} to journal after the last command; 0 for nothing. */
  public int journalType() {
    return state.journalType();
  }

  /**
   * The position that the last command's answer names: of the grant for GRANTED, of the first proof
   * for DOUBLE_SPEND, of the registration for REGISTERED; 0 for a refusal.
   */
  public long receiptPosition() {
    return state.receiptPosition();
  }

  /** Position of the grant that the last DOUBLE_SPEND was decided against. */
  public long grantPosition() {
    return grantPosition;
  }

  /** Takes one output that the ledger follows on the chain. */
  @FunctionalInterface
  public interface OutputVisitor {
    /**
     * An escrow or a deposit.
     *
     * @param outpoint 36 bytes, valid during the call only
     * @param fundedHeight height of the block that holds it; 0 when none does
     * @param spentHeight height of the block that spends it; 0 when none does
     */
    void onOutput(byte[] outpoint, int fundedHeight, int spentHeight);
  }

  /** Every output that the ledger follows, for whoever watches the chain. The ledger's thread. */
  public void forEachOutput(OutputVisitor visitor) {
    byte[] core = new byte[EscrowTable.CORE_LENGTH];
    byte[] outpoint = new byte[Outpoint.LENGTH];
    EscrowTable escrows = state.escrows;
    for (int slot = 0; slot < escrows.slots().highWater(); slot++) {
      if (escrows.isLive(slot)) {
        escrows.copyCore(slot, core, 0);
        System.arraycopy(core, 0, outpoint, 0, Outpoint.LENGTH);
        visitor.onOutput(outpoint, escrows.fundedHeight(slot), escrows.spentHeight(slot));
      }
    }
    DepositTable deposits = state.deposits;
    for (int slot = 0; slot < deposits.slots().highWater(); slot++) {
      if (deposits.isLive(slot)) {
        deposits.copyOutpoint(slot, outpoint, 0);
        visitor.onOutput(outpoint, deposits.fundedHeight(slot), deposits.spentHeight(slot));
      }
    }
  }

  // ---- claims

  /**
   * Decides on a claim whose form, opening, win and signatures were verified.
   *
   * @param position the next position, which the record gets if there is one
   * @param timeMillis when the claim arrived, Unix milliseconds
   * @param claim the claim; looked at during the call only
   * @param claimId array that holds the claim's id
   * @param claimIdOffset where its 32 bytes begin
   * @return number of an {@link AnswerCode}: GRANTED, DOUBLE_SPEND or a refusal
   */
  public int decide(
      long position, long timeMillis, ClaimView claim, byte[] claimId, int claimIdOffset) {
    return decide(
        position,
        timeMillis,
        claim,
        view.outpointHash(claim),
        claimId,
        claimIdOffset,
        view.claimIdHash(claimId, claimIdOffset));
  }

  /** The same with {@link LedgerView#outpointHash} and {@link LedgerView#claimIdHash} at hand. */
  public int decide(
      long position,
      long timeMillis,
      ClaimView claim,
      int outpointHash,
      byte[] claimId,
      int claimIdOffset,
      int claimIdHash) {
    long now = state.arrive(timeMillis);
    grantPosition = 0;
    LedgerPolicy policy = state.policy();
    byte[] bytes = claim.buffer();
    if (claim.network() != policy.network()) {
      return AnswerCode.WRONG_NETWORK.number();
    }
    if (!policy.vtsKey().equalsAt(bytes, claim.vtsKeyOffset())) {
      return AnswerCode.WRONG_VTS_KEY.number();
    }
    EscrowTable escrows = state.escrows;
    int slot = state.findEscrow(bytes, claim.outpointOffset(), outpointHash);
    if (slot == SlotTable.NONE) {
      return AnswerCode.UNKNOWN_ESCROW.number();
    }
    if (!escrows.hasCore(slot, bytes, claim.outpointOffset())) {
      return AnswerCode.TERMS_MISMATCH.number();
    }
    long granted = escrows.grantPosition(slot);
    if (granted != 0 && escrows.hasClaimId(slot, claimId, claimIdOffset)) {
      state.answerWith(granted);
      return AnswerCode.GRANTED.number();
    }
    if (rules.isExpired(now, claim.expiry())) {
      return AnswerCode.EXPIRED.number();
    }
    if (granted != 0) {
      return doubleSpend(position, timeMillis, slot);
    }
    int objection =
        rules.checkChain(
            policy,
            state.tip(),
            now,
            escrows.fundedHeight(slot),
            escrows.spentHeight(slot),
            escrows.refundHeight(slot));
    return objection == ClaimRules.ACCEPTED
        ? grant(position, timeMillis, slot, claimId, claimIdOffset, claimIdHash)
        : objection;
  }

  private int grant(
      long position,
      long timeMillis,
      int slot,
      byte[] claimId,
      int claimIdOffset,
      int claimIdHash) {
    state.requireNext(position, RecordType.GRANT);
    state.escrows.writeGrant(slot, position, claimId, claimIdOffset);
    state.escrowByClaim.insert(claimIdHash, slot);
    state.commit(position, timeMillis, RecordType.GRANT);
    return AnswerCode.GRANTED.number();
  }

  private int doubleSpend(long position, long timeMillis, int slot) {
    grantPosition = state.escrows.grantPosition(slot);
    long first = state.escrows.doubleSpendPosition(slot);
    if (first != 0) {
      state.answerWith(first);
      return AnswerCode.DOUBLE_SPEND.number();
    }
    state.requireNext(position, RecordType.DOUBLE_SPEND);
    state.escrows.writeDoubleSpend(slot, position);
    state.commit(position, timeMillis, RecordType.DOUBLE_SPEND);
    return AnswerCode.DOUBLE_SPEND.number();
  }

  // ---- commands; each returns 0, REGISTERED, or the number of the AnswerCode that refuses it

  /**
   * Puts a policy in force: the one that the ledger was created with as the first record, and any
   * changed one later.
   *
   * @throws IllegalArgumentException when the ledger cannot go on under it: another network, VTS
   *     key or hash key, or more capacity than the ledger has memory for
   */
  public int configure(long position, long timeMillis, LedgerPolicy policy) {
    state.arrive(timeMillis);
    state.requireNext(position, RecordType.CONFIG);
    state.setPolicy(policy);
    state.commit(position, timeMillis, RecordType.CONFIG);
    return ClaimRules.ACCEPTED;
  }

  /**
   * Registers an escrow whose signatures, and whose outputs' scripts and values, were verified.
   *
   * @param fundedHeight height of the block that holds the escrow's output
   * @param depositFundedHeight the same of the deposit's output; 0 without a deposit
   * @param seenAtTip hash of the tip at which both were seen confirmed and unspent
   * @return REGISTERED (again: without a record, with the first position), OUTPOINT_TAKEN,
   *     BAD_DEPOSIT, CHAIN_STALE, FUNDING_NOT_FOUND, REFUND_TOO_NEAR, LEDGER_FULL, WRONG_NETWORK or
   *     WRONG_VTS_KEY
   */
  public int register(
      long position,
      long timeMillis,
      Registration registration,
      int fundedHeight,
      int depositFundedHeight,
      Bytes32 seenAtTip) {
    byte[] bytes = registration.encode();
    RegistrationView request = new RegistrationView().wrap(bytes, 0, bytes.length);
    return registrar.register(
        position,
        timeMillis,
        request,
        fundedHeight,
        depositFundedHeight,
        seenAtTip.toArray(),
        0,
        state.fingerprint(bytes, request.outpointOffset(), EscrowTable.KEY_LENGTH),
        Registrar.UNHASHED);
  }

  /**
   * A block was put on the tip; the first one may have any height. See {@link ChainEvents} for the
   * order of events.
   *
   * @return 0, or CHAIN_STALE when it does not follow the ledger's tip
   */
  public int blockConnected(
      long position, long timeMillis, int height, Bytes32 hash, Bytes32 parentHash) {
    return chain.blockConnected(position, timeMillis, height, hash, parentHash);
  }

  /** The tip was undone; the arguments are the undone block's. 0, or CHAIN_STALE. */
  public int blockDisconnected(
      long position, long timeMillis, int height, Bytes32 hash, Bytes32 parentHash) {
    return chain.blockDisconnected(position, timeMillis, height, hash, parentHash);
  }

  /** A registered output stands in the block of this height. */
  public int escrowFunded(long position, long timeMillis, Outpoint outpoint, int height) {
    return outpointEvent(position, timeMillis, RecordType.ESCROW_FUNDED, outpoint, height);
  }

  /** The block of this height, in which it stood, was undone. */
  public int escrowUnfunded(long position, long timeMillis, Outpoint outpoint, int height) {
    return outpointEvent(position, timeMillis, RecordType.ESCROW_UNFUNDED, outpoint, height);
  }

  /** It is spent in the block of this height. */
  public int escrowSpent(long position, long timeMillis, Outpoint outpoint, int height) {
    return outpointEvent(position, timeMillis, RecordType.ESCROW_SPENT, outpoint, height);
  }

  /** The block of this height, in which it was spent, was undone. */
  public int escrowUnspent(long position, long timeMillis, Outpoint outpoint, int height) {
    return outpointEvent(position, timeMillis, RecordType.ESCROW_UNSPENT, outpoint, height);
  }

  private int outpointEvent(
      long position, long timeMillis, RecordType type, Outpoint outpoint, int height) {
    return chain.outpointEvent(position, timeMillis, type, outpoint.encode(), 0, height);
  }

  /** The clock moves on; no record when it does not. */
  public int tick(long position, long timeMillis) {
    return chain.tick(position, timeMillis);
  }

  /** The chain was just seen to have this tip still. 0, or CHAIN_STALE when it is not ours. */
  public int tickWithTip(long position, long timeMillis, int height, Bytes32 hash) {
    return chain.tickWithTip(position, timeMillis, height, hash);
  }

  // ---- digest

  /** Whether digestInterval records were written since the last STATE_DIGEST. */
  public boolean isDigestDue() {
    int interval = state.policy().digestInterval();
    return interval != 0 && state.lastPosition() - state.lastDigestPosition() >= interval;
  }

  /** Writes the payload of a STATE_DIGEST record for the present state; returns its length. */
  public int encodeStateDigest(MutableDirectBuffer target, int offset) {
    return StateDigestRecord.encode(target, offset, stateDigestLow(), stateDigestHigh());
  }

  /** Low half of the state digest. */
  public long stateDigestLow() {
    return state.digestLow();
  }

  /** High half of the state digest. */
  public long stateDigestHigh() {
    return state.digestHigh();
  }

  // ---- records

  /**
   * A command in the form of its record, as it comes through the ring. All types but GRANT and
   * DOUBLE_SPEND, which only {@link #decide} can lead to.
   *
   * @return as the method for the command; MALFORMED for a payload of the wrong form
   */
  public int execute(
      long position, int type, long timeMillis, DirectBuffer payload, int offset, int length) {
    return records.execute(position, type, timeMillis, payload, offset, length);
  }

  /**
   * Replays one journal record.
   *
   * @throws LedgerMismatchException when the record cannot follow the ones before it
   */
  public void apply(
      long position, int type, long timeMillis, DirectBuffer payload, int offset, int length) {
    records.apply(position, type, timeMillis, payload, offset, length, null, 0);
  }

  /**
   * Replays one journal record of which something is known ahead.
   *
   * @param ahead of this ledger, {@link ReplayAhead#run run} since it took the record
   * @param index what {@link ReplayAhead#add} returned for it
   * @throws LedgerMismatchException when the record cannot follow the ones before it
   */
  public void apply(
      long position,
      int type,
      long timeMillis,
      DirectBuffer payload,
      int offset,
      int length,
      ReplayAhead ahead,
      int index) {
    records.apply(position, type, timeMillis, payload, offset, length, ahead, index);
  }

  /**
   * What makes a replay fast: looks up a batch of records at the same time, before they are
   * applied. Native memory in {@code arena}; used by the ledger's thread.
   *
   * @param records in a batch, at most
   * @param terms hashes the terms of a batch's registrations
   */
  public ReplayAhead newReplayAhead(Arena arena, int records, TermsDigests terms) {
    return newReplayAhead(arena, records, terms, KeyedHashes.oneByOne(EscrowTable.KEY_LENGTH));
  }

  /** The same; {@code hashes} hashes the keys that the batch looks up. */
  public ReplayAhead newReplayAhead(
      Arena arena, int records, TermsDigests terms, KeyedHashes hashes) {
    return new ReplayAhead(state, arena, records, terms, hashes);
  }

  /**
   * For a replay: what changes in the state digest is hashed many components at a time from now on,
   * instead of with each record. The digest stays the same.
   */
  public void digestInLots(KeyedHashes hashes) {
    state.digestInLots(hashes);
  }

  /** After a replay, for whoever goes on with the ledger: with each record again. */
  public void digestAtOnce() {
    state.digestAtOnce();
  }
}
