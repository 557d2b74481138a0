package org.micropay.vts.ledger;

import java.lang.foreign.Arena;
import java.nio.ByteOrder;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.ticket.Bytes32;

/**
 * The whole state as bytes, in an order that depends on the state alone. All integers are
 * little-endian.
 *
 * <pre>
 *  magic "VTSLEDG1" 8
 *  escrow slots in memory u32 | deposit slots in memory u32
 *  policy 87 ({@link LedgerPolicy})
 *  lastPosition u64 | lastDigestPosition u64 | clockMillis u64
 *  tip: height i32 | hash 32 | seenMillis u64
 *  retireCursor u32 | highestRetiredSpend u32 | registrationsClosed u32
 *  escrows:  highWater u32 | freeCount u32
 *            live entries, by slot:          slot u32 | entry without its stamp 161
 *            free slots, last freed first:   slot u32
 *  deposits: the same, an entry without its stamp has 173 bytes
 *  state digest 16
 *  CRC32C of everything before it u32
 * </pre>
 *
 * <p>Indexes are rebuilt. The digest of what was loaded must be the one stored, so that a snapshot
 * is as good as the journal up to its position.
 */
final class Snapshot {
  private static final long MAGIC = 0x31474445_4c535456L; // "VTSLEDG1"
  private static final int ESCROW_BYTES =
      EscrowTable.CORE + EscrowTable.CORE_LENGTH - EscrowTable.FUNDED_HEIGHT;
  private static final int DEPOSIT_BYTES = DepositTable.END - DepositTable.FUNDED_HEIGHT;

  /** Batches of entries on their way in at once. */
  private static final int BATCHES = 8;

  private Snapshot() {}

  static void write(LedgerState state, SnapshotSink sink) {
    Output out = new Output(sink);
    out.putLong(MAGIC);
    out.putInt(state.escrows.slots().capacity());
    out.putInt(state.deposits.slots().capacity());
    out.put(state.policy().encode());
    out.putLong(state.lastPosition());
    out.putLong(state.lastDigestPosition());
    out.putLong(state.clockMillis());
    TipInfo tip = state.tip();
    out.putInt(tip.height());
    out.put(tip.hash().toArray());
    out.putLong(tip.seenMillis());
    out.putInt(state.retireCursor);
    out.putInt(state.highestRetiredSpend);
    out.putInt(state.registrationsClosed ? 1 : 0);
    SlotTable slots = state.escrows.slots();
    out.putInt(slots.highWater());
    out.putInt(slots.freeCount());
    byte[] entry = new byte[Math.max(ESCROW_BYTES, DEPOSIT_BYTES)];
    for (int slot = 0; slot < slots.highWater(); slot++) {
      if (state.escrows.isLive(slot)) {
        state.escrows.copyEntry(slot, entry, 0);
        out.putInt(slot);
        out.put(entry, ESCROW_BYTES);
      }
    }
    writeFree(slots, out);
    slots = state.deposits.slots();
    out.putInt(slots.highWater());
    out.putInt(slots.freeCount());
    for (int slot = 0; slot < slots.highWater(); slot++) {
      if (state.deposits.isLive(slot)) {
        state.deposits.copyEntry(slot, entry, 0);
        out.putInt(slot);
        out.put(entry, DEPOSIT_BYTES);
      }
    }
    writeFree(slots, out);
    out.putLong(state.digestLow());
    out.putLong(state.digestHigh());
    out.finish();
  }

  private static void writeFree(SlotTable slots, Output out) {
    for (int slot = slots.freeHead(); slot != SlotTable.NONE; slot = slots.nextFree(slot)) {
      out.putInt(slot);
    }
  }

  static LedgerState load(
      SnapshotSource source,
      int escrowSlots,
      int depositSlots,
      Supplier<Arena> memory,
      Executor indexing,
      TermsDigests terms) {
    Input in = new Input(source);
    if (in.getLong() != MAGIC) {
      throw new IllegalArgumentException("not a ledger snapshot of format 1");
    }
    int escrows = Math.max(escrowSlots, requireSlots(in.getInt()));
    int deposits = Math.max(depositSlots, requireSlots(in.getInt()));
    LedgerPolicy policy = LedgerPolicy.decode(in.next(LedgerPolicy.LENGTH), 0, LedgerPolicy.LENGTH);
    LedgerState state = LedgerState.create(policy, escrows, deposits, memory);
    try {
      load(state, in, indexing, terms);
    } catch (IllegalStateException | IndexOutOfBoundsException e) {
      state.close();
      throw new IllegalArgumentException("damaged ledger snapshot: " + e.getMessage(), e);
    } catch (RuntimeException | Error e) {
      state.close();
      throw e;
    }
    return state;
  }

