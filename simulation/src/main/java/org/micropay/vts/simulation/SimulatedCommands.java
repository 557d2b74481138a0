package org.micropay.vts.simulation;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.ledger.BlockRecord;
import org.micropay.vts.ledger.OutpointRecord;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ledger.RegisterRecord;
import org.micropay.vts.ledger.TickRecord;
import org.micropay.vts.pipeline.CommandIngress;
import org.micropay.vts.settlement.BlockRef;
import org.micropay.vts.settlement.LedgerCommands;
import org.micropay.vts.settlement.PenaltyRecord;
import org.micropay.vts.settlement.SettlementRecord;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.Registration;

/**
 * Commands on their way to the ring. Where the appliance's thread would wait for room, they wait
 * here in order until {@link #pump} finds some. One thread.
 */
final class SimulatedCommands implements LedgerCommands {
  private record Waiting(
      int type, UnsafeBuffer payload, int length, CompletableFuture<Result> result) {}

  private final CommandIngress ingress;
  private final LongSupplier clockMillis;
  private final LongConsumer completed;
  private final Deque<Waiting> waiting = new ArrayDeque<>();

  /** {@code completed} hears the position of each command's effect when it is told. */
  SimulatedCommands(CommandIngress ingress, LongSupplier clockMillis, LongConsumer completed) {
    this.completed = completed;
    this.ingress = ingress;
    this.clockMillis = clockMillis;
  }

  /** Puts on the ring what has room there; returns how many. */
  int pump() {
    int moved = 0;
    while (!waiting.isEmpty() && submit(waiting.peekFirst())) {
      waiting.removeFirst();
      moved++;
    }
    return moved;
  }

  private boolean submit(Waiting one) {
    return ingress.trySubmit(
        one.type(),
        clockMillis.getAsLong(),
        one.payload(),
        0,
        one.length(),
        (type, code, position) -> {
          completed.accept(position);
          one.result().complete(new Result(code, position));
        });
  }

  private CompletableFuture<Result> enqueue(RecordType type, byte[] payload, int length) {
    CompletableFuture<Result> result = new CompletableFuture<>();
    waiting.addLast(new Waiting(type.number(), new UnsafeBuffer(payload), length, result));
    pump();
    return result;
  }

  @Override
  public CompletableFuture<Result> register(
      Registration registration, int fundedHeight, int depositFundedHeight, Bytes32 seenAtTip) {
    byte[] payload = new byte[RegisterRecord.MAX_LENGTH];
    int length =
        RegisterRecord.encode(
            new UnsafeBuffer(payload),
            0,
            registration,
            fundedHeight,
            depositFundedHeight,
            seenAtTip);
    return enqueue(RecordType.REGISTER, payload, length);
  }

  @Override
  public CompletableFuture<Result> blockConnected(BlockRef block) {
    return block(RecordType.BLOCK_CONNECTED, block);
  }

  @Override
  public CompletableFuture<Result> blockDisconnected(BlockRef block) {
    return block(RecordType.BLOCK_DISCONNECTED, block);
  }

  private CompletableFuture<Result> block(RecordType type, BlockRef block) {
    byte[] payload = new byte[BlockRecord.LENGTH];
    BlockRecord.encode(
        new UnsafeBuffer(payload), 0, block.height(), block.hash(), block.previous());
    return enqueue(type, payload, payload.length);
  }

  @Override
  public CompletableFuture<Result> escrowFunded(Outpoint outpoint, int height) {
    return outpoint(RecordType.ESCROW_FUNDED, outpoint, height);
  }

  @Override
  public CompletableFuture<Result> escrowUnfunded(Outpoint outpoint, int height) {
    return outpoint(RecordType.ESCROW_UNFUNDED, outpoint, height);
  }

  @Override
  public CompletableFuture<Result> escrowSpent(Outpoint outpoint, int height, Bytes32 txid) {
    byte[] payload = new byte[OutpointRecord.SPENT_LENGTH];
    OutpointRecord.encodeSpent(new UnsafeBuffer(payload), 0, outpoint, height, txid);
    return enqueue(RecordType.ESCROW_SPENT, payload, payload.length);
  }

  @Override
  public CompletableFuture<Result> escrowUnspent(Outpoint outpoint, int height) {
    return outpoint(RecordType.ESCROW_UNSPENT, outpoint, height);
  }

  private CompletableFuture<Result> outpoint(RecordType type, Outpoint outpoint, int height) {
    byte[] payload = new byte[OutpointRecord.LENGTH];
    OutpointRecord.encode(new UnsafeBuffer(payload), 0, outpoint, height);
    return enqueue(type, payload, payload.length);
  }

  @Override
  public CompletableFuture<Result> tipSeen(BlockRef tip) {
    byte[] payload = new byte[TickRecord.TIP_LENGTH];
    TickRecord.encodeTip(new UnsafeBuffer(payload), 0, tip.height(), tip.hash());
    return enqueue(RecordType.TICK, payload, payload.length);
  }

  @Override
  public CompletableFuture<Result> penalty(PenaltyRecord entry) {
    byte[] payload = entry.encode();
    return enqueue(entry.type(), payload, payload.length);
  }

  @Override
  public CompletableFuture<Result> settlement(SettlementRecord entry) {
    byte[] payload = entry.encode();
    return enqueue(entry.type(), payload, payload.length);
  }
}
