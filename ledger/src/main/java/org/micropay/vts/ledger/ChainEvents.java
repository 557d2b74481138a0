package org.micropay.vts.ledger;

import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;

/**
 * What the chain did, told in order by one follower. Writer only.
 *
 * <p>Order that the follower keeps: for a new block first its spends and fundings (their height is
 * then one above the tip), then the block; for a block that is undone first its disconnection, then
 * what was unspent and unfunded by it. So there is no moment at which the tip counts a block whose
 * spends the ledger does not know. Between the spends and their block no registration is accepted,
 * because the spend of an outpoint that is not registered yet has just been ignored.
 *
 * <p>Events name outpoints of escrows or of deposits; any other outpoint is ignored. An event that
 * changes nothing is ignored, too, so that a follower may tell a block again after a restart.
 */
final class ChainEvents {
  private final LedgerState state;
  private final Retirement retirement;

  ChainEvents(LedgerState state, Retirement retirement) {
    this.state = state;
    this.retirement = retirement;
  }

  int blockConnected(long position, long timeMillis, int height, Bytes32 hash, Bytes32 parentHash) {
    state.arrive(timeMillis);
    TipInfo tip = state.tip();
    if (height < 0) {
      return AnswerCode.MALFORMED.number();
    }
    if (tip.isKnown() && (height != tip.height() + 1 || !parentHash.equals(tip.hash()))) {
      return AnswerCode.CHAIN_STALE.number();
    }
    state.requireNext(position, RecordType.BLOCK_CONNECTED);
    moveTip(timeMillis, height, hash);
    state.commit(position, timeMillis, RecordType.BLOCK_CONNECTED);
    retirement.sweep(Retirement.PER_BLOCK);
    return ClaimRules.ACCEPTED;
  }

  int blockDisconnected(
      long position, long timeMillis, int height, Bytes32 hash, Bytes32 parentHash) {
    state.arrive(timeMillis);
    TipInfo tip = state.tip();
    if (!tip.isKnown() || height != tip.height() || height < 1 || !hash.equals(tip.hash())) {
      return AnswerCode.CHAIN_STALE.number();
    }
    state.requireNext(position, RecordType.BLOCK_DISCONNECTED);
    moveTip(timeMillis, height - 1, parentHash);
    if (height - 1 < state.highestRetiredSpend) {
      state.registrationsClosed = true;
    }
    state.commit(position, timeMillis, RecordType.BLOCK_DISCONNECTED);
    return ClaimRules.ACCEPTED;
  }

  private void moveTip(long timeMillis, int height, Bytes32 hash) {
    state.setTip(new TipInfo(height, hash, state.clockAfter(timeMillis)));
    state.blockPending = false;
  }

  int tick(long position, long timeMillis) {
    state.arrive(timeMillis);
    if (timeMillis <= state.clockMillis()) {
      return ClaimRules.ACCEPTED;
    }
    state.requireNext(position, RecordType.TICK);
    state.commit(position, timeMillis, RecordType.TICK);
    retirement.sweep(Retirement.PER_TICK);
    return ClaimRules.ACCEPTED;
  }

  int tickWithTip(long position, long timeMillis, int height, Bytes32 hash) {
    state.arrive(timeMillis);
    TipInfo tip = state.tip();
    if (!tip.isKnown() || height != tip.height() || !hash.equals(tip.hash())) {
      return AnswerCode.CHAIN_STALE.number();
    }
    if (state.clockAfter(timeMillis) <= tip.seenMillis()) {
      return ClaimRules.ACCEPTED;
    }
    state.requireNext(position, RecordType.TICK);
    // Only with a record: what makes the live ledger more lenient must be replayed.
    state.blockPending = false;
    state.setTip(new TipInfo(height, tip.hash(), state.clockAfter(timeMillis)));
    state.commit(position, timeMillis, RecordType.TICK);
    retirement.sweep(Retirement.PER_TICK);
    return ClaimRules.ACCEPTED;
  }

  /** One of the four ESCROW_ events, on a 36-byte outpoint. */
  int outpointEvent(
      long position, long timeMillis, RecordType type, byte[] outpoint, int offset, int height) {
    state.arrive(timeMillis);
    if (height < 1) {
      return AnswerCode.MALFORMED.number();
    }
    boolean happened = type == RecordType.ESCROW_FUNDED || type == RecordType.ESCROW_SPENT;
    if (happened && height > state.tip().height() + 1) {
      return AnswerCode.CHAIN_STALE.number();
    }
    if (type == RecordType.ESCROW_SPENT && height == state.tip().height() + 1) {
      state.blockPending = true;
    }
    int slot = state.findEscrow(outpoint, offset);
    boolean isEscrow = slot != SlotTable.NONE;
    if (!isEscrow) {
      slot = state.findDeposit(outpoint, offset);
    }
    if (slot == SlotTable.NONE) {
      return ClaimRules.ACCEPTED;
    }
    int funded = isEscrow ? state.escrows.fundedHeight(slot) : state.deposits.fundedHeight(slot);
    int spent = isEscrow ? state.escrows.spentHeight(slot) : state.deposits.spentHeight(slot);
    int nextFunded = nextFunded(type, funded, height);
    int nextSpent = nextSpent(type, spent, height);
    if (nextFunded == funded && nextSpent == spent) {
      return ClaimRules.ACCEPTED;
    }
    state.requireNext(position, type);
    if (isEscrow) {
      state.escrows.writeChain(slot, nextFunded, nextSpent);
    } else {
      state.deposits.writeChain(slot, nextFunded, nextSpent);
    }
    state.commit(position, timeMillis, type);
    return ClaimRules.ACCEPTED;
  }

  private static int nextFunded(RecordType type, int funded, int height) {
    return switch (type) {
      case ESCROW_FUNDED -> height;
      case ESCROW_UNFUNDED -> funded == height ? 0 : funded;
      default -> funded;
    };
  }

  private static int nextSpent(RecordType type, int spent, int height) {
    return switch (type) {
      case ESCROW_SPENT -> height;
      case ESCROW_UNSPENT -> spent == height ? 0 : spent;
      default -> spent;
    };
  }
}
