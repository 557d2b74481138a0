package org.micropay.vts.appliance.server;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import org.agrona.DirectBuffer;
import org.micropay.vts.affinity.LargeMemory;
import org.micropay.vts.ledger.BlockRecord;
import org.micropay.vts.ledger.GrantRecord;
import org.micropay.vts.ledger.LedgerPolicy;
import org.micropay.vts.ledger.OutpointRecord;
import org.micropay.vts.ledger.RecordType;

/**
 * Refuses a second GRANT for one outpoint where records are written, whatever the ledger decided:
 * what slashing protection is to a validator's signer. It shares neither code nor memory with the
 * ledger; it sees the records alone, each before it is appended, and at recovery all of them.
 *
 * <pre>
 *  bucket, 64 bytes, one cache line: four cells, filled from the first on
 *  cell, 16 bytes; all zero: empty
 *  | SipHash-1-3-128 of the outpoint, low u64 | spentHeight u32 | its next 32 bits u32 |
 * </pre>
 *
 * <p>An outpoint is known by 96 bits under a random key: among ten million grants two outpoints
 * meet with a probability of 6 * 10^-16, and nobody can make it happen. A granted outpoint is
 * forgotten when its spend is buried as deep as the ledger's own memory goes: the chain refuses it
 * from then on. There are two cells for each escrow of the ledger's capacity. A bucket is compared
 * as a whole, without a branch that depends on what is in it, so that the processor goes on while
 * the line is on its way; a full one leads to the next, and a removal pulls back what was led on.
 *
 * <p>One thread. Allocates nothing in steady state.
 */
final class GrantGuard implements AutoCloseable {
  /** Bytes of memory for each escrow of the ledger's capacity. */
  static final int BYTES_PER_ESCROW = 32;

  private static final int CELL = 16;
  private static final long HALF = 0xFFFFFFFFL;
  private static final int OUTPOINT = GrantRecord.CLAIM + 4;
  private static final int OUTPOINT_LENGTH = 36;

  private static final int CELLS = 4;
  private static final int BUCKET = CELLS * CELL;

  private static final int CONFIG = RecordType.CONFIG.number();
  private static final int GRANT = RecordType.GRANT.number();
  private static final int SPENT = RecordType.ESCROW_SPENT.number();
  private static final int UNSPENT = RecordType.ESCROW_UNSPENT.number();
  private static final int CONNECTED = RecordType.BLOCK_CONNECTED.number();
  private static final int DISCONNECTED = RecordType.BLOCK_DISCONNECTED.number();
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

  /** Grants that may be announced before they are written. */
  private static final int AHEAD = 64;

  private final Arena arena = LargeMemory.newArena();
  private final long[] aheadPosition = new long[AHEAD];
  private final long[] aheadLow = new long[AHEAD];
  private final long[] aheadRest = new long[AHEAD];
  private int announced;
  private int fetched;
  private int used;
  private MemorySegment table;
  private int buckets;
  private int limit;
  private SipHash128 hash;
  private long key0;
  private long key1;
  private int size;
  private int cursor;
  private int tip;
  private int depth = LedgerPolicy.MIN_RETIRE_DEPTH;
  private final long[] lows = new long[StateSection.BATCH];
  private final long[] rests = new long[StateSection.BATCH];
  private long unused;

  /** For a ledger of this capacity, under a fresh random key. */
  static GrantGuard create(int escrowCapacity) {
    SecureRandom random = new SecureRandom();
    return new GrantGuard(escrowCapacity, random.nextLong(), random.nextLong());
  }

  GrantGuard(int escrowCapacity, long key0, long key1) {
    allocate(escrowCapacity / 2 + 2);
    setKey(key0, key1);
  }

  private void allocate(int count) {
    buckets = count;
    limit = Math.multiplyExact(buckets, CELLS) / 8 * 7;
    table = arena.allocate((long) buckets * BUCKET, BUCKET);
    size = 0;
    cursor = 0;
  }

  private void setKey(long newKey0, long newKey1) {
    key0 = newKey0;
    key1 = newKey1;
    hash = new SipHash128(newKey0, newKey1);
    forgetAnnounced();
  }

  /**
   * A record that will come to {@link #onRecord} soon, in this order, with these bytes. Only saves
   * time: the hashes are computed for a batch, and its buckets are then read all at the same time
   * instead of one wait for memory after the other. What is not announced is treated the same.
   */
  void announce(long position, int type, DirectBuffer payload, int offset, int length) {
    if (used == announced) {
      forgetAnnounced();
    }
    if (type != GRANT || length < OUTPOINT + OUTPOINT_LENGTH || announced == AHEAD) {
      return;
    }
    hash.hash(payload, offset + OUTPOINT);
    aheadPosition[announced] = position;
    aheadLow[announced] = low();
    aheadRest[announced] = hash.high() << 32;
    announced++;
  }

