package org.micropay.vts.settlement;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.Registration;

/**
 * A ledger and journal in memory, for scenarios and tests, that holds the follower to its contract:
 * blocks follow each other, a block's spends come before it, registrations are seen at the tip.
 * Records become durable at once or when the test says so; a crash forgets the others.
 */
final class MemoryLedger implements LedgerCommands {
  /** One journal record: either a chain event or settlement's. */
  private sealed interface Entry {}

  private record Connected(BlockRef block) implements Entry {}

  private record Disconnected(BlockRef block) implements Entry {}

  private record Heights(Outpoint outpoint, int funded, int spent) implements Entry {}

  private record Settled(RecordType type, byte[] payload) implements Entry {}

  private record Pending(Entry entry, CompletableFuture<Result> future, Result result) {}

  private final List<Entry> durable = new ArrayList<>();
  private final Deque<Pending> pending = new ArrayDeque<>();
  private final Deque<BlockRef> blocks = new ArrayDeque<>();
  private final Map<Outpoint, Heights> outputs = new HashMap<>();
  private boolean automatic = true;
  int heartbeats;
  int events;

  /** Whether records are durable at once. */
  void automatic(boolean on) {
    automatic = on;
    if (on) {
      flush(Integer.MAX_VALUE);
    }
  }

  int pendingCount() {
    return pending.size();
  }

  /** Makes the oldest records durable. */
  void flush(int count) {
    for (int i = 0; i < count && !pending.isEmpty(); i++) {
      Pending one = pending.removeFirst();
      durable.add(one.entry());
      one.future().complete(one.result());
    }
  }

  /** Loses the oldest record for good. */
  void fail(RuntimeException cause) {
    pending.removeFirst().future().completeExceptionally(cause);
  }

  /** The ledger that a restart makes out of the durable records. */
  MemoryLedger crash() {
    MemoryLedger next = new MemoryLedger();
    next.durable.addAll(durable);
    durable.forEach(next::apply);
    return next;
  }

  List<BlockRef> recentBlocks() {
    return List.copyOf(blocks);
  }

  List<WatchedOutput> watched() {
    return outputs.values().stream()
        .map(one -> new WatchedOutput(one.outpoint(), one.funded(), one.spent()))
        .toList();
  }

  /** The penalty's state by its durable records. */
  PenaltyState replayPenalty() {
    PenaltyState state = new PenaltyState();
    for (Entry entry : durable) {
      if (entry instanceof Settled settled && settled.type().isPenalty()) {
        state.apply(PenaltyRecord.decode(settled.type(), settled.payload()));
      }
    }
    return state;
  }

  /** All opaque records that are durable, in order. */
  void forEachRecord(java.util.function.BiConsumer<RecordType, byte[]> reader) {
    for (Entry entry : durable) {
      if (entry instanceof Settled settled) {
        reader.accept(settled.type(), settled.payload());
      }
    }
  }

  /** Settlement's state by its durable records. */
  SettlementState replay() {
    SettlementState state = new SettlementState();
    for (Entry entry : durable) {
      if (entry instanceof Settled settled && settled.type().isSettlement()) {
        state.apply(SettlementRecord.decode(settled.type(), settled.payload()));
      }
    }
    return state;
  }

  int spentHeight(Outpoint outpoint) {
    return outputs.get(outpoint).spent();
  }

  int fundedHeight(Outpoint outpoint) {
    return outputs.get(outpoint).funded();
  }

  private void apply(Entry entry) {
    switch (entry) {
      case Connected one -> blocks.addLast(one.block());
      case Disconnected one -> blocks.removeLast();
      case Heights one -> outputs.put(one.outpoint(), one);
      case Settled one -> {}
    }
  }

  private CompletableFuture<Result> append(Entry entry, int code) {
    apply(entry);
    CompletableFuture<Result> future = new CompletableFuture<>();
    pending.addLast(new Pending(entry, future, new Result(code, durable.size() + pending.size())));
    if (automatic) {
      flush(Integer.MAX_VALUE);
    }
    return future;
  }

  private static CompletableFuture<Result> nothing() {
    return CompletableFuture.completedFuture(new Result(0, 0));
  }

  private static void require(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError("follower broke its contract: " + what);
    }
  }

  private int height() {
    return blocks.isEmpty() ? -1 : blocks.getLast().height();
  }

  @Override
  public CompletableFuture<Result> register(
      Registration registration, int fundedHeight, int depositHeight, Bytes32 seenAtTip) {
    require(seenAtTip.equals(blocks.getLast().hash()), "registration at another tip");
    require(fundedHeight >= 1 && fundedHeight <= height(), "funded at " + fundedHeight);
    registration
        .deposit()
        .ifPresent(one -> append(new Heights(one.outpoint(), depositHeight, 0), 0));
    return append(
        new Heights(registration.terms().outpoint(), fundedHeight, 0),
        AnswerCode.REGISTERED.number());
  }

  @Override
  public CompletableFuture<Result> blockConnected(BlockRef block) {
    BlockRef tip = blocks.peekLast();
    require(
        tip == null || (block.height() == tip.height() + 1 && block.previous().equals(tip.hash())),
        block + " does not follow " + tip);
    return append(new Connected(block), 0);
  }

  @Override
  public CompletableFuture<Result> blockDisconnected(BlockRef block) {
    require(block.equals(blocks.peekLast()), block + " is not the tip");
    return append(new Disconnected(block), 0);
  }

  @Override
  public CompletableFuture<Result> escrowFunded(Outpoint outpoint, int height) {
    require(height == height() + 1, "funding at " + height + " told at tip " + height());
    return change(outpoint, height, -1);
  }

  @Override
  public CompletableFuture<Result> escrowUnfunded(Outpoint outpoint, int height) {
    require(height > height(), "unfunded at " + height + " told at tip " + height());
    return change(outpoint, 0, -1);
  }

  @Override
  public CompletableFuture<Result> escrowSpent(Outpoint outpoint, int height, Bytes32 txid) {
    require(height == height() + 1, "spend at " + height + " told at tip " + height());
    return change(outpoint, -1, height);
  }

  @Override
  public CompletableFuture<Result> escrowUnspent(Outpoint outpoint, int height) {
    require(height > height(), "unspent at " + height + " told at tip " + height());
    return change(outpoint, -1, 0);
  }

  private CompletableFuture<Result> change(Outpoint outpoint, int funded, int spent) {
    Heights old = outputs.get(outpoint);
    if (old == null) {
      return nothing();
    }
    events++;
    return append(
        new Heights(outpoint, funded < 0 ? old.funded() : funded, spent < 0 ? old.spent() : spent),
        0);
  }

  @Override
  public CompletableFuture<Result> tipSeen(BlockRef tip) {
    require(tip.equals(blocks.peekLast()), "heartbeat at another tip");
    heartbeats++;
    return nothing();
  }

  @Override
  public CompletableFuture<Result> settlement(SettlementRecord entry) {
    byte[] payload = entry.encode();
    require(payload.length <= SettlementRecord.MAX_LENGTH, "record of " + payload.length);
    return append(new Settled(entry.type(), payload), 0);
  }

  @Override
  public CompletableFuture<Result> penalty(PenaltyRecord entry) {
    return append(new Settled(entry.type(), entry.encode()), 0);
  }
}
