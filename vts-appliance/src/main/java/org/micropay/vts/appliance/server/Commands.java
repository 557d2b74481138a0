package org.micropay.vts.appliance.server;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
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
 * Everything but claims, on its way through the ring: encodes the record, waits for room, and
 * completes the caller's future once the record is durable. Any thread; commands of one thread keep
 * their order.
 */
final class Commands implements LedgerCommands {
  private static final long PARK_NANOS = 50_000;

  private final CommandIngress ingress;
  private final LongSupplier clockMillis;

  Commands(CommandIngress ingress, LongSupplier clockMillis) {
    this.ingress = ingress;
    this.clockMillis = clockMillis;
  }

  @Override
  public CompletableFuture<Result> register(
      Registration registration, int fundedHeight, int depositFundedHeight, Bytes32 seenAtTip) {
    UnsafeBuffer payload = new UnsafeBuffer(new byte[RegisterRecord.MAX_LENGTH]);
    int length =
        RegisterRecord.encode(
            payload, 0, registration, fundedHeight, depositFundedHeight, seenAtTip);
    return submit(RecordType.REGISTER.number(), payload, length);
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
    UnsafeBuffer payload = new UnsafeBuffer(new byte[BlockRecord.LENGTH]);
    int length = BlockRecord.encode(payload, 0, block.height(), block.hash(), block.previous());
    return submit(type.number(), payload, length);
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
    UnsafeBuffer payload = new UnsafeBuffer(new byte[OutpointRecord.SPENT_LENGTH]);
    int length = OutpointRecord.encodeSpent(payload, 0, outpoint, height, txid);
    return submit(RecordType.ESCROW_SPENT.number(), payload, length);
  }

  @Override
  public CompletableFuture<Result> escrowUnspent(Outpoint outpoint, int height) {
    return outpoint(RecordType.ESCROW_UNSPENT, outpoint, height);
  }

  private CompletableFuture<Result> outpoint(RecordType type, Outpoint outpoint, int height) {
    UnsafeBuffer payload = new UnsafeBuffer(new byte[OutpointRecord.LENGTH]);
    return submit(type.number(), payload, OutpointRecord.encode(payload, 0, outpoint, height));
  }

  @Override
  public CompletableFuture<Result> tipSeen(BlockRef tip) {
    UnsafeBuffer payload = new UnsafeBuffer(new byte[TickRecord.TIP_LENGTH]);
    int length = TickRecord.encodeTip(payload, 0, tip.height(), tip.hash());
    return submit(RecordType.TICK.number(), payload, length);
  }

  @Override
  public CompletableFuture<Result> settlement(SettlementRecord entry) {
    byte[] bytes = entry.encode();
    return submit(entry.type().number(), new UnsafeBuffer(bytes), bytes.length);
  }

  @Override
  public CompletableFuture<Result> penalty(PenaltyRecord entry) {
    byte[] bytes = entry.encode();
    return submit(entry.type().number(), new UnsafeBuffer(bytes), bytes.length);
  }

  /** A record of the transparency log; completes with its position. */
  CompletableFuture<Long> log(RecordType type, byte[] payload) {
    return submit(type.number(), new UnsafeBuffer(payload), payload.length)
        .thenApply(Result::position);
  }

  private CompletableFuture<Result> submit(int type, UnsafeBuffer payload, int length) {
    CompletableFuture<Result> result = new CompletableFuture<>();
    while (!ingress.trySubmit(
        type,
        clockMillis.getAsLong(),
        payload,
        0,
        length,
        (recordType, code, position) -> result.complete(new Result(code, position)))) {
      if (!ingress.isOpen()) {
        result.completeExceptionally(
            new IllegalStateException(
                "the server is going down; a command of type " + type + " was not taken"));
        return result;
      }
      LockSupport.parkNanos(PARK_NANOS);
    }
    return result;
  }
}
