package org.micropay.vts.ledger;

import java.util.Optional;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.ClaimView;
import org.micropay.vts.ticket.Deposit;
import org.micropay.vts.ticket.Outpoint;

/**
 * Reads the ledger while its thread writes. Any thread, without a lock; it owns nothing and throws
 * IllegalStateException once the ledger is closed. {@link #status} allocates nothing.
 *
 * <p>What is read may be older than the ledger, never torn. A probe of an index gives a slot. The
 * slot's stamp is taken, then its key is compared and every field is read, then the stamp is
 * checked: unchanged and even, it proves that key and fields stood there together, whatever was
 * retired and registered meanwhile. An answer "not there" is believed only if no cell of the index
 * moved during the probe. A reader that is disturbed starts again; {@link #status}, which has a
 * safe way out, gives up after {@value #ATTEMPTS} times and leaves the claim to the ledger.
 */
public final class LedgerView {
  /** Answer of {@link #status}: verify the signatures and let the ledger decide. */
  public static final int UNDECIDED = 0;

  private static final int ATTEMPTS = 64;
  private static final int RETRY = -1;

  private final LedgerState state;
  private final ClaimRules rules;

  LedgerView(LedgerState state, ClaimRules rules) {
    this.state = state;
    this.rules = rules;
  }

  /** The chain's tip. */
  public TipInfo tip() {
    return state.tip();
  }

  /** The policy in force. */
  public LedgerPolicy policy() {
    return state.policy();
  }

  /** The latest time of any record, Unix milliseconds. */
  public long clockMillis() {
    return state.clockMillis();
  }

  /** Whether the chain's tip was not seen for too long, at this time, to grant anything. */
  public boolean isChainStale(long timeMillis) {
    return rules.isStale(state.policy(), state.tip(), now(timeMillis));
  }

  /** Live escrows; approximate while the writer works. */
  public int escrowCount() {
    return state.escrowByOutpoint.size();
  }

  private long now(long timeMillis) {
    return Math.max(timeMillis, state.clockMillis());
  }

  // ---- claims

  /** Hash of the claim's outpoint under the ledger's key, by which its escrow is found. */
  public int outpointHash(ClaimView claim) {
    return state.fingerprint(claim.buffer(), claim.outpointOffset(), EscrowTable.KEY_LENGTH);
  }

  /** Hash of a claim id, 32 bytes, under the ledger's key. */
  public int claimIdHash(byte[] claimId, int offset) {
    return state.fingerprint(claimId, offset, EscrowTable.CLAIM_ID_LENGTH);
  }

  /** For one thread that looks up batches of at most {@code capacity} claims. */
  public LookAhead newLookAhead(int capacity) {
    return new LookAhead(state, capacity);
  }

  /**
   * What the ledger would say now to a well-formed claim, before anything dear is checked.
   *
   * <p>Refusals ({@code UNKNOWN_ESCROW} and above) may be sent at once: each was true at some
   * moment since the claim arrived. GRANTED means that this very claim id was granted, DOUBLE_SPEND
   * that another was; both only foretell, and the ledger must still answer, after the signatures
   * were verified.
   *
   * @return {@link #UNDECIDED}, or the number of an {@link AnswerCode}
   */
  public int status(long timeMillis, ClaimView claim, byte[] claimId, int claimIdOffset) {
    return status(timeMillis, claim, outpointHash(claim), claimId, claimIdOffset);
  }

