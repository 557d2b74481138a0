package org.micropay.vts.secp256k1;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/**
 * Off-heap memory for secrets: locked into RAM (never swapped), left out of core dumps, read as
 * zeros in a forked child, and overwritten with zeros when its arena closes. Thread-safe.
 *
 * <p>Keys are small and the lock limit is counted in pages, so they share pages in slots of {@value
 * #SLOT_BYTES} bytes. A page that once held keys stays mapped and locked for the next ones.
 */
@SuppressWarnings("restricted")
final class LockedMemory {
  static final int SLOT_BYTES = 64;

  private static final ArrayDeque<MemorySegment> FREE = new ArrayDeque<>();

  private LockedMemory() {}

  /** A zeroed slot that lives as long as {@code arena}. */
  static MemorySegment slot(Arena arena) {
    MemorySegment slot = takeSlot();
    return slot.reinterpret(arena, ended -> giveBack(slot));
  }

  /** A zeroed region of its own, at least {@code bytes} long, that lives as long as the arena. */
  static MemorySegment pages(long bytes, Arena arena) {
    return map(bytes)
        .reinterpret(
            arena,
            region -> {
              region.fill((byte) 0);
              Libc.unmap(region.address(), region.byteSize());
            });
  }

  private static MemorySegment takeSlot() {
    synchronized (FREE) {
      if (FREE.isEmpty()) {
        MemorySegment page = map(1);
        for (long at = 0; at < page.byteSize(); at += SLOT_BYTES) {
          FREE.add(page.asSlice(at, SLOT_BYTES));
        }
      }
      return FREE.remove();
    }
  }

  private static void giveBack(MemorySegment slot) {
    slot.fill((byte) 0);
    synchronized (FREE) {
      FREE.add(slot);
    }
  }

  private static MemorySegment map(long atLeast) {
    long page = Libc.pageSize();
    long bytes = Math.ceilDiv(atLeast, page) * page;
    long address = Libc.mapAnonymous(bytes);
    try {
      Libc.lock(address, bytes);
      Libc.advise(address, bytes, Libc.MADV_DONTDUMP);
      Libc.advise(address, bytes, Libc.MADV_WIPEONFORK);
    } catch (IllegalStateException e) {
      Libc.unmap(address, bytes);
      throw e;
    }
    return MemorySegment.ofAddress(address).reinterpret(bytes);
  }
}
