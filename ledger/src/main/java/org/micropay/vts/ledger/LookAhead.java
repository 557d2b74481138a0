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
    long read = 0;
    HashIndex byOutpoint = state.escrowByOutpoint;
    for (int i = 0; i < outpoints; i++) {
      read += byOutpoint.homeCell(outpointHashes[i]);
    }
    HashIndex byClaim = state.escrowByClaim;
    for (int i = 0; i < claimIds; i++) {
      read += byClaim.homeCell(claimIdHashes[i]);
    }
    HashIndex byTerms = state.escrowByTerms;
    for (int i = 0; i < terms; i++) {
      read += byTerms.homeCell(termsHashes[i]);
    }
    for (int i = 0; i < outpoints; i++) {
      int cell = byOutpoint.first(outpointHashes[i]);
      slots[i] = cell == HashIndex.NONE ? SlotTable.NONE : byOutpoint.slot(cell);
    }
    EscrowTable escrows = state.escrows;
    for (int i = 0; i < outpoints; i++) {
      if (slots[i] != SlotTable.NONE) {
        read += escrows.touch(slots[i]);
      }
    }
    SlotTable slotTable = escrows.slots();
    int used = slotTable.highWater();
    int slot = state.retireCursor;
    for (int i = Math.min(sweep, used); i > 0; i--) {
      read += escrows.spentHeight(slot);
      slot = slot + 1 == used ? 0 : slot + 1;
    }
    unused = read; // a field, so that the compiler keeps the loads
  }
}
