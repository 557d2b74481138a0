package org.micropay.vts.appliance.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.appliance.testing.CommandRun;
import org.micropay.vts.appliance.testing.TestServer;

/** {@code vts load} against a real server, against nobody, and with words that make no sense. */
class LoadCommandTest {
  @TempDir Path directory;

  @Test
  void shouldLoadTheClaimStreamAndThePages() throws IOException {
    try (TestServer server = TestServer.start(directory.resolve("server"))) {
      List<String> claims =
          server.escrows(2).stream().map(escrow -> escrow.winner().toBase64Url()).toList();
      Path file = Files.write(directory.resolve("claims.txt"), claims);
      String stream = "127.0.0.1:" + server.streamAddress().getPort();
      Path log = directory.resolve("load.hgrm");
      CommandRun run =
          CommandRun.of(
              "load", "claims", stream, "--claims", file.toString(), "-c", "2", "-n", "40",
              "--hdr", log.toString(), "--json");
      assertEquals(0, run.exit(), run.err());
      JsonNode json = run.json();
      assertEquals(40, json.path("succeeded").asInt(), run.out());
      assertEquals("closed", json.path("mode").asText());
      assertTrue(json.path("latency_us").path("p50").asDouble() > 0, run.out());
      assertTrue(Files.size(log) > 0, "an HdrHistogram log");
      String supported = server.httpUri() + "/v1/supported";
      CommandRun open = CommandRun.of("load", "pages", supported, "-r", "500", "-n", "50", "--json");
      assertEquals(50, open.json().path("succeeded").asInt(), open.out());
      assertEquals("open", open.json().path("mode").asText());
      CommandRun none = CommandRun.of("load", "asks", supported, "-c", "1", "-n", "3", "--json");
      assertEquals(ExitCode.NEGATIVE.number(), none.exit(), "nothing there asks for a ticket");
      assertEquals(3, none.json().path("errors").path("no_ask").asInt(), none.out());
    }
  }

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