  /** Reads the buckets of what was announced: short independent steps, so that they overlap. */
  private void fetch() {
    if (fetched == announced) {
      return;
    }
    long read = 0;
    for (int i = fetched; i < announced; i++) {
      read += table.get(LONG, (long) home(aheadLow[i]) * BUCKET);
    }
    fetched = announced;
    unused = read; // a field, so that the compiler keeps the loads
  }

  /**
   * Looks at a record that is about to be written, or was read back.
   *
   * @throws DuplicateGrantException for a GRANT of an outpoint that has one
   */
  void onRecord(long position, int type, DirectBuffer payload, int offset, int length) {
    int outpoint = outpointIn(position, type, length);
    if (type == GRANT && isAnnounced(position)) {
      fetch();
      long low = aheadLow[used];
      long rest = aheadRest[used];
      used++;
      take(position, type, payload, offset, length, low, rest);
      return;
    }
    if (outpoint >= 0) {
      hash.hash(payload, offset + outpoint);
    }
    take(position, type, payload, offset, length, low(), hash.high() << 32);
  }

  /**
   * The same for records that were read back: their buckets are read in a loop of their own first,
   * so that many are under way at the same time.
   */
  void onRecords(RecordChunk chunk, int from, int to) {
    long read = 0;
    for (int i = from; i < to; i++) {
      int outpoint = outpointIn(chunk.position(i), chunk.type(i).number(), chunk.length(i));
      if (outpoint >= 0) {
        hash.hash(chunk.buffer(), chunk.offset(i) + outpoint);
        lows[i - from] = low();
        rests[i - from] = hash.high() << 32;
        read += table.get(LONG, (long) home(low()) * BUCKET);
      }
    }
    unused = read; // a field, so that the compiler keeps the loads
    for (int i = from; i < to; i++) {
      take(
          chunk.position(i),
          chunk.type(i).number(),
          chunk.buffer(),
          chunk.offset(i),
          chunk.length(i),
          lows[i - from],
          rests[i - from]);
    }
  }

  /** Where in the payload the outpoint stands that the record is about; -1 for other records. */
  private static int outpointIn(long position, int type, int length) {
    if (type == GRANT) {
      if (length < OUTPOINT + OUTPOINT_LENGTH) {
        throw new IllegalArgumentException(
            "GRANT at position " + position + " has only " + length + " bytes");
      }
      return OUTPOINT;
    }
    return type == SPENT || type == UNSPENT ? OutpointRecord.OUTPOINT : -1;
  }

  private void take(
      long position, int type, DirectBuffer payload, int offset, int length, long low, long rest) {
    if (type == GRANT) {
      grant(position, payload, offset, low, rest);
    } else if (type == SPENT) {
      spend(low, rest, payload.getInt(offset + OutpointRecord.HEIGHT, ByteOrder.LITTLE_ENDIAN));
    } else if (type == UNSPENT) {
      spend(low, rest, 0);
    } else if (type == CONNECTED) {
      tip = payload.getInt(offset + BlockRecord.HEIGHT, ByteOrder.LITTLE_ENDIAN);
    } else if (type == DISCONNECTED) {
      tip = payload.getInt(offset + BlockRecord.HEIGHT, ByteOrder.LITTLE_ENDIAN) - 1;
    } else if (type == CONFIG) {
      depth = LedgerPolicy.decode(payload, offset, length).retireDepth();
    }
    sweep(1);
  }

  private void grant(long position, DirectBuffer payload, int offset, long low, long rest) {
    if (size >= limit) {
      makeRoom();
    }
    if (!insert(low, rest)) {
      throw new DuplicateGrantException(position, payload, offset + OUTPOINT);
    }
  }

  /** Whether this is the next announced grant; announcements that were not kept are dropped. */
  private boolean isAnnounced(long position) {
    while (used < announced && aheadPosition[used] < position) {
      used++;
    }
    if (used < announced && aheadPosition[used] == position) {
      return true;
    }
    forgetAnnounced();
    return false;
  }

  private void forgetAnnounced() {
    announced = 0;
    fetched = 0;
    used = 0;
  }

  /**
   * Forgets what is buried, or takes more memory. A ledger within the capacity that this was made
   * for never leads here: what is not buried is still live in it.
   */
  private void makeRoom() {
    sweep(buckets);
    if (size < limit) {
      return;
    }
    MemorySegment old = table;
    allocate(Math.multiplyExact(buckets, 2));
    for (long at = 0; at < old.byteSize(); at += CELL) {
      if (old.get(LONG, at) != 0) {
        insert(old.get(LONG, at), old.get(LONG, at + 8));
      }
    }
  }

  /** The empty cell's mark is no fingerprint. */
  private long low() {
    return hash.low() == 0 ? 1 : hash.low();
  }

  /** False when the fingerprint is there. */
  private boolean insert(long low, long rest) {
    int bucket = home(low);
    while (true) {
      long at = (long) bucket * BUCKET;
      if (find(at, low, rest) >= 0) {
        return false;
      }
      int filled = filled(at);
      if (filled < CELLS) {
        put(at + filled * CELL, low, rest);
        size++;
        return true;
      }
      bucket = after(bucket);
    }
  }

