package org.micropay.vts.affinity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.affinity.Stage.Kind;

class StagePlanTest {
  @TempDir Path temp;

  private StagePlan plan(String machine, StageOverrides overrides) {
    return StagePlan.forTopology(Machines.read(machine, temp), overrides);
  }

  /** The whole plan of every recorded machine, as the operator sees it. */
  @Test
  void shouldPlanEveryRecordedMachine() throws IOException {
    for (String machine : Machines.ALL) {
      StagePlan plan = plan(machine, StageOverrides.NONE);
      assertEquals(Machines.resource(machine + ".plan.txt"), plan.explain(), machine);
      assertSound(plan);
    }
  }

  @Test
  void shouldShareTwoCores() {
    StagePlan plan = plan("vm-2", StageOverrides.NONE);
    ThreadPlan first = plan.threadOf(new Stage(Kind.VERIFY, 0));
    ThreadPlan second = plan.threadOf(new Stage(Kind.VERIFY, 1));
    assertEquals(
        List.of(
            new Stage(Kind.VERIFY, 0),
            Stage.of(Kind.DECIDE),
            new Stage(Kind.SIGN, 0),
            Stage.of(Kind.REPLY)),
        first.stages());
    assertEquals(List.of(new Stage(Kind.VERIFY, 1), new Stage(Kind.SIGN, 1)), second.stages());
    assertEquals(0, first.cpu());
    assertEquals(1, second.cpu());
    assertEquals(List.of(Stage.of(Kind.JOURNAL)), plan.threadOf(Stage.of(Kind.JOURNAL)).stages());
    assertTrue(plan.threads().stream().allMatch(thread -> thread.idle() == IdleMode.BACKOFF));
  }

  @Test
  void shouldUseOneNodeAndOneThreadOfACore() {
    StagePlan plan = plan("epyc-2s-64c", StageOverrides.NONE);
    assertEquals(25, plan.count(Kind.VERIFY));
    assertEquals(25, plan.count(Kind.SIGN));
    for (ThreadPlan thread : plan.threads()) {
      assertTrue(!thread.pinned() || thread.cpu() < 32, thread.toString());
      assertNotEquals(0, thread.cpu());
    }
  }

  @Test
  void shouldPutHotStagesOnIsolatedCores() {
    StagePlan plan = plan("server-8c-isolated", StageOverrides.NONE);
    assertEquals(Set.of(0, 1), plan.sharedCpus());
    assertEquals(5, plan.count(Kind.VERIFY));
    for (ThreadPlan thread : plan.threads()) {
      assertTrue(!thread.pinned() || plan.topology().cpu(thread.cpu()).isolated());
    }
  }

  @Test
  void shouldNeitherPinNorSpinUnderAQuota() {
    StagePlan plan = plan("container-quota", StageOverrides.NONE);
    assertEquals(2, plan.count(Kind.VERIFY));
    for (ThreadPlan thread : plan.threads()) {
      assertFalse(thread.pinned(), thread.toString());
      assertEquals(IdleMode.BACKOFF, thread.idle());
    }
  }

  @Test
  void shouldFollowOverrides() {
    StagePlan plan =
        plan(
            "server-8c",
            new StageOverrides(3, 2, List.of(7, 6, 5), 1, 2, null, IdleMode.YIELD, true));
    assertSound(plan);
    assertEquals(7, plan.threadOf(new Stage(Kind.VERIFY, 0)).cpu());
    assertEquals(5, plan.threadOf(new Stage(Kind.VERIFY, 2)).cpu());
    assertEquals(1, plan.threadOf(new Stage(Kind.VERIFY, 2)).stages().size());
    assertEquals(6, plan.threadOf(new Stage(Kind.SIGN, 1)).cpu());
    assertEquals(1, plan.threadOf(Stage.of(Kind.REPLY)).cpu());
    assertEquals(2, plan.threadOf(Stage.of(Kind.JOURNAL)).cpu());
    assertEquals(Set.of(0, 3, 4), plan.sharedCpus());
    assertTrue(plan.threads().stream().allMatch(thread -> thread.idle() == IdleMode.YIELD));

    StagePlan unpinned =
        plan("server-8c", new StageOverrides(null, null, null, null, null, null, null, false));
    assertSound(unpinned);
    assertTrue(unpinned.threads().stream().noneMatch(ThreadPlan::pinned));
    assertEquals(5, unpinned.count(Kind.VERIFY));

    StagePlan apart = plan("server-8c", new StageOverrides(1, null, null, 1, null, 3, null, null));
    assertSound(apart);
    assertEquals(3, apart.threadOf(Stage.of(Kind.REPLY)).cpu());
    assertEquals(List.of(Stage.of(Kind.DECIDE)), apart.threadOf(Stage.of(Kind.DECIDE)).stages());
  }

