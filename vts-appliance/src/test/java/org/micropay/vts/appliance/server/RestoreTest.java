package org.micropay.vts.appliance.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.appliance.config.ConfigFile;
import org.micropay.vts.appliance.testing.CommandRun;
import org.micropay.vts.appliance.testing.Poll;
import org.micropay.vts.appliance.testing.TestEscrow;
import org.micropay.vts.appliance.testing.TestServer;
import org.micropay.vts.journal.AnchorFile;
import org.micropay.vts.journal.JournalException;
import org.micropay.vts.journal.JournalException.Reason;
import org.micropay.vts.merchant.ClaimReply;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Claim;

/**
 * Backup and restore as docs/OPERATIONS.md tells the operator, with the newest copy and an old one.
 */
class RestoreTest {
  @TempDir Path temp;
  private final Map<Claim, Long> granted = new LinkedHashMap<>();

  private void grant(TestServer server, int count) {
    for (TestEscrow escrow : server.escrows(count)) {
      Claim claim = escrow.winner();
      ClaimReply answer = server.http().claim(claim);
      assertEquals(AnswerCode.GRANTED, answer.code(), answer.toString());
      granted.put(claim, answer.position());
    }
  }

  /** The journal of a running server: each epoch's marks first, the ballast not at all. */
  private static Path backup(Path journal, Path to) throws IOException {
    Files.createDirectories(to);
    List<Path> epochs;
    try (Stream<Path> all = Files.list(journal)) {
      epochs = all.filter(path -> path.getFileName().toString().startsWith("epoch-")).toList();
    }
    for (Path epoch : epochs) {
      Path copy = Files.createDirectories(to.resolve(epoch.getFileName()));
      Files.copy(epoch.resolve("epoch"), copy.resolve("epoch"));
    }
    copy(journal, to);
    Files.deleteIfExists(to.resolve("journal.ballast"));
    return to;
  }

  /** Copies what is not there yet. */
  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> paths = Files.walk(from)) {
      for (Path path : paths.toList()) {
        Path target = to.resolve(from.relativize(path).toString());
        if (!Files.exists(target)) {
          Files.copy(path, target);
        }
      }
    }
  }

  /** Another machine: keys and configuration, the network's chain, and this journal. */
  private Path machine(String name, Path old, Path journal) throws IOException {
    Path folder = Files.createDirectories(temp.resolve(name));
    copy(old.resolve("keys"), folder.resolve("keys"));
    copy(old.resolve("chain"), folder.resolve("chain"));
    Files.copy(old.resolve("vts.toml"), folder.resolve("vts.toml"));
    copy(journal, folder.resolve("journal"));
    return folder;
  }

  private CommandRun audit(Path machine, Path checkpoint) {
    return CommandRun.of(
        "audit", machine.resolve("journal").toString(), "--checkpoint", checkpoint.toString());
  }

  private CommandRun verifyLog(TestServer server) {
    String key = server.http().get("/v1/supported").body().path("logKey").asText();
    return CommandRun.of(
        "log",
        "verify",
        server.httpUri().toString(),
        "--log-key",
        key,
        "--remember",
        temp.resolve("seen").toString(),
        "--kernel",
        "scalar");
  }

  private static void assertRefused(Path machine) throws IOException {
    ConfigFile config = ConfigFile.read(machine.resolve("vts.toml"));
    JournalException e =
        assertThrows(
            JournalException.class, () -> VtsServer.start(config, (stage, cause) -> {}).close());
    assertEquals(Reason.BEHIND, e.reason(), e.getMessage());
    assertTrue(e.getMessage().contains("ends at position"), e.getMessage());
    assertTrue(e.getMessage().contains("was durable once"), e.getMessage());
  }

  @Test
  void shouldGoOnFromTheNewestCopyAndRefuseAnOldOne() throws IOException {
    Path first = temp.resolve("first");
    Path anchor = temp.resolve("elsewhere/vts.anchor");
    Path config = TestServer.prepare(first, "", "");
    Files.writeString(
        config,
        Files.readString(config)
            .replace("[journal]", "[journal]\nanchor = \"" + anchor + "\"\nanchor_seconds = 1"));
    Path anchored = temp.resolve("anchor-as-it-stood");
    Path old;
    Path newest;
    try (TestServer server = TestServer.startPrepared(first)) {
      grant(server, 2);
      old = backup(first.resolve("journal"), temp.resolve("old"));
      grant(server, 2);
      long last = granted.values().stream().mapToLong(Long::longValue).max().orElseThrow();
      Poll.until("the log covers them", () -> verifyLog(server).out().contains("4 escrows"));
      Poll.until("the anchor has them", () -> AnchorFile.read(anchor).point().position() >= last);
      Files.copy(anchor, anchored);
      newest = backup(first.resolve("journal"), temp.resolve("newest"));
      // What comes now is lost with the machine; nobody was told that it was granted.
    }
    Files.copy(anchored, anchor, java.nio.file.StandardCopyOption.REPLACE_EXISTING);

    Path late = machine("late", first, old);
    CommandRun behind = audit(late, anchored);
    assertEquals(1, behind.exit(), behind.out());
    assertTrue(behind.out().contains("CHECKPOINT at record"), behind.out());
    assertRefused(late);

    Path second = machine("second", first, newest);
    CommandRun clean = audit(second, anchored);
    assertEquals(0, clean.exit(), clean.out() + clean.err());
    try (TestServer server = TestServer.resume(second)) {
      granted.forEach((claim, position) -> assertGrantedAt(server, claim, position));
      grant(server, 1);
      Poll.until("the log goes on", () -> verifyLog(server).out().contains("5 escrows"));
      assertEquals(0, verifyLog(server).exit());
    }
    // The first machine comes back, and knows nothing of the fifth grant.
    assertRefused(first);
  }

  private static void assertGrantedAt(TestServer server, Claim claim, long position) {
    ClaimReply answer = server.http().claim(claim);
    assertEquals(AnswerCode.GRANTED, answer.code(), answer.toString());
    assertEquals(position, answer.position());
  }
}
