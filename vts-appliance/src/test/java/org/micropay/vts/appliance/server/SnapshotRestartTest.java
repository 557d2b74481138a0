package org.micropay.vts.appliance.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.appliance.cli.Console;
import org.micropay.vts.appliance.cli.Vts;
import org.micropay.vts.appliance.config.ConfigFile;
import org.micropay.vts.appliance.testing.TestEscrow;
import org.micropay.vts.appliance.testing.TestServer;
import org.micropay.vts.journal.JournalException;
import org.micropay.vts.journal.JournalException.Reason;
import org.micropay.vts.journal.SnapshotStore;
import org.micropay.vts.merchant.ClaimReply;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.transparency.LogContradictionException;

/**
 * Restarts behind a snapshot, with a damaged one, and on an older journal; and the commands that
 * look into it.
 */
class SnapshotRestartTest {
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir Path temp;
  private TestServer server;
  private final List<Claim> granted = new ArrayList<>();
  private final List<Long> positions = new ArrayList<>();

  @BeforeEach
  void start() throws IOException {
    server = TestServer.start(temp);
    grant(3);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private void grant(int count) {
    for (TestEscrow escrow : server.escrows(count)) {
      Claim claim = escrow.winner();
      ClaimReply answer = server.http().claim(claim);
      assertEquals(AnswerCode.GRANTED, answer.code(), answer.toString());
      granted.add(claim);
      positions.add(answer.position());
    }
  }

  /** Every grant is answered as before. */
  private void assertRemembered() {
    for (int i = 0; i < granted.size(); i++) {
      ClaimReply answer = server.http().claim(granted.get(i));
      assertEquals(AnswerCode.GRANTED, answer.code(), answer.toString());
      assertEquals(positions.get(i), answer.position());
    }
  }

  private String vts(int exit, String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    assertEquals(
        exit,
        Vts.execute(new Console(new PrintStream(out), new PrintStream(err)), args),
        () -> err.toString(StandardCharsets.UTF_8));
    return out.toString(StandardCharsets.UTF_8);
  }

  private String[] command(String... words) {
    List<String> all = new ArrayList<>(List.of("journal"));
    all.addAll(List.of(words));
    all.add("--config");
    all.add(temp.resolve("vts.toml").toString());
    return all.toArray(String[]::new);
  }

  private Path journal() {
    return temp.resolve("journal");
  }

  private List<Path> snapshots() {
    return new SnapshotStore(journal()).newestFirst();
  }

  @Test
  void shouldRestartBehindASnapshotTakenBesideTheRunningServer() throws IOException {
    vts(0, command("snapshot"));
    long first = server.durable();
    grant(2);
    // The second is folded from the first.
    JsonNode taken = JSON.readTree(vts(0, command("snapshot", "--json")));
    assertTrue(taken.path("from").asLong() > 0, taken.toString());
    assertTrue(taken.path("position").asLong() >= first, taken.toString());
    grant(2);
    server.restart();
    assertTrue(server.server().status().journal().durable() > 0);
    assertRemembered();
    grant(1);
    for (Path snapshot : snapshots()) {
      byte[] bytes = Files.readAllBytes(snapshot);
      bytes[bytes.length / 2] ^= 1;
      Files.write(snapshot, bytes);
    }
    // With both damaged, from the first record.
    server.restart();
    assertRemembered();
  }

  @Test
  void shouldTakeNoSnapshotFromADamagedJournal() throws IOException {
    vts(0, command("snapshot"));
    server.close();
    Path snapshot = snapshots().getFirst();
    // A snapshot of another history: whole, but not of this journal.
    Path other = temp.resolve("other");
    try (TestServer stranger = TestServer.start(other)) {
      stranger.escrows(1);
      vts(
          0,
          "journal",
          "snapshot",
          "--config",
          stranger.directory().resolve("vts.toml").toString());
    }
    Path foreign = new SnapshotStore(other.resolve("journal")).newestFirst().getFirst();
    Files.copy(foreign, snapshot, StandardCopyOption.REPLACE_EXISTING);
    server.restart();
    assertRemembered();
  }

  @Test
  void shouldRefuseAnOlderJournalUntilTheOperatorSaysWhy() throws IOException {
    Path config = temp.resolve("vts.toml");
    Path anchor = temp.resolve("elsewhere/vts.anchor");
    Files.writeString(
        config,
        Files.readString(config).replace("[journal]", "[journal]\nanchor = \"" + anchor + "\""));
    server.restart();
    server.close();
    Path old = temp.resolve("old");
    copy(journal(), old);
    server.restart();
    grant(1);
    awaitPublished(granted.size());
    server.close();
    delete(journal());
    Files.move(old, journal());
    ConfigFile file = ConfigFile.read(config);
    JournalException e =
        assertThrows(
            JournalException.class, () -> VtsServer.start(file, (stage, cause) -> {}).close());
    assertEquals(Reason.BEHIND, e.reason(), e.getMessage());
    String line = Files.readString(anchor);
    OperatorOverride override = new OperatorOverride("disk lost in a fire");
    LogContradictionException shown =
        assertThrows(
            LogContradictionException.class,
            () -> VtsServer.start(file, (stage, cause) -> {}, override).close(),
            "the public log does not fork");
    assertTrue(shown.getMessage().contains("a new origin and directory"), shown.getMessage());
    Files.writeString(
        config,
        Files.readString(config)
            .replace("[log]", "[log]\norigin = \"vts.example/2\"\ndirectory = \"log2\""));
    VtsServer.start(ConfigFile.read(config), (stage, cause) -> {}, override).close();
    assertFalse(line.equals(Files.readString(anchor)), "the anchor goes on with what is there");
    String record =
        vts(0, "journal", "export", journal().toString(), "--type", "OPERATOR_OVERRIDE");
    assertEquals("disk lost in a fire", JSON.readTree(record).path("reason").asText());
    granted.removeLast();
    positions.removeLast();
    server.restart();
    assertRemembered();
  }

  /** Waits, with a bound, until the log's folder shows so many leaves. */
  private void awaitPublished(int leaves) throws IOException {
    Path checkpoint = temp.resolve("log/checkpoint");
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!Files.readAllLines(checkpoint).get(1).equals(Integer.toString(leaves))) {
      assertTrue(System.nanoTime() < end, () -> "the log does not come to " + leaves + " leaves");
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Test
  void shouldShowWhatIsInTheJournal() throws IOException {
    JsonNode listing = JSON.readTree(vts(0, "journal", "ls", journal().toString(), "--json"));
    assertEquals(1, listing.path("first").asLong());
    assertEquals(-1, listing.path("torn_bytes").asLong(), "a server is writing");
    assertTrue(vts(0, "journal", "ls", journal().toString()).contains("epoch"));
    long last = server.durable();
    String[] lines =
        vts(0, "journal", "export", journal().toString(), "--to", Long.toString(last)).split("\n");
    assertEquals(last, lines.length);
    JsonNode first = JSON.readTree(lines[0]);
    assertEquals("CONFIG", first.path("type").asText());
    assertEquals("withheld", first.path("hash_keys").asText());
    assertFalse(lines[0].contains("hash_key0"));
    for (String line : lines) {
      assertFalse(JSON.readTree(line).has("payload"), "every type is decoded: " + line);
    }
    JsonNode grant =
        JSON.readTree(
            vts(0, "journal", "show", journal().toString(), positions.getFirst().toString()));
    assertEquals("GRANT", grant.path("type").asText());
    assertEquals(granted.getFirst().id().toHex(), grant.path("claim_id").asText());
    assertEquals(64, grant.path("chain").asText().length());
    assertEquals(
        granted.size(),
        vts(0, "journal", "export", journal().toString(), "--type", "grant").split("\n").length);
    vts(1, "journal", "show", journal().toString(), "99999999");
    vts(64, "journal", "show", journal().toString(), "0");
    vts(64, "journal", "export", journal().toString(), "--type", "NONSENSE");
    vts(66, "journal", "ls", temp.resolve("nothing").toString());
    vts(66, "journal", "export", temp.resolve("nothing").toString());
    vts(64, command("archive"));
  }

  @Test
  void shouldHaltRatherThanWriteASecondGrant() throws Exception {
    // A ledger that forgot a grant: its memory is changed behind its back.
    TestEscrow escrow = server.escrow();
    Claim first = escrow.winner();
    assertEquals(AnswerCode.GRANTED, server.http().claim(first).code());
    long before = server.durable();
    LedgerBug.forgetGrants(server.server());
    try {
      server.http().claim(escrow.winner());
    } catch (RuntimeException noAnswer) {
      // The server says nothing more.
    }
    org.micropay.vts.appliance.testing.Poll.until(
        "the server halted", () -> server.haltCause() != null);
    assertTrue(
        server.haltCause() instanceof DuplicateGrantException, String.valueOf(server.haltCause()));
    server.forgetHalt();
    server.close();
    assertEquals(
        0,
        vts(
                0,
                "journal",
                "export",
                journal().toString(),
                "--type",
                "GRANT",
                "--from",
                Long.toString(before + 1))
            .length());
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> paths = Files.walk(from)) {
      for (Path path : paths.toList()) {
        Files.copy(path, to.resolve(from.relativize(path).toString()));
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
