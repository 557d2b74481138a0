package org.micropay.vts.appliance.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.micropay.vts.appliance.testing.CommandRun;

/** {@code vts load} against nobody, and with words that make no sense. */
class LoadCommandTest {
  @Test
  void shouldSayThatNobodyIsThere() throws IOException {
    int port;
    try (ServerSocket taken = new ServerSocket(0)) {
      port = taken.getLocalPort();
    }
    CommandRun run = CommandRun.of("load", "pages", "http://127.0.0.1:" + port, "--json");
    assertEquals(ExitCode.UNAVAILABLE.number(), run.exit());
    assertEquals("SERVER_UNREACHABLE", run.json().path("error").path("code").asText());
    assertEquals(1, run.err().lines().count(), run.err());
  }

  @Test
  void shouldRefuseWhatMakesNoSense() {
    assertEquals(64, CommandRun.of("load", "pages", "ftp://somewhere").exit());
    assertEquals(64, CommandRun.of("load", "claims", "127.0.0.1:1").exit(), "no file of claims");
    assertEquals(64, CommandRun.of("load", "pages", "http://127.0.0.1", "--ramp", "1").exit());
    assertEquals(64, CommandRun.of("load", "pages", "http://127.0.0.1", "-c", "0").exit());
    assertEquals(
        66, CommandRun.of("load", "claims", "127.0.0.1:1", "--claims", "/nonexistent").exit());
    assertEquals(
        66, CommandRun.of("load", "buys", "http://127.0.0.1:1", "-w", "/nonexistent").exit());
    assertEquals(64, CommandRun.of("paper").exit(), "--out is needed");
  }
}
