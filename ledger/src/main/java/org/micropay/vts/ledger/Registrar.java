package org.micropay.vts.ledger;

import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.RegistrationView;
import org.micropay.vts.ticket.Sha256;

/** Decides on registrations whose signatures were verified. Writer only; allocates nothing. */
final class Registrar {
  /** In the place of a terms fingerprint that was not computed yet. */
  static final long UNHASHED = -1;

  private final LedgerState state;
  private final ClaimRules rules;
  private final Retirement retirement;

  Registrar(LedgerState state, ClaimRules rules, Retirement retirement) {
    this.state = state;
    this.rules = rules;
    this.retirement = retirement;
  }

  /**
   * Decides.
   *
   * @param seenAtTip array that holds the tip's hash at {@code tipOffset}
   * @param outpointHash fingerprint of the escrow's outpoint
   * @param termsHash fingerprint of the terms' digest, an unsigned 32-bit number, or {@link
   *     #UNHASHED}
   */
  int register(
      long position,
      long timeMillis,
      RegistrationView registration,
      int fundedHeight,
      int depositFundedHeight,
      byte[] seenAtTip,
      int tipOffset,
      int outpointHash,
      long termsHash) {
    long now = state.arrive(timeMillis);
    LedgerPolicy policy = state.policy();
    byte[] bytes = registration.buffer();
    if (registration.network() != policy.network()) {
      return AnswerCode.WRONG_NETWORK.number();
    }
    if (!policy.vtsKey().equalsAt(bytes, registration.vtsKeyOffset())) {
      return AnswerCode.WRONG_VTS_KEY.number();
    }
    int known = state.findEscrow(bytes, registration.outpointOffset(), outpointHash);
    if (known != SlotTable.NONE) {
      return repeat(known, registration);
    }
    if (state.findDeposit(bytes, registration.outpointOffset(), outpointHash) != SlotTable.NONE) {
      return AnswerCode.OUTPOINT_TAKEN.number();
    }
    TipInfo tip = state.tip();
    if (rules.isStale(policy, tip, now)
        || !tip.hash().equalsAt(seenAtTip, tipOffset)
        || state.blockPending
        || state.registrationsClosed) {
      return AnswerCode.CHAIN_STALE.number();
    }
    int objection = checkChain(tip, registration, fundedHeight, depositFundedHeight);
    if (objection == ClaimRules.ACCEPTED) {
      objection = checkRoom(registration);
    }
    if (objection != ClaimRules.ACCEPTED) {
      return objection;
    }
    state.requireNext(position, RecordType.REGISTER);
    int depositSlot =
        registration.hasDeposit()
            ? addDeposit(position, registration, depositFundedHeight)
            : SlotTable.NONE;
    addEscrow(position, registration, fundedHeight, depositSlot, outpointHash, termsHash);
    state.commit(position, timeMillis, RecordType.REGISTER);
    retirement.sweep(Retirement.PER_REGISTRATION);
    return AnswerCode.REGISTERED.number();
  }

  /** The outpoint is registered: the same request gets the same answer, any other a refusal. */
  private int repeat(int slot, RegistrationView registration) {
    int core = registration.termsOffset() + EscrowTable.CORE_IN_TERMS;
    if (!state.escrows.hasCore(slot, registration.buffer(), core)) {
      return AnswerCode.OUTPOINT_TAKEN.number();
    }
    int depositSlot = state.escrows.deposit(slot);
    boolean sameDeposit =
        depositSlot == SlotTable.NONE
            ? !registration.hasDeposit()
            : registration.hasDeposit() && isDeposit(depositSlot, registration);
    if (!sameDeposit) {
      return AnswerCode.BAD_DEPOSIT.number();
    }
    state.answerWith(state.escrows.registrationPosition(slot));
    return AnswerCode.REGISTERED.number();
  }

  private boolean isDeposit(int slot, RegistrationView registration) {
    byte[] bytes = registration.buffer();
    return state.deposits.hasIdentity(
        slot, bytes, registration.depositOffset(), bytes, registration.buyerKeyOffset());
  }

  private int checkChain(
      TipInfo tip, RegistrationView registration, int fundedHeight, int depositFundedHeight) {
    if (tip.depthOf(fundedHeight) < 1
        || (registration.hasDeposit() && tip.depthOf(depositFundedHeight) < 1)) {
      return AnswerCode.FUNDING_NOT_FOUND.number();
    }
    return rules.isRefundNear(state.policy(), tip, registration.refundHeight())
        ? AnswerCode.REFUND_TOO_NEAR.number()
        : ClaimRules.ACCEPTED;
  }

  private int checkRoom(RegistrationView registration) {
    LedgerPolicy policy = state.policy();
    if (state.escrows.slots().liveCount() >= policy.escrowCapacity()) {
      return AnswerCode.LEDGER_FULL.number();
    }
    if (!registration.hasDeposit()) {
      return ClaimRules.ACCEPTED;
    }
    byte[] bytes = registration.buffer();
    if (state.findEscrow(bytes, registration.depositOffset()) != SlotTable.NONE) {
      return AnswerCode.BAD_DEPOSIT.number();
    }
    int slot = state.findDeposit(bytes, registration.depositOffset());
    if (slot == SlotTable.NONE) {
      return state.deposits.slots().liveCount() >= policy.depositCapacity()
          ? AnswerCode.LEDGER_FULL.number()
          : ClaimRules.ACCEPTED;
    }
    return isDeposit(slot, registration) && state.deposits.spentHeight(slot) == 0
        ? ClaimRules.ACCEPTED
        : AnswerCode.BAD_DEPOSIT.number();
  }

  private int addDeposit(long position, RegistrationView registration, int fundedHeight) {
    byte[] bytes = registration.buffer();
    int deposit = registration.depositOffset();
    int slot = state.findDeposit(bytes, deposit);
    if (slot != SlotTable.NONE) {
      state.deposits.addReference(slot);
      return slot;
    }
    slot = state.deposits.slots().allocate();
    state.deposits.writeRegistration(
        slot, position, bytes, deposit, bytes, registration.buyerKeyOffset(), fundedHeight);
    state.depositByOutpoint.insert(state.fingerprint(bytes, deposit, EscrowTable.KEY_LENGTH), slot);
    return slot;
  }

  private void addEscrow(
      long position,
      RegistrationView registration,
      int fundedHeight,
      int depositSlot,
      int outpointHash,
      long termsHash) {
    byte[] bytes = registration.buffer();
    int core = registration.termsOffset() + EscrowTable.CORE_IN_TERMS;
    int byTerms = termsHash == UNHASHED ? hashTerms(bytes, core) : (int) termsHash;
    int slot = state.escrows.slots().allocate();
    // The entry first, the indexes last: a reader who finds the slot finds it filled.
    state.escrows.writeRegistration(slot, position, bytes, core, fundedHeight, depositSlot);
    state.escrowByTerms.insert(byTerms, slot);
    state.escrowByOutpoint.insert(outpointHash, slot);
  }

  private int hashTerms(byte[] bytes, int core) {
    TermsHasher terms = state.terms;
    System.arraycopy(bytes, core, terms.buffer(), terms.coreOffset(), EscrowTable.CORE_LENGTH);
    return state.fingerprint(terms.digest(), 0, Sha256.LENGTH);
  }
}
