package org.micropay.vts.affinity;

import static org.micropay.vts.affinity.ThreadPlan.UNPINNED;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.micropay.vts.affinity.Stage.Kind;

/** Makes one {@link StagePlan}; the rules are in its Javadoc. Used once. */
final class Planner {
  private static final int FEW_CORES = 2;
  private static final int MIN_ISOLATED = 3;

  private static final Comparator<Cpu> BY_CACHE =
      Comparator.comparing((Cpu cpu) -> !cpu.isolated())
          .thenComparing((Cpu cpu) -> !cpu.tickless())
          .thenComparingInt(Cpu::l3)
          .thenComparingInt(Cpu::id);

  private final CpuTopology topology;
  private final StageOverrides overrides;
  private final boolean pinning;
  private final List<Cpu> cores;
  private final int budget;
  private final List<ThreadPlan> threads = new ArrayList<>();

  Planner(CpuTopology topology, StageOverrides overrides) {
    this.topology = topology;
    this.overrides = overrides;
    this.pinning = overrides.pinning() && (topology.quota() == 0 || overrides.namesCpus());
    this.cores = coresOfOneNode();
    this.budget =
        topology.quota() == 0
            ? cores.size()
            : Math.max(1, Math.min(cores.size(), (int) topology.quota()));
  }

  StagePlan plan() {
    overrides.check(topology);
    // Named CPUs are out of the pool, and so is the other hardware thread of their core.
    Deque<Cpu> hot = new ArrayDeque<>(hotCores());
    hot.removeIf(cpu -> namedCores().contains(cpu.core()));
    int ownCores = budget <= FEW_CORES ? 0 : hotCores().size();
    boolean replyApart = replyApart(ownCores);
    int decide = take(hot, overrides.decideCpu(), ownCores >= 3);
    int reply = replyApart ? take(hot, overrides.replyCpu(), ownCores >= 13) : decide;
    int journal = take(hot, overrides.journalCpu(), ownCores >= 7);
    boolean inWorker = budget <= FEW_CORES && decide == UNPINNED && !replyApart;
    addWorkers(hot, inWorker);
    if (replyApart) {
      add("vts-decide", decide, Stage.of(Kind.DECIDE));
      add("vts-reply", reply, Stage.of(Kind.REPLY));
    } else if (!inWorker) {
      add("vts-decide", decide, Stage.of(Kind.DECIDE), Stage.of(Kind.REPLY));
    }
    add("vts-journal", journal, Stage.of(Kind.JOURNAL));
    add("vts-ingress", UNPINNED, Stage.of(Kind.INGRESS));
    add("vts-settlement", UNPINNED, Stage.of(Kind.SETTLEMENT));
    add("vts-housekeeping", UNPINNED, Stage.of(Kind.HOUSEKEEPING));
    SortedSet<Integer> shared = sharedCpus();
    return new StagePlan(topology, withIdleModes(), shared.isEmpty() ? topology.usable() : shared);
  }

  private boolean replyApart(int ownCores) {
    return overrides.replyCpu() == null
        ? ownCores >= 13
        : !overrides.replyCpu().equals(overrides.decideCpu());
  }

  /** One usable CPU of each core of the node that suits best. */
  private List<Cpu> coresOfOneNode() {
    Map<Integer, List<Cpu>> nodes = new TreeMap<>();
    Set<Integer> seen = new HashSet<>();
    for (Cpu cpu : topology.cpus()) {
      if (topology.usable().contains(cpu.id()) && seen.add(cpu.core())) {
        nodes.computeIfAbsent(cpu.numaNode(), node -> new ArrayList<>()).add(cpu);
      }
    }
    List<Cpu> best = List.of();
    for (List<Cpu> node : nodes.values()) {
      long isolatedMore = isolated(node) - isolated(best);
      if (isolatedMore > 0 || isolatedMore == 0 && node.size() > best.size()) {
        best = node;
      }
    }
    return best;
  }

  private static long isolated(List<Cpu> cpus) {
    return cpus.stream().filter(Cpu::isolated).count();
  }

  /** Cores for pinned threads: workers on few cores, otherwise all but those left to everybody. */
  private List<Cpu> hotCores() {
    List<Cpu> hot = new ArrayList<>(cores);
    if (budget > FEW_CORES) {
      long isolated = isolated(cores);
      if (isolated >= MIN_ISOLATED && isolated < cores.size()) {
        hot.removeIf(cpu -> !cpu.isolated());
      } else {
        hot.sort(Comparator.comparing(Cpu::isolated).thenComparingInt(Cpu::id));
        hot = hot.subList(leftToEverybody(), budget);
      }
    }
    hot.sort(BY_CACHE);
    return hot;
  }

  private int leftToEverybody() {
    if (budget >= 32) {
      return 4;
    }
    return budget >= 16 ? 3 : 1;
  }

  private Set<Integer> namedCores() {
    Set<Integer> named = new HashSet<>();
    overrides.workerCpus().forEach(cpu -> named.add(topology.cpu(cpu).core()));
    for (Integer cpu :
        new Integer[] {overrides.decideCpu(), overrides.journalCpu(), overrides.replyCpu()}) {
      if (cpu != null) {
        named.add(topology.cpu(cpu).core());
      }
    }
    return named;
  }

