package org.micropay.vts.ledger;

import java.lang.foreign.Arena;
import java.lang.invoke.VarHandle;

/**
 * Fingerprint to slot: an open-addressing table with linear probing in native memory, of fixed
 * size. It holds no keys; whoever finds a slot compares the key in the slot.
 *
 * <pre>
 *  cell, 8 bytes, zero when empty
 *  63           32 31            0
 *  | fingerprint  | slot + 1      |
 * </pre>
 *
 * <p>A cell's home follows from its fingerprint alone (fingerprint * cells / 2^32), so cells can be
 * moved without their keys: removal shifts the rest of the cluster back and leaves no tombstone.
 * There are three cells for two slots, so a probe always ends, after about two cells on a hit and
 * five on a miss.
 *
 * <p>One thread writes, any number read. An insertion is one release store. A removal moves cells,
 * so that a concurrent reader may miss a key that is there; it is bracketed by an odd version, and
 * a reader believes a miss only if {@link #version} was even and {@link #unchanged} afterwards.
 */
final class HashIndex {
  static final int CELL_BYTES = Long.BYTES;
  static final int NONE = -1;

  private static final VarHandle VERSION = Fields.handle(HashIndex.class, "version", int.class);

  private final OffHeap memory;
  private final int cells;
  private int version;
  private int size;

  HashIndex(Arena arena, int slots) {
    cells = cells(slots);
    memory = new OffHeap(arena, (long) cells * CELL_BYTES);
  }

  private static int cells(int slots) {
    return Math.addExact(Math.addExact(slots, slots / 2), 8);
  }

  static long bytesFor(int slots) {
    return (long) cells(slots) * CELL_BYTES;
  }

  long bytes() {
    return memory.bytes();
  }

  int size() {
    return size;
  }

  /** What stands in the fingerprint's home; for {@link LookAhead}. */
  long homeCell(int fingerprint) {
    return memory.getLong(offset(home(fingerprint)));
  }

  /** First cell at or after the fingerprint's home that carries it, or NONE. */
  int first(int fingerprint) {
    return match(fingerprint, home(fingerprint));
  }

  /** Next cell after {@code cell} that carries the fingerprint, or NONE. */
  int next(int fingerprint, int cell) {
    return match(fingerprint, after(cell));
  }

  /** The slot in a cell that first or next returned; NONE when a removal emptied it meanwhile. */
  int slot(int cell) {
    return (int) memory.getLongAcquire(offset(cell)) - 1;
  }

  private int match(int fingerprint, int start) {
    int cell = start;
    // Bounded also for a reader whose cells move under its eyes.
    for (int probes = 0; probes < cells; probes++) {
      long content = memory.getLongAcquire(offset(cell));
      if (content == 0) {
        return NONE;
      }
      if ((int) (content >>> 32) == fingerprint) {
        return cell;
      }
      cell = after(cell);
    }
    return NONE;
  }

  void insert(int fingerprint, int slot) {
    int cell = home(fingerprint);
    for (int probes = 0; memory.getLong(offset(cell)) != 0; probes++) {
      if (probes >= cells) {
        throw new IllegalStateException("index of " + cells + " cells is full at slot " + slot);
      }
      cell = after(cell);
    }
    memory.putLongRelease(
        offset(cell), Integer.toUnsignedLong(fingerprint) << 32 | Integer.toUnsignedLong(slot + 1));
    size++;
  }

  void remove(int fingerprint, int slot) {
    int hole = first(fingerprint);
    while (hole != NONE && slot(hole) != slot) {
      hole = next(fingerprint, hole);
    }
    if (hole == NONE) {
      throw new IllegalStateException("slot " + slot + " is not in the index");
    }
    VERSION.setOpaque(this, version + 1);
    VarHandle.fullFence();
    int cell = hole;
    while (true) {
      cell = after(cell);
      long content = memory.getLong(offset(cell));
      if (content == 0) {
        break;
      }
      if (mayMove(home((int) (content >>> 32)), hole, cell)) {
        memory.putLongRelease(offset(hole), content);
        hole = cell;
      }
    }
    memory.putLongRelease(offset(hole), 0);
    VERSION.setRelease(this, version + 1);
    size--;
  }

  /** Whether an entry at {@code cell} with this home may move back to {@code hole}. */
  private static boolean mayMove(int home, int hole, int cell) {
    return hole <= cell ? home <= hole || home > cell : home <= hole && home > cell;
  }

  /** Even when no removal is under way. */
  int version() {
    return (int) VERSION.getAcquire(this);
  }

  /** Whether no cell moved since {@link #version} returned {@code before}. */
  boolean unchanged(int before) {
    VarHandle.acquireFence();
    return (before & 1) == 0 && (int) VERSION.getOpaque(this) == before;
  }

  private int home(int fingerprint) {
    return (int) (Integer.toUnsignedLong(fingerprint) * cells >>> 32);
  }

  private int after(int cell) {
    return cell + 1 == cells ? 0 : cell + 1;
  }

  private static long offset(int cell) {
    return (long) cell * CELL_BYTES;
  }
}
