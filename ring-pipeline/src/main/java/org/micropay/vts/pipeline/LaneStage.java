package org.micropay.vts.pipeline;

import com.lmax.disruptor.Sequence;
import java.lang.foreign.Arena;

/**
 * A stage that gathers rows into off-heap columns for a kernel that works on several at a time. The
 * stages of one {@link WorkerGroup} do the same; each slot is for whichever takes it.
 *
 * <p>Under load each kernel call gets a multiple of the kernel's lanes: what is left over stays in
 * the columns and opens the next batch, whose members have arrived meanwhile. When idle nothing
 * waits: fewer rows than lanes go at once. Where there is not enough for a whole batch each, a
 * stage takes its share, so that the others have work too. The group's sequence never passes a row
 * that is still in the columns.
 */
abstract class LaneStage extends Stage {
  final Arena arena = Arena.ofShared();

  private final WorkerGroup group;
  private final int member;
  private final int lanes;
  private final long[] gatheredAt;
  private final long[] selectedAt;
  private int gathered;
  private long unused;

  LaneStage(
      String name,
      StageContext context,
      WorkerGroup group,
      int member,
      int lanes,
      int batch,
      Sequence... upstream) {
    super(name, context, upstream);
    if (lanes < 1 || batch < lanes || batch % lanes != 0) {
      throw new IllegalArgumentException(
          name + ": batch of " + batch + " is no multiple of the kernel's " + lanes + " lanes");
    }
    this.group = group;
    this.member = member;
    this.lanes = lanes;
    this.gatheredAt = new long[batch];
    this.selectedAt = new long[batch];
  }

  /** The whole group's: a slot is anyone's until it is taken. */
  @Override
  final Sequence sequence() {
    return group.finished();
  }

  @Override
  final int poll(int limit) {
    int seen = take(limit);
    int rows = gathered < lanes ? gathered : gathered - gathered % lanes;
    if (rows > 0) {
      process(rows);
      for (int row = 0; row < rows; row++) {
        scatter(row, slot(gatheredAt[row]));
      }
      carry(rows);
      finish();
    }
    // A step that only finished what was carried over has worked too.
    return seen > 0 ? seen : rows;
  }

  @Override
  final int take(int limit) {
    int room = Math.min(gatheredAt.length - gathered, limit);
    long from;
    long to;
    do {
      from = group.taken();
      to = from + Math.min(room, share(from));
      if (to <= from) {
        return 0;
      }
    } while (!group.tryTake(member, from, to));
    look(from + 1, to);
    finish();
    return (int) (to - from);
  }

  /** How many of the slots after {@code from} are for this stage, in whole lanes if it can be. */
  private long share(long from) {
    int members = group.members();
    long there = available(from + 1, from + (long) gatheredAt.length * members) - from;
    long each = (there + members - 1) / members;
    return Math.min(there, (each + lanes - 1) / lanes * lanes);
  }

  private void look(long first, long last) {
    touch(first, last);
    int selected = 0;
    for (long at = first; at <= last; at++) {
      if (select(slot(at), selected)) {
        selectedAt[selected++] = at;
      }
    }
    gather(selected);
  }

  /** Lets the stages behind have what is finished. */
  private void finish() {
    if (gathered == 0) {
      group.release(member);
    } else {
      group.holdFrom(member, gatheredAt[0]);
    }
  }

  /**
   * Reads a word of each cache line that the stage will need, of all slots in short independent
   * steps: the lines come from other cores, and so they come together instead of one by one.
   */
  private void touch(long first, long last) {
    long read = 0;
    for (long at = first; at <= last; at++) {
      read += touch(slot(at));
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
   * Looks at a slot for the first time; true when it goes on to {@link #gather} as number {@code
   * place} of this step.
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