  private void spend(long low, long rest, int height) {
    int bucket = home(low);
    while (true) {
      long at = (long) bucket * BUCKET;
      long found = find(at, low, rest);
      if (found >= 0) {
        put(found, low, rest | Integer.toUnsignedLong(height));
        return;
      }
      if (filled(at) < CELLS) {
        return;
      }
      bucket = after(bucket);
    }
  }

  /** Where in a bucket the fingerprint is; -1 when it is not. */
  private long find(long at, long low, long rest) {
    long found = -1;
    for (int i = 0; i < CELLS; i++) {
      long cell = at + i * CELL;
      long difference = table.get(LONG, cell) ^ low | (table.get(LONG, cell + 8) ^ rest) >>> 32;
      found = difference == 0 ? cell : found;
    }
    return found;
  }

  private int filled(long at) {
    int filled = 0;
    for (int i = 0; i < CELLS; i++) {
      filled += table.get(LONG, at + i * CELL) != 0 ? 1 : 0;
    }
    return filled;
  }

  private void put(long cell, long low, long rest) {
    table.set(LONG, cell, low);
    table.set(LONG, cell + 8, rest);
  }

  /** Looks at the next buckets and forgets what is buried. */
  private void sweep(int count) {
    for (int i = 0; i < count; i++) {
      long at = (long) cursor * BUCKET;
      for (int cell = CELLS - 1; cell >= 0; cell--) {
        long spent = table.get(LONG, at + cell * CELL + 8) & HALF;
        if (spent != 0 && spent + depth <= tip) {
          remove(cursor, at + cell * CELL);
          size--;
        }
      }
      cursor = after(cursor);
    }
  }

  /** Empties a cell; what a full bucket had led on comes back to it. */
  private void remove(int bucket, long cell) {
    int hole = bucket;
    boolean wasFull = close(hole, cell);
    int next = hole;
    while (wasFull) {
      next = after(next);
      long at = (long) next * BUCKET;
      boolean nextWasFull = filled(at) == CELLS;
      for (int i = 0; i < CELLS; i++) {
        long from = at + i * CELL;
        long low = table.get(LONG, from);
        // What lies here and belongs at or before the hole may go there.
        if (low != 0 && distance(home(low), hole) < distance(home(low), next)) {
          long to = (long) hole * BUCKET + (CELLS - 1) * CELL;
          put(to, low, table.get(LONG, from + 8));
          close(next, from);
          hole = next;
          break;
        }
      }
      wasFull = nextWasFull;
    }
  }

  /** Takes a cell out and moves the bucket's last one into its place; whether it was full. */
  private boolean close(int bucket, long cell) {
    long at = (long) bucket * BUCKET;
    int filled = filled(at);
    long last = at + (filled - 1) * CELL;
    put(cell, table.get(LONG, last), table.get(LONG, last + 8));
    put(last, 0, 0);
    return filled == CELLS;
  }

  private int distance(int from, int to) {
    return to >= from ? to - from : to - from + buckets;
  }

  private int home(long low) {
    return (int) ((low >>> 32) * buckets >>> 32);
  }

  private int after(int bucket) {
    return bucket + 1 == buckets ? 0 : bucket + 1;
  }

  /** Granted outpoints that it holds. */
  int size() {
    return size;
  }

  /** Bytes outside the heap. */
  long memoryBytes() {
    return table.byteSize();
  }

  // ---- snapshot: key 16 | tip u32 | depth u32 | count u32 | zero u32 | count cells; big-endian

  void write(OutputStream out) throws IOException {
    DataOutputStream data = new DataOutputStream(out);
    data.writeLong(key0);
    data.writeLong(key1);
    data.writeInt(tip);
    data.writeInt(depth);
    data.writeInt(size);
    data.writeInt(0);
    for (long at = 0; at < table.byteSize(); at += CELL) {
      long low = table.get(LONG, at);
      if (low != 0) {
        data.writeLong(low);
        data.writeLong(table.get(LONG, at + 8));
      }
    }
  }

  void read(InputStream in) throws IOException {
    DataInputStream data = new DataInputStream(in);
    setKey(data.readLong(), data.readLong());
    tip = data.readInt();
    depth = data.readInt();
    int count = data.readInt();
    data.readInt();
    if (count < 0 || count > LedgerPolicy.MAX_CAPACITY) {
      throw new IllegalArgumentException("guard of grants with " + count + " outpoints");
    }
    while (count > limit) {
      allocate(Math.multiplyExact(buckets, 2));
    }
    for (int i = 0; i < count; i++) {
      long low = data.readLong();
      if (low == 0 || !insert(low, data.readLong())) {
        throw new IllegalArgumentException("guard of grants holds an outpoint twice");
      }
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
