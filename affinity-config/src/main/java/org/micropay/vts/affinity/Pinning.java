package org.micropay.vts.affinity;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Collection;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Says on which CPUs the calling thread may run; sched_setaffinity(2) and sched_getaffinity(2).
 * Platform threads only: a virtual thread has no kernel thread of its own. Stateless; any thread.
 */
public final class Pinning {
  /** Bits in the mask: more than any kernel configuration has CPUs. */
  private static final int MAX_CPUS = 8192;

  private static final int EINVAL = 22;
  private static final int PRIO_PROCESS = 0;
  private static final int LOWEST_PRIORITY = 19;

  private Pinning() {}

  /** Downcalls, linked on first use. */
  @SuppressWarnings("restricted")
  private static final class Libc {
    private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
        STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle SET_PRIORITY =
        Linker.nativeLinker()
            .downcallHandle(
                Linker.nativeLinker().defaultLookup().findOrThrow("setpriority"),
                FunctionDescriptor.of(
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT));
    private static final MethodHandle SET = handle("sched_setaffinity");
    private static final MethodHandle GET = handle("sched_getaffinity");

    private static MethodHandle handle(String name) {
      Linker linker = Linker.nativeLinker();
      return linker.downcallHandle(
          linker.defaultLookup().findOrThrow(name),
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_LONG,
              ValueLayout.ADDRESS),
          Linker.Option.captureCallState("errno"));
    }
  }

  /** Lets the calling thread run on one CPU only. */
  public static void pinCurrentThread(int cpu) {
    setCurrentThread(java.util.List.of(cpu));
  }

  /** Lets the calling thread run on these CPUs only. */
  public static void setCurrentThread(Collection<Integer> cpus) {
    if (cpus.isEmpty()) {
      throw new AffinityException("a thread needs at least one CPU to run on");
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment mask = arena.allocate(MAX_CPUS / 8, 8);
      for (int cpu : cpus) {
        if (cpu < 0 || cpu >= MAX_CPUS) {
          throw new AffinityException("there is no CPU " + cpu);
        }
        byte bits = mask.get(ValueLayout.JAVA_BYTE, cpu / 8);
        mask.set(ValueLayout.JAVA_BYTE, cpu / 8, (byte) (bits | 1 << (cpu & 7)));
      }
      call(Libc.SET, arena, mask, "run this thread on CPU " + CpuList.format(cpus));
    }
  }

  /** CPUs that the calling thread may run on. */
  public static SortedSet<Integer> currentThread() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment mask = arena.allocate(MAX_CPUS / 8, 8);
      call(Libc.GET, arena, mask, "read the affinity of this thread");
      SortedSet<Integer> cpus = new TreeSet<>();
      for (int cpu = 0; cpu < MAX_CPUS; cpu++) {
        if ((mask.get(ValueLayout.JAVA_BYTE, cpu / 8) & 1 << (cpu & 7)) != 0) {
          cpus.add(cpu);
        }
      }
      return cpus;
    }
  }

  /**
   * Gives the calling thread the lowest priority, nice 19: it gets what the others leave. Without
   * the right to call it nothing changes.
   */
  public static void lowerPriority() {
    try {
      // Linux counts the nice value by thread, whatever POSIX says.
      int ignored = (int) Libc.SET_PRIORITY.invokeExact(PRIO_PROCESS, 0, LOWEST_PRIORITY);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AffinityException("setpriority: " + e);
    }
  }

  private static void call(MethodHandle handle, Arena arena, MemorySegment mask, String what) {
    if (Thread.currentThread().isVirtual()) {
      throw new AffinityException("cannot " + what + ": it is a virtual thread");
    }
    MemorySegment state = arena.allocate(Libc.STATE);
    int result;
    try {
      // 0 is the calling thread.
      result = (int) handle.invokeExact(state, 0, mask.byteSize(), mask);
    } catch (Throwable e) {
      throw new AffinityException("cannot " + what, e);
    }
    if (result < 0) {
      int errno = (int) Libc.ERRNO.get(state, 0L);
      String reason = errno == EINVAL ? "it is offline or outside the cpuset" : "errno " + errno;
      throw new AffinityException("cannot " + what + ": " + reason);
    }
  }
}
