package org.micropay.vts.pipeline;

import com.lmax.disruptor.Sequence;
import java.lang.foreign.Arena;

/**
 * A sharded stage that gathers rows into off-heap columns for a kernel that works on several at a
 * time. Shard k of n owns the sequences that are k modulo n and passes over the others.
 *
 * <p>Under load each kernel call gets a multiple of the kernel's lanes: what is left over stays in
 * the columns and opens the next batch, whose members have arrived meanwhile. When idle nothing
 * waits: fewer rows than lanes go at once. The stage's sequence never passes a row that is still in
 * the columns.
 */
abstract class LaneStage extends Stage {
  final Arena arena = Arena.ofShared();

  private final int shard;
  private final int shards;
  private final int lanes;
  private final long[] gatheredAt;
  private final long[] selectedAt;
  private int gathered;
  private long scanned = -1;
  private long unused;

  LaneStage(
      String name,
      StageContext context,
      int shard,
      int shards,
      int lanes,
      int batch,
      Sequence... upstream) {
    super(name, context, upstream);
    if (lanes < 1 || batch < lanes || batch % lanes != 0) {
      throw new IllegalArgumentException(
          name + ": batch of " + batch + " is no multiple of the kernel's " + lanes + " lanes");
    }
    this.shard = shard;
    this.shards = shards;
    this.lanes = lanes;
    this.gatheredAt = new long[batch];
    this.selectedAt = new long[batch];
  }

  @Override
  final int poll(int limit) {
    int seen = scan(limit);
    int rows = gathered < lanes ? gathered : gathered - gathered % lanes;
    if (rows > 0) {
      process(rows);
      for (int row = 0; row < rows; row++) {
        scatter(row, slot(gatheredAt[row]));
      }
      carry(rows);
    }
    if (seen + rows > 0) {
      advance(gathered == 0 ? scanned : gatheredAt[0] - 1);
    }
    // A step that only finished what was carried over has worked too.
    return seen > 0 ? seen : rows;
  }

  private int scan(int limit) {
    long available = available(scanned + 1);
    int room = gatheredAt.length - gathered;
    touch(scanned + 1, Math.min(available, scanned + Math.min((long) room * shards, limit)));
    int selected = 0;
    int seen = 0;
    while (scanned < available && selected < room && seen < limit) {
      long next = scanned + 1;
      if (next % shards == shard && select(slot(next), selected)) {
        selectedAt[selected++] = next;
      }
      scanned = next;
      seen++;
    }
    gather(selected);
    return seen;
  }

  /**
   * Reads a word of each cache line that the stage will need, of all slots in short independent
   * steps: the lines come from other cores, and so they come together instead of one by one.
   */
  private void touch(long first, long last) {
    long read = 0;
    for (long at = first; at <= last; at++) {
      if (at % shards == shard) {
        read += touch(slot(at));
      }
    }
    unused = read; // a field, so that the compiler keeps the loads
  }

  private void gather(int selected) {
    if (selected > 0) {
      prepare(selected);
    }
    for (int place = 0; place < selected; place++) {
      if (gather(slot(selectedAt[place]), place, gathered)) {
        gatheredAt[gathered++] = selectedAt[place];
      }
    }
  }

  private void carry(int done) {
    int left = gathered - done;
    if (left > 0) {
      moveToFront(done, left);
      System.arraycopy(gatheredAt, done, gatheredAt, 0, left);
    }
    gathered = left;
  }

  @Override
  void close() {
    arena.close();
  }

  /** Reads what brings the slot's data into the cache; what it returns has no meaning. */
  long touch(ClaimSlot slot) {
    return 0;
  }

  /**
   * Looks at a slot of this shard for the first time; true when it goes on to {@link #gather} as
   * number {@code place} of this step.
   */
  abstract boolean select(ClaimSlot slot, int place);

  /** Works on places 0 to {@code selected - 1} at once, before each of them is gathered. */
  void prepare(int selected) {}

  /**
   * Puts the slot's data into row {@code row} of the columns; false if the kernel need not see it.
   */
  abstract boolean gather(ClaimSlot slot, int place, int row);

  /** Runs the kernel over the first {@code rows} rows. */
  abstract void process(int rows);

  /** Takes the kernel's result for row {@code row} into the slot. */
  abstract void scatter(int row, ClaimSlot slot);

  /** Moves {@code rows} rows from {@code from} on to the front of every input column. */
  abstract void moveToFront(int from, int rows);
}
