package org.micropay.vts.appliance.cli;

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
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.appliance.testing.TestEscrow;
import org.micropay.vts.appliance.testing.TestServer;
import org.micropay.vts.journal.SnapshotStore;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Sha256;

/** {@code vts audit} on the journal of a real server, running and at rest, and on what is none. */
class AuditCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path directory;
  private static TestServer server;
  private static Path journal;

  private record Run(int exit, String out, String err) {
    JsonNode json() throws IOException {
      return JSON.readTree(out);
    }
  }

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

  @BeforeAll
  static void serve() throws IOException {
    server = TestServer.start(directory.resolve("server"));
    journal = directory.resolve("server").resolve("journal");
    for (TestEscrow escrow : server.escrows(3)) {
      assertEquals(AnswerCode.GRANTED, server.http().claim(escrow.winner()).code());
    }
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static Path copy(String name) throws IOException {
    Path copy = directory.resolve(name);
    try (Stream<Path> paths = Files.walk(journal)) {
      for (Path path : paths.filter(AuditCommandTest::isNotTheLock).sorted().toList()) {
        Files.copy(
            path,
            copy.resolve(journal.relativize(path).toString()),
            StandardCopyOption.REPLACE_EXISTING);
      }
    }
    return copy;
  }

  /** Closing the lock's file would drop the lock of this process, in which the server runs. */
  private static boolean isNotTheLock(Path path) {
    return !path.endsWith("journal.lock");
  }

  private static Map<String, String> hashes(Path folder) throws IOException {
    Map<String, String> hashes = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        hashes.put(
            path.toString() + Files.getLastModifiedTime(path),
            Sha256.of(Files.readAllBytes(path)).toHex());
      }
    }
    return hashes;
  }

  @Test
  void shouldAuditARunningServersJournalToItsDurableMark() throws IOException {
    Run run = run("audit", journal.toString(), "--json");
    assertEquals(0, run.exit(), run.out() + run.err());
    assertTrue(run.json().path("clean").asBoolean());
    assertTrue(run.json().path("live").asBoolean());
    assertEquals(3, run.json().path("grants").asInt());
    assertTrue(run.json().path("end").asText().contains("being written"), run.out());
  }

  @Test
  void shouldAuditACopyInAFolderThatCannotBeWrittenAndChangeNothing() throws IOException {
    Path copy = copy("read-only");
    try (Stream<Path> paths = Files.walk(copy)) {
      for (Path path : paths.toList()) {
        String mode = Files.isDirectory(path) ? "r-xr-xr-x" : "r--r--r--";
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
      }
    }
    Map<String, String> before = hashes(copy);
    Run run = run("audit", copy.toString());
    assertEquals(0, run.exit(), run.out() + run.err());
    assertTrue(run.out().contains("CLEAN"), run.out());
    assertEquals(before, hashes(copy));
    try (Stream<Path> paths = Files.walk(copy)) {
      for (Path path : paths.filter(Files::isDirectory).toList()) {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
      }
    }
  }

  @Test
  void shouldCompareWithAnEarlierResultAndTheAuditorsKey() throws IOException {
    Run first = run("audit", journal.toString(), "--json");
    Path kept = Files.writeString(directory.resolve("kept.json"), first.out());
    String key = first.json().path("vts_key").asText();
    Run again = run("audit", journal.toString(), "--checkpoint", kept.toString(), "--vts-key", key);
    assertEquals(0, again.exit(), again.out());
    Path forged =
        Files.writeString(
            directory.resolve("forged.json"),
            first
                .out()
                .replaceAll(
                    "\"chain\" : \"[0-9a-f]{64}\"", "\"chain\" : \"" + "0".repeat(64) + "\""));
    Run other = run("audit", journal.toString(), "--checkpoint", forged.toString(), "--json");
    assertEquals(1, other.exit());
    assertEquals("CHECKPOINT", other.json().path("findings").get(0).path("code").asText());
    Run stranger = run("audit", journal.toString(), "--vts-key", "02" + "11".repeat(32));
    assertEquals(1, stranger.exit());
    assertTrue(stranger.out().contains("VTS_KEY at record 1"), stranger.out());
  }

  @Test
  void shouldCompareWithAServersSnapshotAndBeginBehindIt() throws IOException {
    String config = directory.resolve("server").resolve("vts.toml").toString();
    Run taken = run("journal", "snapshot", "--config", config, "--json");
    assertEquals(0, taken.exit(), taken.err());
    Run whole = run("audit", journal.toString(), "--json");
    assertEquals(0, whole.exit(), whole.out());
    assertEquals(1, whole.json().path("snapshots").asInt(), whole.out());
    String snapshot = new SnapshotStore(journal).newestFirst().getFirst().toString();
    server.mine(1);
    Run behind = run("audit", journal.toString(), "--snapshot", snapshot, "--json");
    assertEquals(0, behind.exit(), behind.out());
    JsonNode trusted = behind.json().path("trusted");
    assertEquals(taken.json().path("position").asLong(), trusted.path("position").asLong());
    assertEquals(64, trusted.path("digest").asText().length());
    Run table = run("audit", journal.toString(), "--snapshot", snapshot);
    assertTrue(table.out().contains("NOT CHECKED        records 1 to "), table.out());
    assertTrue(table.out().contains("CLEAN from record "), table.out());
    assertEquals(2, run("audit", journal.toString(), "--archive", "/nowhere").exit());
    assertEquals(2, run("audit", journal.toString(), "--snapshot", "/nowhere").exit());
  }

  @Test
  void shouldNameTheRecordTheFileAndTheOffsetOfDamage() throws IOException {
    Path copy = copy("damaged");
    Path file;
    try (Stream<Path> paths = Files.walk(copy)) {
      file = paths.filter(path -> path.toString().endsWith(".cq4")).findFirst().orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(file);
    Run clean = run("audit", copy.toString(), "--json");
    assertEquals(0, clean.exit());
    // The last frame ends behind the last byte that is not zero.
    int last = bytes.length - 1;
    while (bytes[last] == 0) {
      last--;
    }
    bytes[last - 60] ^= 1;
    Files.write(file, bytes);
    Run run = run("audit", copy.toString(), "--json");
    assertEquals(1, run.exit());
    JsonNode finding = run.json().path("findings").get(0);
    assertTrue(
        finding.path("code").asText().startsWith("FRAME_")
            || finding.path("code").asText().equals("RECORD_MISSING"),
        run.out());
    assertEquals(file.toString(), finding.path("file").asText());
    assertTrue(finding.path("offset").asLong() > 0);
  }

  @Test
  void shouldExitWithTwoWhereThereIsNoJournal() throws IOException {
    Path empty = Files.createDirectories(directory.resolve("empty"));
    Path other = Files.createDirectories(directory.resolve("other"));
    Files.writeString(other.resolve("letter.txt"), "not a journal");
    for (Path path : new Path[] {empty, other, directory.resolve("missing")}) {
      Run run = run("audit", path.toString(), "--json");
      assertEquals(2, run.exit(), path.toString());
      assertEquals("UNREADABLE", run.json().path("error").path("code").asText());
      assertFalse(run.err().contains("Exception:"), run.err());
      assertEquals(1, run.err().lines().count(), run.err());
    }
  }

  @Test
  void shouldRefuseWrongWords() {
    assertEquals(64, run("audit").exit());
    assertEquals(64, run("audit", journal.toString(), "--vts-key", "zz").exit());
    assertEquals(64, run("audit", journal.toString(), "--threads", "0").exit());
    assertEquals(64, run("audit", journal.toString(), "--kernel", "none").exit());
    assertEquals(66, run("audit", journal.toString(), "--checkpoint", "/nowhere").exit());
  }
}
