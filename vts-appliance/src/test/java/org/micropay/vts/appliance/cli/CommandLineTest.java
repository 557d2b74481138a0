package org.micropay.vts.appliance.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
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
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.appliance.testing.TestEscrow;
import org.micropay.vts.appliance.testing.TestServer;
import org.micropay.vts.ticket.AnswerCode;

/**
 * Wrong uses of every command: the documented exit code, one line for people, JSON for programs.
 */
class CommandLineTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String NOBODY = "http://127.0.0.1:1";

  @TempDir static Path directory;
  private static TestServer server;
  private static List<TestEscrow> escrows;

  @BeforeAll
  static void start() throws IOException {
    server = TestServer.start(directory.resolve("server"));
    escrows = server.escrows(2);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private record Run(int exit, String out, String err) {}

  private static Run run(String... words) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console console =
        new Console(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    int exit = Vts.execute(console, words);
    return new Run(
        exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** Runs a command that must fail, without and with --json; gives its one line. */
  private static String assertFails(ExitCode exit, String... words) throws IOException {
    Run plain = run(words);
    String line = plain.err().strip();
    assertEquals(exit.number(), plain.exit(), String.join(" ", words) + ": " + plain);
    assertEquals("", plain.out());
    assertTrue(line.startsWith("vts: ") && !line.contains("\n"), "one line: " + line);
    assertFalse(line.contains("Exception"), line);
    if (words.length > 0 && !words[0].equals("serve")) {
      List<String> more = new ArrayList<>(List.of(words));
      more.add("--json");
      Run json = run(more.toArray(String[]::new));
      JsonNode error = JSON.readTree(json.out()).path("error");
      assertEquals(exit.number(), json.exit());
      assertEquals(exit.number(), error.path("exit_code").asInt());
      assertTrue(error.path("code").asText().matches("[A-Z_]+"), json.out());
      assertEquals(json.err().strip(), "vts: " + error.path("message").asText());
    }
    return line;
  }

  private static String file(String name, byte[] bytes) throws IOException {
    return Files.write(directory.resolve(name), bytes).toString();
  }

  @Test
  void shouldExplainWrongWords() throws IOException {
    assertFails(ExitCode.USAGE);
    assertFails(ExitCode.USAGE, "pay");
    assertFails(ExitCode.USAGE, "init", "--nothing");
    assertFails(ExitCode.USAGE, "init", "one", "two");
    assertFails(ExitCode.USAGE, "claim");
    assertFails(ExitCode.USAGE, "check");
    assertFails(ExitCode.USAGE, "status", "--server");
    assertFails(ExitCode.USAGE, "status", "--server", "ftp://127.0.0.1");
    assertFails(ExitCode.USAGE, "status", "--server", "127.0.0.1");
    assertFails(ExitCode.USAGE, "status", "--server", "http://");
    assertFails(ExitCode.USAGE, "serve", "--log", "xml");
    assertFails(ExitCode.USAGE, "bench", "--seconds", "0");
    assertFails(ExitCode.USAGE, "bench", "--seconds", "61");
    assertFails(ExitCode.USAGE, "bench", "--seconds", "many");
    assertFails(ExitCode.USAGE, "bench", "--kernel", "quantum");
    assertFails(ExitCode.USAGE, "bench", "--pipeline", "--network");
    assertFails(ExitCode.USAGE, "bench", "--pipeline", "--snapshot");
    for (String command :
        List.of("init", "serve", "claim", "check", "status", "bench", "topology")) {
      Run help = run(command, "--help");
      assertEquals(0, help.exit());
      assertTrue(help.out().contains("vts " + command), help.out());
    }
  }

  @Test
  void shouldMakeAFolderOnceAndNeverOverwrite() throws IOException {
    Path folder = directory.resolve("made");
    Run made = run("init", folder.toString(), "--json");
    assertEquals(0, made.exit(), made.err());
    assertEquals(66, JSON.readTree(made.out()).path("vts_key").asText().length());
    Path key = folder.resolve("keys/vts.key");
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(key)));
    byte[] before = Files.readAllBytes(key);
    String line = assertFails(ExitCode.CANNOT_CREATE, "init", folder.toString());
    assertTrue(line.contains("exists already"), line);
    Files.delete(folder.resolve("vts.toml"));
    Files.delete(folder.resolve("keys/fee.key"));
    assertFails(ExitCode.CANNOT_CREATE, "init", folder.toString());
    assertArrayEquals(before, Files.readAllBytes(key));
    assertFalse(Files.exists(folder.resolve("vts.toml")));
    assertFalse(Files.exists(folder.resolve("keys/fee.key")), "nothing is made beside it");
  }

  @Test
  void shouldMakeNothingFromAWrongConfiguration() throws IOException {
    Path folder = directory.resolve("never");
    String name = folder.toString();
    assertFails(ExitCode.CONFIG, "init", name, "--network", "moonnet");
    assertFails(ExitCode.CONFIG, "init", name, "--network", "mainnet");
    assertFails(ExitCode.CONFIG, "init", name, "--chain", "bitcoind");
    assertFails(ExitCode.CONFIG, "init", name, "--chain", "paper");
    assertFails(
        ExitCode.CONFIG, "init", name, "--chain", "bitcoind", "--cookie", "c", "--rpc", "x");
    assertFalse(Files.exists(folder));
    String below = file("a-file", new byte[1]) + "/folder";
    assertFails(ExitCode.CANNOT_CREATE, "init", below);
  }

  @Test
  void shouldTellBadClaimFilesFromMissingOnes() throws IOException {
    byte[] claim = escrows.get(1).loser().encode();
    byte[] highS = TestEscrow.highS(claim, TestEscrow.SIG_TICKET);
    for (String command : List.of("claim", "check")) {
      assertFails(ExitCode.NO_INPUT, command, directory.resolve("no-such").toString());
      assertFails(ExitCode.NO_INPUT, command, directory.toString());
      assertFails(ExitCode.DATA, command, file("empty", new byte[0]));
      assertFails(ExitCode.DATA, command, file("text", "not a claim".getBytes()));
      assertFails(ExitCode.DATA, command, file("zeros", new byte[365]));
      assertFails(ExitCode.DATA, command, file("long", new byte[5000]));
      assertFails(ExitCode.DATA, command, file("high-s", highS));
    }
  }

  @Test
  void shouldSayWhenNobodyAnswers() throws IOException {
    String claim = file("good", escrows.get(1).winner().encode());
    assertFails(ExitCode.UNAVAILABLE, "status", "--server", NOBODY);
    assertFails(ExitCode.UNAVAILABLE, "claim", claim, "--server", NOBODY);
    assertFails(ExitCode.UNAVAILABLE, "check", "--online", claim, "--server", NOBODY);
  }

  @Test
  void shouldClaimAndCheckAndTellTheAnswerByTheExitCode() throws IOException {
    String url = server.httpUri().toString();
    TestEscrow escrow = escrows.get(0);
    String winner = file("winner", escrow.winner().encode());
    String second = file("second", escrow.winner().toBase64Url().getBytes());
    String loser = file("loser", escrow.loser().encode());
    assertEquals(0, run("status", "--server", url).exit());
    assertEquals(0, run("check", winner).exit());
    assertEquals(0, run("check", winner, "--online", "--server", url).exit());
    assertEquals(1, run("check", loser).exit());
    Run granted = run("claim", winner, "--server", url, "--json");
    assertEquals(0, granted.exit(), granted.err());
    assertEquals("GRANTED", JSON.readTree(granted.out()).path("code").asText());
    assertEquals(granted, run("claim", winner, "--server", url, "--json"), "again the same");
    Run refused = run("claim", second, "--server", url, "--json");
    assertEquals(1, refused.exit());
    assertEquals("DOUBLE_SPEND", JSON.readTree(refused.out()).path("code").asText());
    Run lost = run("claim", loser, "--server", url);
    assertEquals(1, lost.exit());
    assertEquals(0, run("check", winner, "--online", "--server", url).exit(), "granted to it");
    assertEquals(1, run("check", second, "--online", "--server", url).exit());
    TestEscrow shallow = server.fundEscrows(1, TestServer.REFUND_HEIGHT).getFirst();
    server.mine(1);
    server.register(shallow);
    Run early = run("claim", file("early", shallow.winner().encode()), "--server", url);
    assertEquals(ExitCode.TRY_AGAIN.number(), early.exit());
    assertTrue(early.out().contains(AnswerCode.ESCROW_UNCONFIRMED.name()), early.out());
  }

  @Test
  void shouldNotServeFromAConfigurationThatItCannotUse() throws IOException {
    String missing = directory.resolve("none.toml").toString();
    assertFails(ExitCode.CONFIG, "serve", "-c", missing);
    for (String toml :
        List.of(
            "[stream]\nlisten = 5\n",
            "[stream]\nlisten = \"nowhere\"\n",
            "[stream]\nunknown = 1\n",
            "[unknown]\n",
            "[http]\nmax_body_bytes = 1\n",
            "[http]\ntls = { certificate = \"c\" }\n",
            "not toml at all\n")) {
      String config = file("bad.toml", toml.getBytes());
      assertFails(ExitCode.CONFIG, "serve", "-c", config);
      assertFails(ExitCode.CONFIG, "topology", "-c", config);
      assertFails(ExitCode.CONFIG, "bench", "-c", config);
    }
    assertEquals(0, run("topology", "-c", missing).exit(), "defaults");
    JsonNode plan = JSON.readTree(run("topology", "--json", "-c", missing).out());
    assertTrue(plan.path("threads").size() > 2);
  }

  @Test
  void shouldNotServeWithKeysThatOthersCanRead() throws IOException {
    Path folder = directory.resolve("keys-open");
    String config = TestServer.prepare(folder, "", "").toString();
    Path key = folder.resolve("keys/vts.key");
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
    String line = assertFails(ExitCode.NO_INPUT, "serve", "-c", config);
    assertTrue(line.contains("chmod 600"), line);
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    Files.write(key, new byte[31]);
    assertFails(ExitCode.NO_INPUT, "serve", "-c", config);
    Files.write(key, new byte[32]);
    line = assertFails(ExitCode.NO_INPUT, "serve", "-c", config);
    assertTrue(line.contains("no valid key"), line);
    Files.delete(key);
    line = assertFails(ExitCode.NO_INPUT, "serve", "-c", config);
    assertTrue(line.contains("does not exist"), line);
  }

  @Test
  void shouldNotServeTwiceFromOneFolderOrOnOnePort() throws IOException {
    String running = server.directory().resolve("vts.toml").toString();
    String line = assertFails(ExitCode.NO_PERMISSION, "serve", "-c", running);
    assertTrue(line.contains("journal"), line);
    assertEquals(0, run("status", "--server", server.httpUri().toString()).exit(), "unharmed");
    Path config = TestServer.prepare(directory.resolve("second-server"), "", "");
    String taken = "127.0.0.1:" + server.streamAddress().getPort();
    Files.writeString(config, Files.readString(config).replaceFirst("127\\.0\\.0\\.1:0", taken));
    line = assertFails(ExitCode.UNAVAILABLE, "serve", "-c", config.toString());
    assertTrue(line.contains(taken) && line.contains("stream.listen"), line);
  }
}
