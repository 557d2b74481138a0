package org.micropay.vts.affinity;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The CPUs of a machine and what of them this process may use.
 *
 * @param cpus online CPUs in ascending order
 * @param usable CPUs that this process may run on: its affinity mask within its cpuset, and the
 *     isolated CPUs if the mask is the kernel's default, which leaves them out
 * @param quota CPU time that the cgroup allows, in CPUs (2.5 is two and a half); 0 without limit
 */
public record CpuTopology(List<Cpu> cpus, SortedSet<Integer> usable, double quota) {

  public CpuTopology {
    cpus = List.copyOf(cpus);
    usable = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(usable));
    if (usable.isEmpty()) {
      throw new AffinityException("no CPU is left: cpuset and affinity mask have none in common");
    }
  }

  /** Reads this machine. */
  public static CpuTopology read() {
    return read(Path.of("/"));
  }

  /**
   * Reads a machine from a tree with its {@code sys} and {@code proc}: {@code
   * sys/devices/system/cpu}, {@code sys/devices/system/node}, {@code sys/fs/cgroup}, {@code
   * proc/self/cgroup} and {@code proc/self/status}. What a kernel does not have may be missing.
   */
  public static CpuTopology read(Path root) {
    return new TopologyReader(root).read();
  }

  /** The CPU with this number, which must be online. */
  public Cpu cpu(int id) {
    for (Cpu cpu : cpus) {
      if (cpu.id() == id) {
        return cpu;
      }
    }
    throw new AffinityException("CPU " + id + " is not online; online are " + online());
  }

  /** Number of physical cores with at least one usable CPU. */
  public int usableCores() {
    return (int)
        cpus.stream().filter(c -> usable.contains(c.id())).mapToInt(Cpu::core).distinct().count();
  }

  /** Whether cores have more than one hardware thread online. */
  public boolean simultaneousMultithreading() {
    return cpus.stream().anyMatch(cpu -> cpu.id() != cpu.core());
  }

  private String online() {
    return CpuList.format(cpus.stream().map(Cpu::id).toList());
  }

  /** One line that describes the machine. */
  public String describe() {
    long packages = cpus.stream().mapToInt(Cpu::packageId).distinct().count();
    long nodes = cpus.stream().mapToInt(Cpu::numaNode).distinct().count();
    List<Integer> isolated = cpus.stream().filter(Cpu::isolated).map(Cpu::id).toList();
    return String.format(
        Locale.ROOT,
        "%d CPUs online (%s), %d usable (%s) on %d cores, %d packages, %d NUMA nodes, SMT %s,"
            + " isolated %s, quota %s",
        cpus.size(),
        online(),
        usable.size(),
        CpuList.format(usable),
        usableCores(),
        packages,
        nodes,
        simultaneousMultithreading() ? "on" : "off",
        CpuList.format(isolated),
        quota == 0 ? "none" : String.format(Locale.ROOT, "%.2f CPUs", quota));
  }
}
