package org.micropay.vts.affinity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Reads sysfs, procfs and cgroupfs below a root. Formats: Documentation/ABI/stable/sysfs-devices-
 * system-cpu, cpuset(7), cgroups(7) and the kernel's cgroup-v2 page.
 */
final class TopologyReader {
  private static final String CPU = "sys/devices/system/cpu/";
  private static final String NODE = "sys/devices/system/node/";

  private final Path root;

  TopologyReader(Path root) {
    this.root = root;
  }

  CpuTopology read() {
    String online = text(CPU + "online");
    if (online == null) {
      throw new AffinityException("cannot read " + root.resolve(CPU + "online"));
    }
    SortedSet<Integer> ids = CpuList.parse(online);
    SortedSet<Integer> isolated = cpuList(CPU + "isolated");
    SortedSet<Integer> tickless = cpuList(CPU + "nohz_full");
    Map<Integer, Integer> nodes = nodes();
    List<Cpu> cpus = new ArrayList<>();
    for (int id : ids) {
      String topology = CPU + "cpu" + id + "/topology/";
      cpus.add(
          new Cpu(
              id,
              first(topology + "thread_siblings_list", ids, id),
              number(topology + "physical_package_id"),
              nodes.getOrDefault(id, 0),
              lastLevelCache(id, ids),
              isolated.contains(id),
              tickless.contains(id)));
    }
    Cgroup cgroup = new Cgroup();
    return new CpuTopology(cpus, usable(ids, isolated, cgroup.cpuset()), cgroup.quota());
  }

  private SortedSet<Integer> usable(
      SortedSet<Integer> online, SortedSet<Integer> isolated, SortedSet<Integer> cpuset) {
    SortedSet<Integer> within = new TreeSet<>(online);
    if (!cpuset.isEmpty()) {
      within.retainAll(cpuset);
    }
    SortedSet<Integer> mask = affinityMask();
    if (mask.isEmpty()) {
      return within;
    }
    SortedSet<Integer> unisolated = new TreeSet<>(within);
    unisolated.removeAll(isolated);
    // The default mask has every CPU but the isolated ones; a narrower one is somebody's will.
    if (!unisolated.isEmpty() && mask.containsAll(unisolated)) {
      return within;
    }
    within.retainAll(mask);
    return within;
  }

  private SortedSet<Integer> affinityMask() {
    String status = text("proc/self/status");
    if (status != null) {
      for (String line : status.split("\n")) {
        if (line.startsWith("Cpus_allowed_list:")) {
          return CpuList.parse(line.substring(line.indexOf(':') + 1));
        }
      }
    }
    return new TreeSet<>();
  }

  private Map<Integer, Integer> nodes() {
    Map<Integer, Integer> nodes = new HashMap<>();
    for (int node : cpuList(NODE + "online")) {
      for (int cpu : cpuList(NODE + "node" + node + "/cpulist")) {
        nodes.put(cpu, node);
      }
    }
    return nodes;
  }

  /** The highest cache level is the one that is shared most widely. */
  private int lastLevelCache(int cpu, SortedSet<Integer> online) {
    int highest = -1;
    int leader = cpu;
    for (int index = 0; ; index++) {
      String cache = CPU + "cpu" + cpu + "/cache/index" + index + "/";
      String level = text(cache + "level");
      if (level == null) {
        return leader;
      }
      if (Integer.parseInt(level) > highest) {
        highest = Integer.parseInt(level);
        leader = first(cache + "shared_cpu_list", online, cpu);
      }
    }
  }

  private int first(String path, SortedSet<Integer> online, int otherwise) {
    SortedSet<Integer> cpus = cpuList(path);
    cpus.retainAll(online);
    return cpus.isEmpty() ? otherwise : cpus.first();
  }

  private int number(String path) {
    String text = text(path);
    try {
      // Some machines say -1 for a package they do not know.
      return text == null ? 0 : Math.max(0, Integer.parseInt(text));
    } catch (NumberFormatException e) {
      throw new AffinityException(
          root.resolve(path) + " has '" + text + "' in place of a number", e);
    }
  }

  private SortedSet<Integer> cpuList(String path) {
    String text = text(path);
    // Kernels that have nohz_full compiled in but not in use write "(null)".
    return text == null || text.equals("(null)") ? new TreeSet<>() : CpuList.parse(text);
  }

  /** Contents without the line end, or null when there is no such file. */
  private String text(String path) {
    try {
      return Files.readString(root.resolve(path)).strip();
    } catch (IOException e) {
      return null;
    }
  }

  /** Limits of the control groups that this process is in; each ancestor's limit counts. */
  private final class Cgroup {
    private static final String MOUNT = "sys/fs/cgroup/";
    private final Map<String, String> paths = new HashMap<>();

    Cgroup() {
      String text = text("proc/self/cgroup");
      if (text == null || text.isEmpty()) {
        return;
      }
      for (String line : text.split("\n")) {
        String[] parts = line.split(":", 3);
        if (parts.length == 3) {
          for (String controller : parts[1].split(",")) {
            paths.put(controller, parts[2]);
          }
        }
      }
    }

    /** CPUs of the cpuset, version 2 first; empty without one. */
    SortedSet<Integer> cpuset() {
      List<String> candidates = new ArrayList<>();
      for (String directory : ancestors("", "")) {
        candidates.add(directory + "cpuset.cpus.effective");
      }
      for (String directory : ancestors("cpuset", "cpuset")) {
        candidates.add(directory + "cpuset.effective_cpus");
        candidates.add(directory + "cpuset.cpus");
      }
      for (String candidate : candidates) {
        SortedSet<Integer> cpus = cpuList(candidate);
        if (!cpus.isEmpty()) {
          return cpus;
        }
      }
      return new TreeSet<>();
    }

    double quota() {
      double least = Double.MAX_VALUE;
      for (String directory : ancestors("", "")) {
        String max = text(directory + "cpu.max");
        if (max != null && !max.startsWith("max")) {
          String[] quotaAndPeriod = max.split(" ");
          least = Math.min(least, ratio(quotaAndPeriod[0], quotaAndPeriod[1]));
        }
      }
      List<String> version1 = new ArrayList<>(ancestors("cpu", "cpu"));
      version1.addAll(ancestors("cpu", "cpu,cpuacct"));
      for (String directory : version1) {
        String quota = text(directory + "cpu.cfs_quota_us");
        String period = text(directory + "cpu.cfs_period_us");
        if (quota != null && period != null && !quota.startsWith("-")) {
          least = Math.min(least, ratio(quota, period));
        }
      }
      return least == Double.MAX_VALUE ? 0 : least;
    }

    private static double ratio(String quota, String period) {
      return Double.parseDouble(quota) / Double.parseDouble(period);
    }

    /**
     * Directories from the process's group up to the mount. Inside a container the path may be the
     * host's and not be there; then the mount itself is the group.
     */
    private List<String> ancestors(String controller, String mount) {
      String path = paths.get(controller);
      if (path == null) {
        return List.of();
      }
      List<String> directories = new ArrayList<>();
      String base = MOUNT + (mount.isEmpty() ? "" : mount + "/");
      String rest = path.replaceAll("^/+|/+$", "");
      while (!rest.isEmpty()) {
        directories.add(base + rest + "/");
        int slash = rest.lastIndexOf('/');
        rest = slash < 0 ? "" : rest.substring(0, slash);
      }
      directories.add(base);
      return directories;
    }
  }
}
