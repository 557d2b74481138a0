package org.micropay.vts.settlement;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiPredicate;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.ledger.BlockRecord;
import org.micropay.vts.ledger.GrantRecord;
import org.micropay.vts.ledger.OutpointRecord;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ledger.RegisterRecord;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.ClaimView;
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

  private record Pending(Entry entry, CompletableFuture<Result> future, Result result, Raw raw) {}

  /** A record as the journal holds it, for those who read that and nothing else. */
  private record Raw(long position, RecordType type, byte[] payload) {}

  private final List<Entry> durable = new ArrayList<>();
  private final List<Raw> journal = new ArrayList<>();
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
      journal.add(one.raw());
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
    next.journal.addAll(journal);
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
    penaltyRecords().forEach(state::apply);
    return state;
  }

  /** The penalty's durable records from the first on. */
  List<PenaltyRecord> penaltyRecords() {
    List<PenaltyRecord> records = new ArrayList<>();
    for (Entry entry : durable) {
      if (entry instanceof Settled settled && settled.type().isPenalty()) {
        records.add(PenaltyRecord.decode(settled.type(), settled.payload()));
      }
    }
    return records;
  }

  /** The durable records as the books read them. */
  BookJournal books() {
    BookJournal books = new BookJournal();
    journal.forEach(raw -> books.read(raw.position(), raw.type(), raw.payload()));
    return books;
  }

  /** What the durable records tell of the way here, beside the kills that left none. */
  Scenario.Events events(int vtsKills, int nodeKills) {
    int[] batches = new int[2];
    int dropped = 0;
    int raised = 0;
    int undone = 0;
    int deepest = 0;
    for (Entry entry : durable) {
      undone = entry instanceof Disconnected ? undone + 1 : entry instanceof Connected ? 0 : undone;
      deepest = Math.max(deepest, undone);
      if (!(entry instanceof Settled settled)) {
        continue;
      }
      if (settled.type() == RecordType.BATCH_ABANDONED) {
        dropped++;
      } else if (settled.type().isSettlement()
          && SettlementRecord.decode(settled.type(), settled.payload())
              instanceof SettlementRecord.BatchStored one) {
        batches[Math.min(1, one.attempt())]++;
      } else if (settled.type().isPenalty()
          && PenaltyRecord.decode(settled.type(), settled.payload())
              instanceof PenaltyRecord.BurnStored one) {
        raised += Math.min(1, one.attempt());
      }
    }
    PenaltyState.Totals penalty = replayPenalty().totals();
    return new Scenario.Events(
        batches[0],
        batches[1] + raised,
        dropped,
        deepest,
        penalty.confirmed() + penalty.burned(),
        vtsKills,
        nodeKills);
  }

  /** The same without the records that {@code left out} names. */
  BookJournal booksWithout(BiPredicate<RecordType, Integer> leftOut) {
    BookJournal books = new BookJournal();
    Map<RecordType, Integer> counts = new HashMap<>();
    for (Raw raw : journal) {
      int count = counts.merge(raw.type(), 1, Integer::sum);
      if (!leftOut.test(raw.type(), count)) {
        books.read(raw.position(), raw.type(), raw.payload());
      }
    }
    return books;
  }

  /** Journals a grant: the ledger itself decides none here. */
  void grant(long position, Claim claim) {
    byte[] bytes = claim.encode();
    UnsafeBuffer payload = new UnsafeBuffer(new byte[GrantRecord.MAX_LENGTH]);
    int length =
        GrantRecord.encode(
            payload, 0, claim.id().toArray(), 0, new ClaimView().wrap(bytes, 0, bytes.length));
    journal.add(raw(position, RecordType.GRANT, payload, length));
  }

  private static Raw raw(long position, RecordType type, UnsafeBuffer payload, int length) {
    byte[] copy = new byte[length];
    payload.getBytes(0, copy);
    return new Raw(position, type, copy);
  }

  private static Raw block(RecordType type, BlockRef block) {
    UnsafeBuffer payload = new UnsafeBuffer(new byte[BlockRecord.LENGTH]);
    int length = BlockRecord.encode(payload, 0, block.height(), block.hash(), block.previous());
    return raw(0, type, payload, length);
  }

  private static Raw outpoint(RecordType type, Outpoint outpoint, int height) {
    UnsafeBuffer payload = new UnsafeBuffer(new byte[OutpointRecord.LENGTH]);
    return raw(0, type, payload, OutpointRecord.encode(payload, 0, outpoint, height));
  }

  /** Settlement's state by its durable records. */
  SettlementState replay() {
    SettlementState state = new SettlementState();
    settlementRecords().forEach(state::apply);
    return state;
  }

  /** Settlement's durable records from the first on; its state forgets what is long final. */
  List<SettlementRecord> settlementRecords() {
    List<SettlementRecord> records = new ArrayList<>();
    for (Entry entry : durable) {
      if (entry instanceof Settled settled && settled.type().isSettlement()) {
        records.add(SettlementRecord.decode(settled.type(), settled.payload()));
      }
    }
    return records;
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

  private CompletableFuture<Result> append(Entry entry, int code, Raw raw) {
    apply(entry);
    CompletableFuture<Result> future = new CompletableFuture<>();
    pending.addLast(
        new Pending(entry, future, new Result(code, durable.size() + pending.size()), raw));
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
    UnsafeBuffer payload = new UnsafeBuffer(new byte[RegisterRecord.MAX_LENGTH]);
    int length =
        RegisterRecord.encode(payload, 0, registration, fundedHeight, depositHeight, seenAtTip);
    Raw raw = raw(durable.size() + pending.size() + 1, RecordType.REGISTER, payload, length);
    registration
        .deposit()
        .ifPresent(one -> append(new Heights(one.outpoint(), depositHeight, 0), 0, raw));
    return append(
        new Heights(registration.terms().outpoint(), fundedHeight, 0),
        AnswerCode.REGISTERED.number(),
        raw);
  }

  @Override
  public CompletableFuture<Result> blockConnected(BlockRef block) {
    BlockRef tip = blocks.peekLast();
    require(
        tip == null || (block.height() == tip.height() + 1 && block.previous().equals(tip.hash())),
        block + " does not follow " + tip);
    return append(new Connected(block), 0, block(RecordType.BLOCK_CONNECTED, block));
  }

  @Override
  public CompletableFuture<Result> blockDisconnected(BlockRef block) {
    require(block.equals(blocks.peekLast()), block + " is not the tip");
    return append(new Disconnected(block), 0, block(RecordType.BLOCK_DISCONNECTED, block));
  }

  @Override
  public CompletableFuture<Result> escrowFunded(Outpoint outpoint, int height) {
    require(height == height() + 1, "funding at " + height + " told at tip " + height());
    return change(outpoint, height, -1, outpoint(RecordType.ESCROW_FUNDED, outpoint, height));
  }

  @Override
  public CompletableFuture<Result> escrowUnfunded(Outpoint outpoint, int height) {
    require(height > height(), "unfunded at " + height + " told at tip " + height());
    return change(outpoint, 0, -1, outpoint(RecordType.ESCROW_UNFUNDED, outpoint, height));
  }

  @Override
  public CompletableFuture<Result> escrowSpent(Outpoint outpoint, int height, Bytes32 txid) {
    require(height == height() + 1, "spend at " + height + " told at tip " + height());
    UnsafeBuffer payload = new UnsafeBuffer(new byte[OutpointRecord.SPENT_LENGTH]);
    int length = OutpointRecord.encodeSpent(payload, 0, outpoint, height, txid);
    return change(outpoint, -1, height, raw(0, RecordType.ESCROW_SPENT, payload, length));
  }

  @Override
  public CompletableFuture<Result> escrowUnspent(Outpoint outpoint, int height) {
    require(height > height(), "unspent at " + height + " told at tip " + height());
    return change(outpoint, -1, 0, outpoint(RecordType.ESCROW_UNSPENT, outpoint, height));
  }

  private CompletableFuture<Result> change(Outpoint outpoint, int funded, int spent, Raw raw) {
    Heights old = outputs.get(outpoint);
    if (old == null) {
      return nothing();
    }
    events++;
    return append(
        new Heights(outpoint, funded < 0 ? old.funded() : funded, spent < 0 ? old.spent() : spent),
        0,
        raw);
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
    return append(new Settled(entry.type(), payload), 0, new Raw(0, entry.type(), payload));
  }

  @Override
  public CompletableFuture<Result> penalty(PenaltyRecord entry) {
    byte[] payload = entry.encode();
    return append(new Settled(entry.type(), payload), 0, new Raw(0, entry.type(), payload));
  }
}
