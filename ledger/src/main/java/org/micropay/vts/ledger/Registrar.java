package org.micropay.vts.ledger;

import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Deposit;
import org.micropay.vts.ticket.Registration;

/** Decides on registrations whose signatures were verified. Writer only. */
final class Registrar {
  private final LedgerState state;
  private final ClaimRules rules;
  private final Retirement retirement;
  private final byte[] outpoint = new byte[EscrowTable.KEY_LENGTH];
  private final byte[] deposit = new byte[Deposit.LENGTH];

  Registrar(LedgerState state, ClaimRules rules, Retirement retirement) {
    this.state = state;
    this.rules = rules;
    this.retirement = retirement;
  }

  int register(
      long position,
      long timeMillis,
      Registration registration,
      int fundedHeight,
      int depositFundedHeight,
      Bytes32 seenAtTip) {
    long now = state.arrive(timeMillis);
    LedgerPolicy policy = state.policy();
    if (registration.terms().network() != policy.network()) {
      return AnswerCode.WRONG_NETWORK.number();
    }
    if (!registration.terms().vtsKey().equals(policy.vtsKey())) {
      return AnswerCode.WRONG_VTS_KEY.number();
    }
    registration.terms().outpoint().copyTo(outpoint, 0);
    registration.deposit().ifPresent(value -> value.copyTo(deposit, 0));
    int known = state.findEscrow(outpoint, 0);
    if (known != SlotTable.NONE) {
      return repeat(known, registration);
    }
    if (state.findDeposit(outpoint, 0) != SlotTable.NONE) {
      return AnswerCode.OUTPOINT_TAKEN.number();
    }
    int objection = checkChain(now, registration, fundedHeight, depositFundedHeight, seenAtTip);
    if (objection == ClaimRules.ACCEPTED) {
      objection = checkRoom(registration);
    }
    if (objection != ClaimRules.ACCEPTED) {
      return objection;
    }
    state.requireNext(position, RecordType.REGISTER);
    int depositSlot =
        registration.deposit().isPresent()
            ? addDeposit(position, registration, depositFundedHeight)
            : SlotTable.NONE;
    addEscrow(position, registration, fundedHeight, depositSlot);
    state.commit(position, timeMillis, RecordType.REGISTER);
    retirement.sweep(Retirement.PER_REGISTRATION);
    return AnswerCode.REGISTERED.number();
  }

  /** The outpoint is registered: the same request gets the same answer, any other a refusal. */
  private int repeat(int slot, Registration registration) {
    byte[] terms = registration.terms().encode();
    if (!state.escrows.hasCore(slot, terms, EscrowTable.CORE_IN_TERMS)) {
      return AnswerCode.OUTPOINT_TAKEN.number();
    }
    int depositSlot = state.escrows.deposit(slot);
    boolean sameDeposit =
        depositSlot == SlotTable.NONE
            ? registration.deposit().isEmpty()
            : registration.deposit().isPresent() && isDeposit(depositSlot, registration);
    if (!sameDeposit) {
      return AnswerCode.BAD_DEPOSIT.number();
    }
    state.answerWith(state.escrows.registrationPosition(slot));
    return AnswerCode.REGISTERED.number();
  }

  private boolean isDeposit(int slot, Registration registration) {
    return state.deposits.hasIdentity(
        slot, deposit, 0, registration.terms().buyerKey().toArray(), 0);
  }

  private int checkChain(
      long now,
      Registration registration,
      int fundedHeight,
      int depositFundedHeight,
      Bytes32 seenAtTip) {
    TipInfo tip = state.tip();
    if (rules.isStale(state.policy(), tip, now)
        || !tip.hash().equals(seenAtTip)
        || state.blockPending
        || state.registrationsClosed) {
      return AnswerCode.CHAIN_STALE.number();
    }
    if (tip.depthOf(fundedHeight) < 1
        || (registration.deposit().isPresent() && tip.depthOf(depositFundedHeight) < 1)) {
      return AnswerCode.FUNDING_NOT_FOUND.number();
    }
    return rules.isRefundNear(state.policy(), tip, registration.terms().refundHeight())
        ? AnswerCode.REFUND_TOO_NEAR.number()
        : ClaimRules.ACCEPTED;
  }

  private int checkRoom(Registration registration) {
    LedgerPolicy policy = state.policy();
    if (state.escrows.slots().liveCount() >= policy.escrowCapacity()) {
      return AnswerCode.LEDGER_FULL.number();
    }
    if (registration.deposit().isEmpty()) {
      return ClaimRules.ACCEPTED;
    }
    if (state.findEscrow(deposit, 0) != SlotTable.NONE) {
      return AnswerCode.BAD_DEPOSIT.number();
    }
    int slot = state.findDeposit(deposit, 0);
    if (slot == SlotTable.NONE) {
      return state.deposits.slots().liveCount() >= policy.depositCapacity()
          ? AnswerCode.LEDGER_FULL.number()
          : ClaimRules.ACCEPTED;
    }
    return isDeposit(slot, registration) && state.deposits.spentHeight(slot) == 0
        ? ClaimRules.ACCEPTED
        : AnswerCode.BAD_DEPOSIT.number();
  }

  private int addDeposit(long position, Registration registration, int fundedHeight) {
    int slot = state.findDeposit(deposit, 0);
    if (slot != SlotTable.NONE) {
      state.deposits.addReference(slot);
      return slot;
    }
    slot = state.deposits.slots().allocate();
    byte[] buyerKey = registration.terms().buyerKey().toArray();
    state.deposits.writeRegistration(slot, position, deposit, 0, buyerKey, 0, fundedHeight);
    state.depositByOutpoint.insert(state.fingerprint(deposit, 0, EscrowTable.KEY_LENGTH), slot);
    return slot;
  }

  private void addEscrow(
      long position, Registration registration, int fundedHeight, int depositSlot) {
    TermsHasher terms = state.terms;
    byte[] encoded = registration.terms().encode();
    System.arraycopy(
        encoded,
        EscrowTable.CORE_IN_TERMS,
        terms.buffer(),
        terms.coreOffset(),
        EscrowTable.CORE_LENGTH);
    byte[] digest = terms.digest();
    int slot = state.escrows.slots().allocate();
    // The entry first, the indexes last: a reader who finds the slot finds it filled.
    state.escrows.writeRegistration(
        slot, position, encoded, EscrowTable.CORE_IN_TERMS, fundedHeight, depositSlot);
    state.escrowByTerms.insert(state.fingerprint(digest, 0, digest.length), slot);
    state.escrowByOutpoint.insert(state.fingerprint(outpoint, 0, EscrowTable.KEY_LENGTH), slot);
  }
}