  private static int requireSlots(int slots) {
    if (slots < 0 || slots > LedgerPolicy.MAX_CAPACITY) {
      throw new IllegalArgumentException("damaged ledger snapshot: memory for " + slots + " slots");
    }
    return slots;
  }

  private static void load(LedgerState state, Input in, Executor indexing, TermsDigests terms) {
    long lastPosition = in.getLong();
    long lastDigestPosition = in.getLong();
    long clock = in.getLong();
    int height = in.getInt();
    Bytes32 hash = Bytes32.copyOf(in.array(Bytes32.LENGTH), 0);
    TipInfo tip = new TipInfo(height, hash, in.getLong());
    state.restore(lastPosition, clock, lastDigestPosition, tip);
    state.retireCursor = in.getInt();
    state.highestRetiredSpend = in.getInt();
    state.registrationsClosed = in.getInt() != 0;
    loadEscrows(state, in, indexing, terms);
    loadDeposits(state, in);
    long low = in.getLong();
    long high = in.getLong();
    in.finish();
    if (low != state.digestLow() || high != state.digestHigh()) {
      throw new IllegalArgumentException(
          "ledger snapshot at position %d has digest %016x%016x, its content %016x%016x"
              .formatted(lastPosition, high, low, state.digestHigh(), state.digestLow()));
    }
  }

  private static void loadEscrows(
      LedgerState state, Input in, Executor indexing, TermsDigests terms) {
    SlotTable slots = state.escrows.slots();
    slots.restoreHighWater(in.getInt());
    int free = requireFree(slots, in.getInt());
    EscrowBatch[] batches = new EscrowBatch[BATCHES];
    try (EscrowIndexer indexer = new EscrowIndexer(state, terms)) {
      for (int i = 0; i < BATCHES; i++) {
        batches[i] = new EscrowBatch(state, indexer);
      }
      try {
        int left = slots.highWater() - free;
        for (int turn = 0; left > 0; turn = (turn + 1) % BATCHES) {
          EscrowBatch batch = batches[turn];
          batch.await();
          batch.fill(in, Math.min(left, EscrowBatch.ENTRIES));
          batch.index(indexing);
          batch.restore();
          left -= batch.count;
        }
        for (EscrowBatch batch : batches) {
          batch.await();
        }
      } finally {
        // Also when it fails: the other thread uses memory that is about to go.
        for (EscrowBatch batch : batches) {
          batch.settle();
        }
      }
    }
    loadFree(slots, free, in);
  }

  /**
   * Entries on their way in. The thread that loads writes them to the table and sums their digest;
   * the indexes, which share nothing with that, are filled from the same bytes meanwhile.
   */
  private static final class EscrowBatch {
    static final int ENTRIES = 4096;
    private static final int STRIDE = EscrowIndexer.STRIDE;

    private final LedgerState state;
    private final EscrowIndexer indexer;
    private final byte[] bytes = new byte[ENTRIES * STRIDE];
    private final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
    private FutureTask<Void> indexed;
    private int count;

    EscrowBatch(LedgerState state, EscrowIndexer indexer) {
      this.state = state;
      this.indexer = indexer;
    }

    void fill(Input in, int entries) {
      count = entries;
      in.read(buffer, bytes, entries * STRIDE);
      for (int at = 0; at < count * STRIDE; at += STRIDE) {
        // Before either side uses it.
        state.escrows.slots().at(slot(at));
      }
    }

    private int slot(int at) {
      return buffer.getInt(at, ByteOrder.LITTLE_ENDIAN);
    }

    void restore() {
      for (int at = 0; at < count * STRIDE; at += STRIDE) {
        state.escrows.restoreEntry(slot(at), bytes, at + Integer.BYTES);
      }
    }

    void index(Executor executor) {
      indexed = new FutureTask<>(() -> indexer.index(bytes, buffer, count), null);
      executor.execute(indexed);
    }

