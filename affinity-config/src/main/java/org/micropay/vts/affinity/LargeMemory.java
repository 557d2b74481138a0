package org.micropay.vts.affinity;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.stream.LongStream;

/**
 * Memory for large tables: zero, and there from the start, so that no fault stops the thread that
 * uses it later, and a machine that is too small shows it at once. {@link Arena#ofShared} gives the
 * same, but has one thread touch page after page, and zeroes what the kernel has just zeroed.
 *
 * <p>An arena like that one: any thread may use and close it. Allocations below {@value #SMALLEST}
 * bytes are ordinary ones.
 *
 * <p>Pages are of the size that the kernel chooses. Asking for large ones (MADV_HUGEPAGE) made
 * look-ups a little faster and the memory itself far slower in a virtual machine that gives free
 * memory back to its host, because large pages are what it gives back.
 */
public final class LargeMemory implements Arena {
  /** From this many bytes on. */
  static final long SMALLEST = 8L << 20;

  private static final long PAGE = 2L << 20;
  private static final long PART = 64L << 20;
  private static final int READ_WRITE = 1 | 2;
  private static final int PRIVATE_ANONYMOUS = 0x2 | 0x20;
  private static final int MADV_POPULATE_WRITE = 23;
  private static final long MAP_FAILED = -1;

  private final Arena arena = Arena.ofShared();

  private LargeMemory() {}

  /** Downcalls, linked on first use. */
  @SuppressWarnings("restricted")
  private static final class Libc {
    private static final MethodHandle MMAP =
        handle(
            "mmap",
            FunctionDescriptor.of(
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG));
    private static final MethodHandle MUNMAP =
        handle(
            "munmap",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
    private static final MethodHandle MADVISE =
        handle(
            "madvise",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT));

    private static MethodHandle handle(String name, FunctionDescriptor descriptor) {
      Linker linker = Linker.nativeLinker();
      return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
    }
  }

  /** A new arena; who makes it closes it. */
  public static Arena newArena() {
    return new LargeMemory();
  }

  @Override
  @SuppressWarnings("restricted")
  public MemorySegment allocate(long bytes, long alignment) {
    if (bytes < SMALLEST || alignment > PAGE) {
      return arena.allocate(bytes, alignment);
    }
    // Begins where a large page may, should the kernel use them.
    long length = Math.addExact(bytes, 2 * PAGE - 1) & -PAGE;
    long base = map(length);
    if (base == MAP_FAILED) {
      throw new OutOfMemoryError("cannot map " + bytes + " bytes of memory");
    }
    long start = base + PAGE - 1 & -PAGE;
    populate(start, bytes);
    return MemorySegment.ofAddress(start).reinterpret(bytes, arena, segment -> unmap(base, length));
  }

  /** The kernel zeroes each page, which takes as long as using it: on all CPUs. */
  private static void populate(long start, long bytes) {
    LongStream.rangeClosed(0, (bytes - 1) / PART)
        .parallel()
        .forEach(
            part -> {
              long from = part * PART;
              populatePart(start + from, Math.min(PART, bytes - from));
            });
  }

  private static long map(long length) {
    try {
      return (long) Libc.MMAP.invokeExact(0L, length, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0L);
    } catch (Throwable e) {
      throw new IllegalStateException("mmap", e);
    }
  }

  /** A kernel before 5.14 refuses; then pages come when they are first used. */
  private static void populatePart(long start, long length) {
    try {
      int ignored = (int) Libc.MADVISE.invokeExact(start, length, MADV_POPULATE_WRITE);
    } catch (Throwable e) {
      throw new IllegalStateException("madvise", e);
    }
  }

  private static void unmap(long base, long length) {
    try {
      int ignored = (int) Libc.MUNMAP.invokeExact(base, length);
    } catch (Throwable e) {
      throw new IllegalStateException("munmap", e);
    }
  }

  @Override
  public MemorySegment.Scope scope() {
    return arena.scope();
  }

  /** Gives all memory back; segments throw IllegalStateException from then on. */
  @Override
  public void close() {
    arena.close();
  }
}
