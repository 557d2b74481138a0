package org.micropay.vts.ledger;

/**
 * Forgets escrows that can never be granted again, so that their slots serve new ones. Writer only.
 *
 * <p>A few slots are looked at after every registration, block and tick, round and round; the work
 * per command is bounded, and the same commands always retire the same escrows at the same place.
 * An escrow is forgotten when
 *
 * <ul>
 *   <li>its output was spent and the spend is buried by retireDepth blocks, or
 *   <li>it was never granted and the tip is retireDepth blocks above its refund height.
 * </ul>
 *
 * <p>Why no outpoint is ever granted twice, although the ledger has forgotten the first grant: a
 * granted escrow goes only by the first rule. A registration is accepted only when the chain, at
 * the ledger's own tip, shows the output unspent. A spent output becomes unspent only when the
 * block of its spend is disconnected, which takes the tip below that block; then the ledger closes
 * itself for registrations ({@link LedgerState#registrationsClosed}) for good, because it cannot
 * know any more which unspent outputs it granted once. That takes a reorganisation of more than
 * retireDepth blocks, after which an operator has to judge anyway. By the second rule nothing was
 * granted, so nothing can be granted twice.
 */
class Retirement {
  static final int PER_REGISTRATION = 8;
  static final int PER_TICK = 256;
  static final int PER_BLOCK = 1024;

  private final LedgerState state;
  private final byte[] key = new byte[EscrowTable.KEY_LENGTH];

  Retirement(LedgerState state) {
    this.state = state;
  }

  /** Looks at the next {@code slots} slots; over those where nothing can be due in one step. */
  void sweep(int slots) {
    int used = state.escrows.slots().highWater();
    if (!state.tip().isKnown()) {
      return;
    }
    int slot = state.retireCursor;
    for (int left = Math.min(slots, used); left > 0; ) {
      int end = Math.min(slot + left, Math.min(used, RetirementBounds.endOfBlock(slot)));
      left -= end - slot;
      if (mayBeDue(slot)) {
        look(slot, end);
      }
      slot = end == used ? 0 : end;
    }
    state.retireCursor = slot;
  }

  /** Whether the block of slots that this one is in has to be looked at. */
  boolean mayBeDue(int slot) {
    int height = state.tip().height();
    int depth = state.policy().retireDepth();
    RetirementBounds bounds = state.escrows.bounds();
    if (slot % RetirementBounds.BLOCK == 0 && bounds.mayBeDue(slot, height, depth)) {
      state.escrows.tightenBounds(slot);
    }
    return bounds.mayBeDue(slot, height, depth);
  }

  private void look(int from, int end) {
    for (int slot = from; slot < end; slot++) {
      if (state.escrows.isLive(slot) && isDead(slot)) {
        retire(slot);
      }
    }
  }

  /** Whether one of the two rules holds. */
  boolean isDead(int slot) {
    EscrowTable escrows = state.escrows;
    int spentHeight = escrows.spentHeight(slot);
    boolean granted = escrows.grantPosition(slot) != 0;
    if (granted && spentHeight == 0) {
      return false; // what most slots hold, told by the entry's first cache line
    }
    TipInfo tip = state.tip();
    int depth = state.policy().retireDepth();
    if (tip.depthOf(spentHeight) >= depth) {
      return true;
    }
    return !granted && (long) tip.height() >= escrows.refundHeight(slot) + depth;
  }

  private void retire(int slot) {
    EscrowTable escrows = state.escrows;
    TermsHasher terms = state.terms;
    escrows.copyCore(slot, terms.buffer(), terms.coreOffset());
    int byOutpoint = state.fingerprint(terms.buffer(), terms.coreOffset(), EscrowTable.KEY_LENGTH);
    state.escrowByOutpoint.remove(byOutpoint, slot);
    byte[] digest = terms.digest();
    state.escrowByTerms.remove(state.fingerprint(digest, 0, digest.length), slot);
    if (escrows.grantPosition(slot) != 0) {
      byte[] claimId = digest; // done with it, and of the right length
      escrows.copyClaimId(slot, claimId, 0);
      state.escrowByClaim.remove(state.fingerprint(claimId, 0, claimId.length), slot);
      state.highestRetiredSpend = Math.max(state.highestRetiredSpend, escrows.spentHeight(slot));
    }
    int deposit = escrows.deposit(slot);
    escrows.retire(slot);
    if (deposit != SlotTable.NONE) {
      state.deposits.copyOutpoint(deposit, key, 0);
      if (state.deposits.dropReference(deposit)) {
        state.depositByOutpoint.remove(state.fingerprint(key, 0, key.length), deposit);
      }
    }
  }
}
