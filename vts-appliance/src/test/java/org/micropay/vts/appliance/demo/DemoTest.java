package org.micropay.vts.appliance.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.appliance.cli.Console;
import org.micropay.vts.appliance.cli.ExitCode;
import org.micropay.vts.appliance.cli.Vts;
import org.micropay.vts.appliance.testing.Nodes;

/** The whole demo with small numbers and a real server process; -Dvts.seed repeats a run. */
class DemoTest {
  private static final long SEED = Long.getLong("vts.seed", System.nanoTime() & 0xFFFFFF);
  private static final int WINNERS = 12;

  @TempDir Path folder;

  @Test
  void shouldAgreeOnTheEmbeddedChain() throws IOException {
    JsonNode report = play("embedded");
    assertEquals("embedded regtest chain", report.path("chain").asText());
  }

  @Test
  void shouldAgreeOnARealNode() throws IOException {
    Nodes.bitcoind();
    JsonNode report = play("bitcoind");
    assertEquals("bitcoind on regtest", report.path("chain").asText());
  }

  private JsonNode play(String chain) throws IOException {
    System.out.println("vts.seed " + SEED);
    Path keep = folder.resolve("kept");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exit =
        Vts.execute(
            new Console(print(out), print(err)),
            "demo",
            "--json",
            "--chain",
            chain,
            "--winners",
            Integer.toString(WINNERS),
            "--odds",
            "4",
            "--seed",
            Long.toString(SEED),
            "--keep",
            keep.toString());
    String said = err.toString(StandardCharsets.UTF_8);
    assertEquals(ExitCode.OK.number(), exit, () -> said + out);
    JsonNode report = new ObjectMapper().readTree(out.toString(StandardCharsets.UTF_8));
    check(report);
    checkNoSecret(keep, said + out);
    return report;
  }

  private static PrintStream print(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }

  private static void check(JsonNode report) {
    assertTrue(report.path("agrees").asBoolean());
    assertEquals(0, report.path("differences").size());
    JsonNode claims = report.path("claims");
    assertTrue(claims.path("granted").asInt() >= WINNERS);
    assertEquals(0, claims.path("unexpected").asInt());
    assertEquals(1, claims.path("double_spends").asInt());
    assertEquals(12, claims.path("refusals").size());
    assertEquals(3, claims.path("registration_refusals").size());
    JsonNode restart = report.path("restart");
    assertEquals(restart.path("repeated").asLong(), restart.path("identical").asLong());
    assertEquals(100, restart.path("once_more").asInt());
    JsonNode account = report.path("account");
    assertEquals(claims.path("granted").asInt(), account.path("claims").asInt());
    assertEquals(
        account.path("escrows").asLong() + account.path("wallet").asLong(),
        account.path("payouts").asLong()
            + account.path("change").asLong()
            + account.path("fees").asLong());
    assertTrue(account.path("fees").asLong() > 0);
  }

  /** Neither the output nor the server's log holds a key, in any of the usual spellings. */
  private static void checkNoSecret(Path keep, String printed) throws IOException {
    String log = printed + Files.readString(keep.resolve("server.log"));
    try (Stream<Path> keys = Files.list(keep.resolve("keys"))) {
      for (Path key : keys.toList()) {
        String hex = java.util.HexFormat.of().formatHex(Files.readAllBytes(key));
        assertFalse(log.toLowerCase(java.util.Locale.ROOT).contains(hex), key + " was printed");
      }
    }
  }

  @Test
  void shouldRefuseNumbersOutOfRange() {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exit =
        Vts.execute(new Console(print(err), print(err)), "demo", "--winners", "4", "--seed", "1");
    assertEquals(ExitCode.USAGE.number(), exit);
    assertTrue(err.toString(StandardCharsets.UTF_8).contains("--winners 4 is not within 5..5000"));
  }

  @Test
  void shouldNotTouchAFolderThatExists() {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exit =
        Vts.execute(new Console(print(err), print(err)), "demo", "--keep", folder.toString());
    assertEquals(ExitCode.UNAVAILABLE.number(), exit);
    assertTrue(err.toString(StandardCharsets.UTF_8).contains("exists already"));
    assertEquals(List.of(), List.of(folder.toFile().list()));
  }
}
