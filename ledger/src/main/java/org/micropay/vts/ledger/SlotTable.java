package org.micropay.vts.ledger;

import java.lang.foreign.Arena;
import java.lang.invoke.VarHandle;
import java.util.Objects;

/**
 * Entries of one size in native memory, each guarded by a sequence lock in its first four bytes.
 * Fixed capacity; freed slots are used again, last freed first, so that the same commands always
 * lead to the same slots.
 *
 * <pre>
 *  0       4
 *  | stamp | link or first field | ...
 *  stamp: odd while the entry is being written
 *  link:  in a free slot the next free slot + 1, or 0
 * </pre>
 *
 * <p>One thread writes, any number read. A reader takes {@link #stamp}, copies what it needs, and
 * believes it only if the stamp was even and {@link #unchanged} afterwards.
 */
final class SlotTable {
  static final int NONE = -1;
  static final int LINK = 4;

  private final OffHeap memory;
  private final int capacity;
  private final int entryBytes;
  private int highWater;
  private int freeHead = NONE;
  private int freeCount;

  SlotTable(Arena arena, int capacity, int entryBytes) {
    this.capacity = capacity;
    this.entryBytes = entryBytes;
    memory = new OffHeap(arena, Math.max(1L, (long) capacity * entryBytes));
  }

  OffHeap memory() {
    return memory;
  }

  int capacity() {
    return capacity;
  }

  /** One more than the highest slot ever used. */
  int highWater() {
    return highWater;
  }

  int freeCount() {
    return freeCount;
  }

  int freeHead() {
    return freeHead;
  }

  int liveCount() {
    return highWater - freeCount;
  }

  /** Byte offset of a slot. */
  long at(int slot) {
    return (long) Objects.checkIndex(slot, capacity) * entryBytes;
  }

  /** A free slot; the caller checked that one is left. */
  int allocate() {
    if (freeHead != NONE) {
      int slot = freeHead;
      freeHead = nextFree(slot);
      freeCount--;
      return slot;
    }
    if (highWater == capacity) {
      throw new IllegalStateException("all " + capacity + " slots are in use");
    }
    return highWater++;
  }

  /** Returns a slot whose entry the caller has cleared. */
  void free(int slot) {
    memory.putInt(at(slot) + LINK, freeHead + 1);
    freeHead = slot;
    freeCount++;
  }

  int nextFree(int slot) {
    return memory.getInt(at(slot) + LINK) - 1;
  }

  /** For loading a snapshot: slots below were used; frees come next, last freed first. */
  void restoreHighWater(int slots) {
    if (slots < 0 || slots > capacity || highWater != 0) {
      throw new IllegalStateException("cannot restore " + slots + " of " + capacity + " slots");
    }
    highWater = slots;
  }

  void beginWrite(int slot) {
    long at = at(slot);
    int stamp = memory.getInt(at);
    if ((stamp & 1) != 0) {
      throw new IllegalStateException("slot " + slot + " is being written: stamp " + stamp);
    }
    memory.putInt(at, stamp + 1);
    VarHandle.releaseFence();
  }

  void endWrite(int slot) {
    long at = at(slot);
    memory.putIntRelease(at, memory.getInt(at) + 1);
  }

  int stamp(int slot) {
    return memory.getIntAcquire(at(slot));
  }

  boolean unchanged(int slot, int before) {
    VarHandle.acquireFence();
    return (before & 1) == 0 && memory.getIntAcquire(at(slot)) == before;
  }
}
