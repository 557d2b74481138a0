package org.micropay.vts.ledger;

/**
 * Brings what the ledger will look at for a batch of claims into the cache: all at the same time
 * instead of one claim after the other.
 *
 * <p>In a ledger larger than the caches a look-up waits for memory twice, for the index's cell and
 * then for the entry, which the cell names. Nothing can be done meanwhile, because the next claim
 * is behind a hundred branches. Here each wait is a short loop over all claims whose loads do not
 * depend on each other, so that the CPU has as many of them under way as it can.
 *
 * <p>Only a hint: what is read here is not used, and may be old or gone. One thread, which may be
 * any; holds {@code capacity} claims.
 */
public final class LookAhead {
  private final LedgerState state;
  private final int[] outpointHashes;
  private final int[] claimIdHashes;
  private final int[] termsHashes;
  private final int[] slots;
  private int outpoints;
  private int claimIds;
  private int terms;
  private int sweep;
  private long unused;

  LookAhead(LedgerState state, int capacity) {
    this.state = state;
    outpointHashes = new int[capacity];
    claimIdHashes = new int[capacity];
    termsHashes = new int[capacity];
    slots = new int[capacity];
  }

  /** Begins a batch. */
  public void clear() {
    outpoints = 0;
    claimIds = 0;
    terms = 0;
    sweep = 0;
  }

  /** One more escrow will be looked up, see {@link LedgerView#outpointHash}. */
  public void addOutpoint(int hash) {
    outpointHashes[outpoints++] = hash;
  }

  /** One more claim may be granted, see {@link LedgerView#claimIdHash}. */
  public void addClaimId(int hash) {
    claimIdHashes[claimIds++] = hash;
  }

  /** One more escrow may be entered under its terms. */
  void addTerms(int hash) {
    termsHashes[terms++] = hash;
  }

  /** So many slots, from the next on, will be looked at for retirement. */
  void addSweep(int count) {
    sweep = count;
  }

  /** Reads everything; allocates nothing. */
  public void run() {
    // Each loop in a method of its own: it is compiled once, whatever the batches to come hold.
    unused = // a field, so that the compiler keeps the loads
        readCells(state.escrowByOutpoint, outpointHashes, outpoints)
            + readCells(state.escrowByClaim, claimIdHashes, claimIds)
            + readCells(state.escrowByTerms, termsHashes, terms)
            + readEntries(findSlots())
            + readSwept();
  }

  private static long readCells(HashIndex index, int[] hashes, int count) {
    long read = 0;
    for (int i = 0; i < count; i++) {
      read += index.homeCell(hashes[i]);
    }
    return read;
  }

  /** Notes the slots of escrows that may be the ones asked for; returns their number. */
  private int findSlots() {
    HashIndex index = state.escrowByOutpoint;
    int found = 0;
    for (int i = 0; i < outpoints; i++) {
      int cell = index.first(outpointHashes[i]);
      if (cell != HashIndex.NONE) {
        int slot = index.slot(cell);
        if (slot != SlotTable.NONE) {
          slots[found++] = slot;
        }
      }
    }
    return found;
  }

  private long readEntries(int count) {
    EscrowTable escrows = state.escrows;
    long read = 0;
    for (int i = 0; i < count; i++) {
      read += escrows.touch(slots[i]);
    }
    return read;
  }

  /** Slots of which Retirement's bounds do not say that nothing is due there. */
  private long readSwept() {
    EscrowTable escrows = state.escrows;
    int used = escrows.slots().highWater();
    int height = state.tip().height();
    int depth = state.policy().retireDepth();
    long read = 0;
    int slot = state.retireCursor;
    for (int left = Math.min(sweep, used); left > 0; ) {
      int end = Math.min(slot + left, Math.min(used, RetirementBounds.endOfBlock(slot)));
      left -= end - slot;
      if (escrows.bounds().mayBeDue(slot, height, depth)) {
        for (; slot < end; slot++) {
          read += escrows.spentHeight(slot);
        }
      }
      slot = end == used ? 0 : end;
    }
    return read;
  }
}
