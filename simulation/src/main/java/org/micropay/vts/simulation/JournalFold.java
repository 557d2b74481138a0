package org.micropay.vts.simulation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.agrona.DirectBuffer;
import org.micropay.vts.journal.FrameHandler;
import org.micropay.vts.ledger.BlockRecord;
import org.micropay.vts.ledger.GrantRecord;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.ledger.LedgerPolicy;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.settlement.BlockRef;
import org.micropay.vts.settlement.PenaltyRecord;
import org.micropay.vts.settlement.PenaltyState;
import org.micropay.vts.settlement.SettlementRecord;
import org.micropay.vts.settlement.SettlementState;
import org.micropay.vts.settlement.WatchedOutput;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;

/**
 * Folds a journal's records over a ledger and over settlement's state, as the appliance's recovery
 * does. Used once; whoever takes the ledger closes it.
 */
final class JournalFold implements FrameHandler, AutoCloseable {
  private static final int KEPT_BLOCKS = 288;

  private final Map<Long, byte[]> grants = new TreeMap<>();
  private final SettlementState settlement = new SettlementState();
  private final PenaltyState penalty = new PenaltyState();
  private final Deque<BlockRef> blocks = new ArrayDeque<>();
  private Ledger ledger;

  @Override
  public void onFrame(
      long position, int type, long timeMillis, DirectBuffer payload, int offset, int length) {
    if (ledger == null) {
      ledger = Ledger.create(LedgerPolicy.decode(payload, offset, length));
    }
    ledger.apply(position, type, timeMillis, payload, offset, length);
    RecordType known = RecordType.ofNumber(type);
    switch (known) {
      case GRANT ->
          grants.put(
              position, bytes(payload, offset + GrantRecord.CLAIM, length - GrantRecord.CLAIM));
      case BLOCK_CONNECTED -> {
        blocks.addLast(block(payload, offset));
        if (blocks.size() > KEPT_BLOCKS) {
          blocks.removeFirst();
        }
      }
      case BLOCK_DISCONNECTED -> undo(block(payload, offset));
      default -> {
        if (known.isPenalty()) {
          penalty.apply(PenaltyRecord.decode(known, bytes(payload, offset, length)));
        } else if (known.isSettlement()) {
          settlement.apply(SettlementRecord.decode(known, bytes(payload, offset, length)));
        }
      }
    }
  }

  private static BlockRef block(DirectBuffer payload, int offset) {
    return new BlockRef(
        Bytes32.of(bytes(payload, offset + BlockRecord.HASH, Bytes32.LENGTH)),
        payload.getInt(offset + BlockRecord.HEIGHT, java.nio.ByteOrder.LITTLE_ENDIAN),
        Bytes32.of(bytes(payload, offset + BlockRecord.PARENT_HASH, Bytes32.LENGTH)),
        0);
  }

  /** The ledger stands on the parent now, also when it has not seen that being connected. */
  private void undo(BlockRef undone) {
    blocks.pollLast();
    if (blocks.isEmpty()) {
      blocks.addLast(new BlockRef(undone.previous(), undone.height() - 1, Bytes32.ZERO, 0));
    }
  }

  static byte[] bytes(DirectBuffer payload, int offset, int length) {
    byte[] copy = new byte[length];
    payload.getBytes(offset, copy);
    return copy;
  }

  /** The ledger, or null when the journal was empty. */
  Ledger ledger() {
    return ledger;
  }

  PenaltyState penalty() {
    return penalty;
  }

  SettlementState settlement() {
    return settlement;
  }

  /** Canonical claims of all grants by position. */
  Map<Long, byte[]> grants() {
    return grants;
  }

  List<BlockRef> recentBlocks() {
    return List.copyOf(blocks);
  }

  List<WatchedOutput> outputs() {
    List<WatchedOutput> outputs = new ArrayList<>();
    ledger.forEachOutput(
        (outpoint, fundedHeight, spentHeight) ->
            outputs.add(new WatchedOutput(Outpoint.decode(outpoint), fundedHeight, spentHeight)));
    return outputs;
  }

  @Override
  public void close() {
    if (ledger != null) {
      ledger.close();
    }
  }
}
