package org.micropay.vts.affinity;

import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Which threads the appliance starts, with which stages, where.
 *
 * <p>The rules, by the number of physical cores of one NUMA node:
 *
 * <pre>
 *  cores   workers (VERIFYi+SIGNi)   DECIDE and REPLY       JOURNAL        for everybody
 *      1   one                       in the worker          unpinned       all
 *      2   two, pinned               in the first worker    unpinned       all
 *      3   two, own cores            together, unpinned     unpinned       1 core
 *   4..7   n - 2, own cores          together, own core     unpinned       1 core
 *  8..15   n - 3, own cores          together, own core     own core       1 core
 *   16..   n - 6, own cores          a core each            own core       3 cores
 *   32..   n - 7, own cores          a core each            own core       4 cores
 * </pre>
 *
 * <p>A worker verifies and signs, so that no share of cores between the two has to be guessed. The
 * journal always has a thread of its own, because it blocks while the disk does. On two cores
 * DECIDE and REPLY ride in a worker: a thread of their own would wake up many times for each batch
 * of a worker, each time in a worker's place. Hot stages take one hardware thread per core and
 * leave its sibling idle; isolated cores come first, and three or more of them are taken as the
 * operator's own division; CPU 0's core is the first to be left for everybody. Under a CPU quota
 * nothing is pinned and nothing spins, because both would waste it.
 *
 * @param topology machine that the plan is for
 * @param threads in the order in which to start them
 * @param sharedCpus CPUs for the threads that are not pinned
 */
public record StagePlan(
    CpuTopology topology, List<ThreadPlan> threads, SortedSet<Integer> sharedCpus) {

  public StagePlan {
    threads = List.copyOf(threads);
    sharedCpus = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(sharedCpus));
  }

  /** Makes the plan for a machine. */
  public static StagePlan forTopology(CpuTopology topology, StageOverrides overrides) {
    return new Planner(topology, overrides).plan();
  }

  /** The thread that runs a stage. */
  public ThreadPlan threadOf(Stage stage) {
    for (ThreadPlan thread : threads) {
      if (thread.stages().contains(stage)) {
        return thread;
      }
    }
    throw new AffinityException("the plan has no stage " + stage);
  }

  /** Number of stages of a kind: how many shards VERIFY or SIGN have. */
  public int count(Stage.Kind kind) {
    return (int)
        threads.stream()
            .flatMap(thread -> thread.stages().stream())
            .filter(stage -> stage.kind() == kind)
            .count();
  }

  /** The plan as a table for people. */
  public String explain() {
    StringBuilder text = new StringBuilder(topology.describe()).append(System.lineSeparator());
    row(text, "thread", "CPU", "idle", "stages");
    for (ThreadPlan thread : threads) {
      row(
          text,
          thread.name(),
          thread.pinned() ? Integer.toString(thread.cpu()) : "any",
          thread.idle().name().toLowerCase(Locale.ROOT).replace('_', '-'),
          thread.stages().stream().map(Stage::toString).collect(Collectors.joining(" ")));
    }
    return text.append("any: ")
        .append(CpuList.format(sharedCpus))
        .append(System.lineSeparator())
        .toString();
  }

  private static void row(StringBuilder text, String name, String cpu, String idle, String stages) {
    text.append(String.format(Locale.ROOT, "%-18s %4s  %-9s  %s%n", name, cpu, idle, stages));
  }
}