  @Test
  void shouldRefuseOverridesThatCannotBe() {
    assertRefused("verifyThreads is 0", 0, null, null, null, null, null);
    assertRefused("signThreads is 257", null, 257, null, null, null, null);
    assertRefused("names 2 CPUs for 3 threads", 3, null, List.of(1, 2), null, null, null);
    assertRefused("CPU 8 is named", null, null, null, 8, null, null);
    assertRefused("CPU 3 is named for two threads", null, null, List.of(3), 3, null, null);
    assertRefused("pin is false", null, null, List.of(3), null, null, false);
    assertRefused(
        "no thread has a core of its own", null, null, null, null, IdleMode.BUSY_SPIN, false);
  }

  private void assertRefused(
      String part,
      Integer verify,
      Integer sign,
      List<Integer> workers,
      Integer decide,
      IdleMode idle,
      Boolean pin) {
    String message =
        assertThrows(
                AffinityException.class,
                () ->
                    plan(
                        "server-8c",
                        new StageOverrides(verify, sign, workers, decide, null, null, idle, pin)))
            .getMessage();
    assertTrue(message.contains(part), message);
  }

  @Test
  void shouldBeSoundForRandomOverrides() {
    long seed = Long.getLong("vts.seed", System.nanoTime());
    System.out.println("stagePlan seed " + seed + " (repeat with -Dvts.seed=" + seed + ")");
    SplittableRandom random = new SplittableRandom(seed);
    List<CpuTopology> machines = new ArrayList<>();
    for (String machine : Machines.ALL) {
      machines.add(Machines.read(machine, temp));
    }
    int planned = 0;
    for (int i = 0; i < 3000; i++) {
      CpuTopology machine = machines.get(random.nextInt(machines.size()));
      try {
        StagePlan plan =
            StagePlan.forTopology(
                machine,
                new StageOverrides(
                    maybe(random, 1, 12),
                    maybe(random, 1, 12),
                    null,
                    maybe(random, 0, machine.cpus().size()),
                    maybe(random, 0, machine.cpus().size()),
                    maybe(random, 0, machine.cpus().size()),
                    random.nextBoolean() ? null : IdleMode.values()[random.nextInt(3)],
                    null));
        assertSound(plan);
        planned++;
      } catch (AffinityException e) {
        assertTrue(
            e.getMessage().contains("is named") || e.getMessage().contains("BUSY_SPIN"),
            e.getMessage());
      }
    }
    assertTrue(planned > 1000, "only " + planned + " plans");
  }

  private static Integer maybe(SplittableRandom random, int from, int to) {
    return random.nextInt(3) > 0 || from == to ? null : Integer.valueOf(random.nextInt(from, to));
  }

  /** What must hold for every plan. */
  private static void assertSound(StagePlan plan) {
    String text = plan.explain();
    Set<Stage> stages = new HashSet<>();
    Set<String> names = new HashSet<>();
    Set<Integer> cpus = new HashSet<>();
    List<Integer> cores = new ArrayList<>();
    for (ThreadPlan thread : plan.threads()) {
      assertTrue(names.add(thread.name()), text);
      for (Stage stage : thread.stages()) {
        assertTrue(stages.add(stage), stage + " twice in\n" + text);
      }
      if (thread.pinned()) {
        assertTrue(plan.topology().usable().contains(thread.cpu()), text);
        assertTrue(cpus.add(thread.cpu()), "CPU " + thread.cpu() + " twice in\n" + text);
        cores.add(plan.topology().cpu(thread.cpu()).core());
      }
    }
    for (Kind kind : Kind.values()) {
      assertTrue(plan.count(kind) >= 1, kind + " missing in\n" + text);
      for (int i = 0; i < plan.count(kind); i++) {
        assertTrue(stages.contains(new Stage(kind, i)), text);
      }
    }
    assertEquals(1, plan.threadOf(Stage.of(Kind.JOURNAL)).stages().size(), text);
    for (ThreadPlan thread : plan.threads()) {
      if (thread.idle() == IdleMode.BUSY_SPIN) {
        int core = plan.topology().cpu(thread.cpu()).core();
        assertEquals(1, cores.stream().filter(other -> other == core).count(), text);
        assertTrue(
            plan.sharedCpus().stream().noneMatch(cpu -> plan.topology().cpu(cpu).core() == core),
            text);
        assertEquals(0, plan.topology().quota(), text);
      }
    }
    assertFalse(plan.sharedCpus().isEmpty(), text);
    assertTrue(plan.topology().usable().containsAll(plan.sharedCpus()), text);
  }
}
