package org.micropay.vts.experiments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The emulated line with an ip and a tc of the test's own on the PATH: they note their arguments,
 * keep what they made as files, and fail where they are told to.
 */
class NetemCommandsTest {
  /** Commands that make the line; the one behind them starts the server in the namespace. */
  private static final int COMMANDS = NetemLine.setUp(NetemLine.Names.of(1)).size();

  private static final int SERVER = COMMANDS + 1;

  @TempDir Path folder;

  @Test
  @Timeout(240)
  void shouldTakeEverythingAwayWhicheverCommandFailsAndWhenTheProcessEnds() throws Exception {
    install("ip");
    install("tc");
    Files.createDirectories(folder.resolve("made"));
    Process tries = start();
    try (BufferedReader out = tries.inputReader(StandardCharsets.UTF_8)) {
      for (int step = 1; step <= COMMANDS; step++) {
        String line = out.readLine();
        assertTrue(line != null && line.startsWith("REFUSED 0 "), step + ": " + line);
        assertTrue(line.endsWith("failed: RTNETLINK answers: refused at " + step), line);
      }
      assertEquals("REFUSED 0 the sample server did not start: and what follows", out.readLine());
      assertEquals("OPEN http://198.18.213.2:8001 2", out.readLine());
      assertEquals("CLOSED 0", out.readLine());
      assertEquals(expected(tries.pid()), calls());
      assertEquals("WAITS 2", out.readLine());
      tries.destroy();
      assertTrue(tries.waitFor(120, TimeUnit.SECONDS), "it ends");
      assertEquals(0, folder.resolve("made").toFile().list().length, "Ctrl-C leaves nothing");
    } finally {
      tries.descendants().forEach(ProcessHandle::destroyForcibly);
      tries.destroyForcibly();
    }
  }

  private void install(String program) throws IOException {
    Path script = folder.resolve(program);
    try (InputStream in = NetemCommandsTest.class.getResourceAsStream("fake-ip.sh")) {
      Files.copy(in, script);
    }
    assertTrue(script.toFile().setExecutable(true));
  }

  private Process start() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ServerProcess.FLAGS);
    // The process that is ended in the middle leaves its server's folder.
    command.add("-Djava.io.tmpdir=" + folder);
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            NetemTries.class.getName(),
            folder.toString(),
            Integer.toString(SERVER)));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("PATH", folder + ":" + System.getenv("PATH"));
    return builder.start();
  }

  /** What was called when nothing failed, without the server's own words. */
  private List<String> calls() throws IOException {
    return Files.readAllLines(folder.resolve("calls")).stream()
        .map(line -> line.replaceFirst(" \\S*java .*", " java"))
        .toList();
  }

  /** The commands as tc-netem(8), ip-netns(8) and ip-link(8) have them, word for word. */
  private static List<String> expected(long pid) {
    String emulation = "netem delay 23ms 4ms distribution paretonormal rate 20mbit";
    return """
    ip netns add SPACE
    ip link add HERE type veth peer name THERE netns SPACE
    ip address add 198.18.213.1/30 dev HERE
    ip link set HERE up
    ip -n SPACE address add 198.18.213.2/30 dev THERE
    ip -n SPACE link set THERE up
    ip -n SPACE link set lo up
    tc qdisc add dev HERE root EMULATION
    ip netns exec SPACE tc qdisc add dev THERE root EMULATION
    ip netns exec SPACE java
    ip link delete HERE
    ip netns delete SPACE
    """
        .replace("EMULATION", emulation)
        .replace("SPACE", "vts-paper-" + pid)
        .replace("HERE", "vts" + pid + "a")
        .replace("T" + "vts" + pid + "a", "vts" + pid + "b")
        .lines()
        .toList();
  }
}