  /** The same with the claim's {@link #outpointHash} at hand. */
  public int status(
      long timeMillis, ClaimView claim, int outpointHash, byte[] claimId, int claimIdOffset) {
    LedgerPolicy policy = state.policy();
    if (claim.network() != policy.network()) {
      return AnswerCode.WRONG_NETWORK.number();
    }
    if (!policy.vtsKey().equalsAt(claim.buffer(), claim.vtsKeyOffset())) {
      return AnswerCode.WRONG_VTS_KEY.number();
    }
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      int code = tryStatus(policy, timeMillis, claim, outpointHash, claimId, claimIdOffset);
      if (code != RETRY) {
        return code;
      }
      Thread.onSpinWait();
    }
    return UNDECIDED;
  }

  private int tryStatus(
      LedgerPolicy policy,
      long timeMillis,
      ClaimView claim,
      int fingerprint,
      byte[] claimId,
      int claimIdOffset) {
    HashIndex index = state.escrowByOutpoint;
    int version = index.version();
    byte[] bytes = claim.buffer();
    int key = claim.outpointOffset();
    int cell = index.first(fingerprint);
    while (cell != HashIndex.NONE) {
      int slot = index.slot(cell);
      if (slot == SlotTable.NONE) {
        return RETRY;
      }
      int stamp = state.escrows.slots().stamp(slot);
      boolean found = state.escrows.hasOutpoint(slot, bytes, key);
      int code = found ? evaluate(policy, timeMillis, slot, claim, claimId, claimIdOffset) : 0;
      if (!state.escrows.slots().unchanged(slot, stamp)) {
        return RETRY;
      }
      if (found) {
        return code;
      }
      cell = index.next(fingerprint, cell);
    }
    return index.unchanged(version) ? AnswerCode.UNKNOWN_ESCROW.number() : RETRY;
  }

  /** Same order as {@link Ledger#decide}; believed only if the slot's stamp did not change. */
  private int evaluate(
      LedgerPolicy policy,
      long timeMillis,
      int slot,
      ClaimView claim,
      byte[] claimId,
      int claimIdOffset) {
    EscrowTable escrows = state.escrows;
    if (!escrows.hasCore(slot, claim.buffer(), claim.outpointOffset())) {
      return AnswerCode.TERMS_MISMATCH.number();
    }
    boolean granted = escrows.grantPosition(slot) != 0;
    if (granted && escrows.hasClaimId(slot, claimId, claimIdOffset)) {
      return AnswerCode.GRANTED.number();
    }
    long now = now(timeMillis);
    if (rules.isExpired(now, claim.expiry())) {
      return AnswerCode.EXPIRED.number();
    }
    if (granted) {
      return AnswerCode.DOUBLE_SPEND.number();
    }
    return rules.checkChain(
        policy,
        state.tip(),
        now,
        escrows.fundedHeight(slot),
        escrows.spentHeight(slot),
        escrows.refundHeight(slot));
  }

  // ---- look-ups, for people and merchants; they allocate

  /** The escrow registered under these terms. */
  public Optional<EscrowInfo> lookup(Bytes32 termsDigest) {
    byte[] key = termsDigest.toArray();
    return find(state.escrowByTerms, key, copy -> termsDigest.equalsAt(copy.terms.digest(), 0));
  }

  /** The escrow registered for this output. */
  public Optional<EscrowInfo> lookup(Outpoint outpoint) {
    byte[] key = outpoint.encode();
    return find(
        state.escrowByOutpoint,
        key,
        copy -> Outpoint.copyOf(copy.terms.buffer(), copy.terms.coreOffset()).equals(outpoint));
  }

  /**
   * The escrow on which this claim was granted; a claim that only proved a double-spend is none.
   */
  public Optional<EscrowInfo> lookupClaim(Bytes32 claimId) {
    byte[] key = claimId.toArray();
    return find(
        state.escrowByClaim,
        key,
        copy -> copy.grantPosition != 0 && claimId.equalsAt(copy.claimId, 0));
  }

  private Optional<EscrowInfo> find(HashIndex index, byte[] key, Match match) {
    EntryCopy copy = new EntryCopy(state);
    int fingerprint = state.fingerprint(key, 0, key.length);
    while (true) {
      int version = index.version();
      boolean disturbed = false;
      int cell = index.first(fingerprint);
      while (cell != HashIndex.NONE && !disturbed) {
        int slot = index.slot(cell);
        disturbed = slot == SlotTable.NONE || !copy.read(slot);
        if (!disturbed && copy.registrationPosition != 0 && match.matches(copy)) {
          return Optional.of(copy.toInfo(state.tip()));
        }
        cell = index.next(fingerprint, cell);
      }
      if (!disturbed && index.unchanged(version)) {
        return Optional.empty();
      }
      Thread.onSpinWait();
    }
  }

  private interface Match {
    boolean matches(EntryCopy copy);
  }

  /** One entry, and the deposit behind it, copied out under the entry's stamp. */
  private static final class EntryCopy {
    private final LedgerState state;
    final TermsHasher terms;
    final byte[] claimId = new byte[EscrowTable.CLAIM_ID_LENGTH];
    final byte[] deposit = new byte[Deposit.LENGTH];
    long registrationPosition;
    long grantPosition;
    long doubleSpendPosition;
    int fundedHeight;
    int spentHeight;
    int depositSlot;
    int depositFundedHeight;
    int depositSpentHeight;
    int depositReferences;

    EntryCopy(LedgerState state) {
      this.state = state;
      terms = new TermsHasher(state.policy());
    }

    /** False when the writer got in between. */
    boolean read(int slot) {
      EscrowTable escrows = state.escrows;
      int stamp = escrows.slots().stamp(slot);
      registrationPosition = escrows.registrationPosition(slot);
      grantPosition = escrows.grantPosition(slot);
      doubleSpendPosition = escrows.doubleSpendPosition(slot);
      fundedHeight = escrows.fundedHeight(slot);
      spentHeight = escrows.spentHeight(slot);
      depositSlot = escrows.deposit(slot);
      escrows.copyCore(slot, terms.buffer(), terms.coreOffset());
      escrows.copyClaimId(slot, claimId, 0);
      // The escrow's stamp changes before its deposit can leave, so checking it last covers both.
      boolean depositRead = depositSlot == SlotTable.NONE || readDeposit(depositSlot);
      return depositRead && escrows.slots().unchanged(slot, stamp);
    }

    private boolean readDeposit(int slot) {
      DepositTable deposits = state.deposits;
      if (slot < 0 || slot >= deposits.slots().capacity()) {
        return false; // torn; the escrow's stamp would tell
      }
      int stamp = deposits.slots().stamp(slot);
      depositFundedHeight = deposits.fundedHeight(slot);
      depositSpentHeight = deposits.spentHeight(slot);
      depositReferences = deposits.references(slot);
      deposits.copyDeposit(slot, deposit, 0);
      return deposits.slots().unchanged(slot, stamp);
    }

    EscrowInfo toInfo(TipInfo tip) {
      return new EscrowInfo(
          terms.terms(),
          registrationPosition,
          fundedHeight,
          tip.depthOf(fundedHeight),
          spentHeight,
          grantPosition,
          grantPosition == 0 ? Optional.empty() : Optional.of(Bytes32.copyOf(claimId, 0)),
          doubleSpendPosition,
          depositSlot == SlotTable.NONE
              ? Optional.empty()
              : Optional.of(
                  new DepositInfo(
                      Deposit.copyOf(deposit, 0),
                      depositFundedHeight,
                      depositSpentHeight,
                      depositReferences)));
    }
  }
}
