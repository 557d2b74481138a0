package org.micropay.vts.experiments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The emulated line without a kernel that can: which commands, and what a refusal leaves. */
class NetemLineTest {
  private static final NetemLine.Names NAMES = NetemLine.Names.of(4_194_304);
  private static final ServerProcess.Plan PLAN = ServerProcess.Plan.onLoopback(-1, 1, 10, false);

  @Test
  void shouldDelayBothEndsOfAPairWhoseNamesTheKernelTakes() {
    List<List<String>> commands = NetemLine.setUp(NAMES);
    List<List<String>> emulated =
        commands.stream().filter(c -> c.containsAll(NetemLine.EMULATION)).toList();
    assertEquals(2, emulated.size(), "one for each way");
    assertTrue(emulated.get(0).contains(NAMES.here()));
    assertTrue(emulated.get(1).containsAll(List.of("netns", "exec", NAMES.there())));
    assertTrue(NAMES.here().length() <= 15 && NAMES.there().length() <= 15, NAMES.toString());
    assertEquals(List.of("ip", "netns", "add", "vts-paper-4194304"), commands.getFirst());
  }

  @Test
  void shouldTakeAwayWhatARefusedTryHasMadeAndSayWhy() {
    List<List<String>> run = new ArrayList<>();
    LoadException refused =
        assertThrows(
            LoadException.class,
            () ->
                NetemLine.open(
                    PLAN,
                    command -> {
                      run.add(command);
                      if (command.getFirst().equals("tc")) {
                        throw new LoadException("'tc' failed: Specified qdisc kind is unknown.");
                      }
                    }));
    assertTrue(refused.getMessage().contains("qdisc kind is unknown"), refused.getMessage());
    NetemLine.Names names = NetemLine.Names.of(ProcessHandle.current().pid());
    assertEquals(NetemLine.tearDown(names), run.subList(run.size() - 2, run.size()));
    assertEquals(10, run.size(), "eight tried, two to take down: " + run);
  }

  @Test
  void shouldNameACommandThatFailsOrIsNotThere() {
    LoadException fails =
        assertThrows(LoadException.class, () -> NetemLine.execute(List.of("ls", "/no/such/file")));
    assertTrue(fails.getMessage().contains("'ls /no/such/file' failed: "), fails.getMessage());
    LoadException missing =
        assertThrows(LoadException.class, () -> NetemLine.execute(List.of("no-such-program-vts")));
    assertTrue(missing.getMessage().contains("cannot be run"), missing.getMessage());
  }
}