  private int take(Deque<Cpu> hot, Integer named, boolean ownCore) {
    if (named != null) {
      return named;
    }
    return pinning && ownCore && !hot.isEmpty() ? hot.removeFirst().id() : UNPINNED;
  }

  private int workers(int ownCores) {
    if (!overrides.workerCpus().isEmpty()) {
      return overrides.workerCpus().size();
    }
    return Math.max(verifyStages(ownCores), signStages(ownCores));
  }

  private int verifyStages(int ownCores) {
    if (overrides.verifyThreads() != null) {
      return overrides.verifyThreads();
    }
    return overrides.signThreads() != null ? overrides.signThreads() : byMachine(ownCores);
  }

  private int signStages(int ownCores) {
    if (overrides.signThreads() != null) {
      return overrides.signThreads();
    }
    return overrides.verifyThreads() != null ? overrides.verifyThreads() : byMachine(ownCores);
  }

  private int byMachine(int ownCores) {
    if (!overrides.workerCpus().isEmpty()) {
      return overrides.workerCpus().size();
    }
    if (budget <= FEW_CORES) {
      return budget;
    }
    return Math.max(1, pinning ? ownCores : ownCores - controlThreads(ownCores));
  }

  /** Unpinned stages need room as well: the same cores that they would own if pinned. */
  private static int controlThreads(int ownCores) {
    if (ownCores >= 13) {
      return 3;
    }
    return ownCores >= 7 ? 2 : ownCores >= 3 ? 1 : 0;
  }

  /** {@code withControl}: the first worker decides and replies, too. */
  private void addWorkers(Deque<Cpu> hot, boolean withControl) {
    int ownCores = hot.size();
    int verify = verifyStages(ownCores);
    int sign = signStages(ownCores);
    for (int i = 0; i < workers(ownCores); i++) {
      List<Stage> stages = new ArrayList<>();
      if (i < verify) {
        stages.add(new Stage(Kind.VERIFY, i));
      }
      boolean control = withControl && i == 0;
      if (control) {
        stages.add(Stage.of(Kind.DECIDE));
      }
      if (i < sign) {
        stages.add(new Stage(Kind.SIGN, i));
      }
      if (control) {
        stages.add(Stage.of(Kind.REPLY));
      }
      boolean named = i < overrides.workerCpus().size();
      // A single core is everybody's; pinning to it would say nothing.
      boolean pinned = cores.size() > 1;
      int cpu = take(hot, named ? overrides.workerCpus().get(i) : null, pinned);
      threads.add(new ThreadPlan("vts-worker-" + i, stages, cpu, IdleMode.BACKOFF));
    }
  }

  private void add(String name, int cpu, Stage... stages) {
    threads.add(new ThreadPlan(name, List.of(stages), cpu, IdleMode.BACKOFF));
  }

  /** Usable CPUs on cores that no thread is pinned to, near the pinned ones if possible. */
  private SortedSet<Integer> sharedCpus() {
    Set<Integer> pinnedCores = new HashSet<>();
    threads.stream()
        .filter(ThreadPlan::pinned)
        .forEach(t -> pinnedCores.add(topology.cpu(t.cpu()).core()));
    SortedSet<Integer> near = new TreeSet<>();
    SortedSet<Integer> all = new TreeSet<>();
    for (Cpu cpu : topology.cpus()) {
      if (topology.usable().contains(cpu.id())
          && !pinnedCores.contains(cpu.core())
          && !cpu.isolated()) {
        all.add(cpu.id());
        if (cpu.numaNode() == cores.getFirst().numaNode()) {
          near.add(cpu.id());
        }
      }
    }
    return near.isEmpty() ? all : near;
  }

  private List<ThreadPlan> withIdleModes() {
    boolean roomForOthers = !sharedCpus().isEmpty() && topology.quota() == 0;
    Map<Integer, Integer> pinnedPerCore = new HashMap<>();
    for (ThreadPlan thread : threads) {
      if (thread.pinned()) {
        pinnedPerCore.merge(topology.cpu(thread.cpu()).core(), 1, Integer::sum);
      }
    }
    List<ThreadPlan> planned = new ArrayList<>();
    boolean spins = false;
    for (ThreadPlan thread : threads) {
      boolean ownCore =
          roomForOthers
              && thread.pinned()
              && pinnedPerCore.get(topology.cpu(thread.cpu()).core()) == 1;
      spins |= ownCore;
      planned.add(new ThreadPlan(thread.name(), thread.stages(), thread.cpu(), idleMode(ownCore)));
    }
    if (overrides.idle() == IdleMode.BUSY_SPIN && !spins) {
      throw new AffinityException(
          "idle is BUSY_SPIN, but no thread has a core of its own here; use YIELD or BACKOFF");
    }
    return planned;
  }

  private IdleMode idleMode(boolean ownCore) {
    if (overrides.idle() == null || overrides.idle() == IdleMode.BUSY_SPIN) {
      return ownCore ? IdleMode.BUSY_SPIN : IdleMode.BACKOFF;
    }
    return overrides.idle();
  }
}
