package org.micropay.vts.affinity;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What the configuration decides about the plan; null or empty leaves it to the machine.
 *
 * @param verifyThreads number of verify stages, 1 to 256
 * @param signThreads number of sign stages, 1 to 256
 * @param workerCpus CPUs of the threads that verify and sign, in order
 * @param decideCpu CPU of the decide stage
 * @param journalCpu CPU of the journal stage
 * @param replyCpu CPU of the reply stage; the same as decideCpu lets them share a thread
 * @param idle idle mode of every thread; busy-spin reaches only threads with a core of their own
 * @param pin false leaves every thread to the scheduler
 */
public record StageOverrides(
    Integer verifyThreads,
    Integer signThreads,
    List<Integer> workerCpus,
    Integer decideCpu,
    Integer journalCpu,
    Integer replyCpu,
    IdleMode idle,
    Boolean pin) {
  /** Nothing overridden. */
  public static final StageOverrides NONE =
      new StageOverrides(null, null, null, null, null, null, null, null);

  private static final int MAX_THREADS = 256;

  public StageOverrides {
    workerCpus = workerCpus == null ? List.of() : List.copyOf(workerCpus);
    checkThreads("verifyThreads", verifyThreads);
    checkThreads("signThreads", signThreads);
    if (pin != null && !pin && (!workerCpus.isEmpty() || anyCpu(decideCpu, journalCpu, replyCpu))) {
      throw new AffinityException("pin is false, but CPUs are named; remove one of the two");
    }
    int workers = Math.max(orZero(verifyThreads), orZero(signThreads));
    if (!workerCpus.isEmpty() && workers > 0 && workerCpus.size() != workers) {
      throw new AffinityException(
          "workerCpus names %d CPUs for %d threads; name one for each"
              .formatted(workerCpus.size(), workers));
    }
  }

  private static void checkThreads(String name, Integer threads) {
    if (threads != null && (threads < 1 || threads > MAX_THREADS)) {
      throw new AffinityException(
          name + " is " + threads + "; give a number from 1 to " + MAX_THREADS);
    }
  }

  private static boolean anyCpu(Integer... cpus) {
    for (Integer cpu : cpus) {
      if (cpu != null) {
        return true;
      }
    }
    return false;
  }

  private static int orZero(Integer number) {
    return number == null ? 0 : number;
  }

  boolean pinning() {
    return pin == null || pin;
  }

  boolean namesCpus() {
    return !workerCpus.isEmpty() || anyCpu(decideCpu, journalCpu, replyCpu);
  }

  /** Checks the named CPUs against a machine. */
  void check(CpuTopology topology) {
    Set<Integer> taken = new HashSet<>();
    List<Integer> named = new ArrayList<>(workerCpus);
    if (decideCpu != null) {
      named.add(decideCpu);
    }
    if (journalCpu != null) {
      named.add(journalCpu);
    }
    if (replyCpu != null && !replyCpu.equals(decideCpu)) {
      named.add(replyCpu);
    }
    for (int cpu : named) {
      if (!topology.usable().contains(cpu)) {
        throw new AffinityException(
            "CPU %d is named, but this process may use %s"
                .formatted(cpu, CpuList.format(topology.usable())));
      }
      if (!taken.add(cpu)) {
        throw new AffinityException("CPU " + cpu + " is named for two threads");
      }
    }
  }
}