    /** Until the indexes have what was handed over before. */
    void await() {
      if (indexed == null) {
        return;
      }
      try {
        indexed.get();
      } catch (ExecutionException e) {
        if (e.getCause() instanceof RuntimeException cause) {
          throw cause;
        }
        throw new IllegalStateException(e.getCause());
      } catch (InterruptedException e) {
        throw new IllegalStateException("interrupted while loading a ledger snapshot", e);
      }
    }

    /** Until nobody uses the memory any more, whatever came of it. */
    void settle() {
      try {
        await();
      } catch (IllegalStateException | IllegalArgumentException | IndexOutOfBoundsException e) {
        // The load has failed already, with this or with what came first.
      }
    }
  }

  private static void loadDeposits(LedgerState state, Input in) {
    SlotTable slots = state.deposits.slots();
    slots.restoreHighWater(in.getInt());
    int free = requireFree(slots, in.getInt());
    byte[] key = new byte[EscrowTable.KEY_LENGTH];
    for (int left = slots.highWater() - free; left > 0; left--) {
      int slot = in.getInt();
      state.deposits.restoreEntry(slot, in.array(DEPOSIT_BYTES), 0);
      state.deposits.copyOutpoint(slot, key, 0);
      state.depositByOutpoint.insert(state.fingerprint(key, 0, key.length), slot);
    }
    loadFree(slots, free, in);
  }

  private static int requireFree(SlotTable slots, int free) {
    if (free < 0 || free > slots.highWater()) {
      throw new IllegalStateException(free + " free of " + slots.highWater() + " slots");
    }
    return free;
  }

  private static void loadFree(SlotTable slots, int count, Input in) {
    int[] free = new int[count];
    for (int i = 0; i < count; i++) {
      free[i] = in.getInt();
    }
    for (int i = count - 1; i >= 0; i--) {
      slots.free(free[i]);
    }
  }

  /** Gathers what is written into chunks. */
  private static final class Output {
    private static final int CHUNK = 1 << 16;

    private final SnapshotSink sink;
    private final byte[] chunk = new byte[CHUNK];
    private final UnsafeBuffer buffer = new UnsafeBuffer(chunk);
    private final CRC32C crc = new CRC32C();
    private int length;

    Output(SnapshotSink sink) {
      this.sink = sink;
    }

    void putInt(int value) {
      reserve(Integer.BYTES);
      buffer.putInt(length, value, ByteOrder.LITTLE_ENDIAN);
      length += Integer.BYTES;
    }

    void putLong(long value) {
      reserve(Long.BYTES);
      buffer.putLong(length, value, ByteOrder.LITTLE_ENDIAN);
      length += Long.BYTES;
    }

    void put(byte[] source) {
      put(source, source.length);
    }

    void put(byte[] source, int bytes) {
      reserve(bytes);
      buffer.putBytes(length, source, 0, bytes);
      length += bytes;
    }

    private void reserve(int bytes) {
      if (length + bytes > CHUNK) {
        flush();
      }
    }

    private void flush() {
      crc.update(chunk, 0, length);
      sink.write(buffer, 0, length);
      length = 0;
    }

    void finish() {
      flush();
      putInt((int) crc.getValue());
      sink.write(buffer, 0, length);
    }
  }

  /** Reads field by field; the source buffers. */
  private static final class Input {
    private final SnapshotSource source;
    private final byte[] field = new byte[256];
    private final UnsafeBuffer buffer = new UnsafeBuffer(field);
    private final CRC32C crc = new CRC32C();

    Input(SnapshotSource source) {
      this.source = source;
    }

    /** Many bytes at once into the caller's array. */
    void read(UnsafeBuffer target, byte[] array, int bytes) {
      source.read(target, 0, bytes);
      crc.update(array, 0, bytes);
    }

    UnsafeBuffer next(int bytes) {
      source.read(buffer, 0, bytes);
      crc.update(field, 0, bytes);
      return buffer;
    }

    int getInt() {
      return next(Integer.BYTES).getInt(0, ByteOrder.LITTLE_ENDIAN);
    }

    long getLong() {
      return next(Long.BYTES).getLong(0, ByteOrder.LITTLE_ENDIAN);
    }

    /** The next bytes, at the start of an array that is valid until the next call. */
    byte[] array(int bytes) {
      next(bytes);
      return field;
    }

    void finish() {
      int expected = (int) crc.getValue();
      int stored = getInt();
      if (stored != expected) {
        throw new IllegalArgumentException(
            "ledger snapshot has CRC32C %08x, its content %08x".formatted(stored, expected));
      }
    }
  }
}
