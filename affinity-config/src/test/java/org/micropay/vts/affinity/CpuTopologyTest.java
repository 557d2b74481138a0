package org.micropay.vts.affinity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CpuTopologyTest {
  @TempDir Path temp;

  @Test
  void shouldReadAMachineWithTwoSockets() {
    CpuTopology epyc = Machines.read("epyc-2s-64c", temp);
    assertEquals(128, epyc.cpus().size());
    assertEquals(64, epyc.usableCores());
    assertTrue(epyc.simultaneousMultithreading());
    assertEquals(new Cpu(100, 36, 1, 1, 32, false, false), epyc.cpu(100));
    assertEquals(new Cpu(9, 9, 0, 0, 8, false, false), epyc.cpu(9));
    assertEquals(0, epyc.quota());
  }

  @Test
  void shouldCountIsolatedCpusAsUsableUnderTheDefaultMask() {
    CpuTopology server = Machines.read("server-8c-isolated", temp);
    assertEquals(Set.of(0, 1, 2, 3, 4, 5, 6, 7), server.usable());
    assertTrue(server.cpu(2).isolated());
    assertTrue(server.cpu(2).tickless());
    assertFalse(server.cpu(1).isolated());
  }

  @Test
  void shouldRespectAffinityMaskCpusetAndQuota() {
    assertEquals(Set.of(4, 5, 6, 7), Machines.read("taskset", temp).usable());
    CpuTopology container = Machines.read("container-quota", temp);
    assertEquals(Set.of(2, 3, 4, 5), container.usable());
    assertEquals(2.5, container.quota());
    assertEquals(0, Machines.read("vm-2", temp).quota());
  }

  @Test
  void shouldDescribeItselfInOneLine() {
    assertEquals(
        "32 CPUs online (0-31), 32 usable (0-31) on 16 cores, 1 packages, 1 NUMA nodes, SMT on,"
            + " isolated none, quota none",
        Machines.read("server-16c32t", temp).describe());
  }

  @Test
  void shouldNameWhatItCannotRead() {
    AffinityException nothing =
        assertThrows(AffinityException.class, () -> CpuTopology.read(temp.resolve("nowhere")));
    assertTrue(nothing.getMessage().contains("sys/devices/system/cpu/online"));
    CpuTopology small = Machines.read("vm-2", temp);
    assertTrue(
        assertThrows(AffinityException.class, () -> small.cpu(2)).getMessage().contains("0-1"));
  }

  @Test
  void shouldParseAndFormatCpuLists() {
    assertEquals(new TreeSet<>(List.of(0, 1, 2, 5, 8, 10)), CpuList.parse("0-2,5, 8-11:2\n"));
    assertEquals("0-2,5,8,10", CpuList.format(List.of(10, 8, 5, 2, 1, 0)));
    assertEquals("none", CpuList.format(CpuList.parse(" ")));
    for (String wrong : List.of("a", "3-1", "1-", "-1", "1,,2", "0-99999999", "1:0", "0-4:0")) {
      assertThrows(AffinityException.class, () -> CpuList.parse(wrong), wrong);
    }
  }

  @Test
  void shouldReadThisMachine() {
    CpuTopology here = CpuTopology.read();
    System.out.println("this machine: " + here.describe());
    assertTrue(here.usableCores() >= 1);
    assertTrue(here.usable().containsAll(Pinning.currentThread()), here.describe());
    System.out.print(StagePlan.forTopology(here, StageOverrides.NONE).explain());
  }
}
