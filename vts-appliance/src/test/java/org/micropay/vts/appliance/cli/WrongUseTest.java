package org.micropay.vts.appliance.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.appliance.testing.CommandRun;
import org.micropay.vts.appliance.testing.TestServer;

/**
 * Commands of auditors and operators, used wrongly: one line that names the value, a documented
 * exit code, never a defect of ours.
 */
class WrongUseTest {
  @TempDir Path temp;
  private String nothing;
  private String file;
  private String empty;
  private String config;

  @BeforeEach
  void prepare() throws IOException {
    nothing = temp.resolve("nothing").toString();
    file = Files.writeString(temp.resolve("file"), "words").toString();
    empty = Files.createDirectory(temp.resolve("empty")).toString();
    config = TestServer.prepare(temp.resolve("vts"), "", "").toString();
    Files.createDirectories(temp.resolve("vts/journal"));
  }

  private static void assertSays(ExitCode exit, String words, String... args) {
    CommandRun run = CommandRun.of(args);
    String line = run.err().strip();
    assertEquals(exit.number(), run.exit(), line);
    assertTrue(line.contains(words), line + " lacks '" + words + "'");
    assertEquals(1, line.lines().count(), line);
    assertFalse(line.contains("Exception"), line);
  }

  @Test
  void shouldNameWhatAnAuditLacks() {
    assertSays(ExitCode.UNREADABLE, nothing, "audit", nothing);
    assertSays(ExitCode.UNREADABLE, file, "audit", file);
    assertSays(ExitCode.UNREADABLE, "no journal in " + empty, "audit", empty);
    assertSays(ExitCode.USAGE, "'abc' is not a whole number", "audit", empty, "--threads", "abc");
    assertSays(
        ExitCode.NO_INPUT, nothing + " does not exist", "audit", empty, "--checkpoint", nothing);
    assertSays(ExitCode.USAGE, "--nonsense", "audit", empty, "--nonsense");
  }

  @Test
  void shouldNameWhatAJournalCommandLacks() {
    assertSays(ExitCode.NO_INPUT, file, "journal", "ls", file);
    assertSays(ExitCode.NO_INPUT, nothing, "journal", "show", nothing, "1");
    assertSays(ExitCode.USAGE, "'x' is not a whole number", "journal", "show", empty, "x");
    assertSays(ExitCode.USAGE, "--from 0", "journal", "export", empty, "--from", "0");
    assertSays(ExitCode.USAGE, "--to 2", "journal", "export", empty, "--from", "3", "--to", "2");
    assertSays(ExitCode.USAGE, "one of: CONFIG,", "journal", "export", empty, "--type", "X");
    assertSays(ExitCode.NO_INPUT, nothing, "journal", "export", empty, "--archive", nothing);
    assertSays(ExitCode.NO_INPUT, file, "journal", "show", empty, "1", "--archive", file);
    assertSays(ExitCode.CONFIG, nothing, "journal", "snapshot", "-c", nothing);
    assertSays(ExitCode.CANNOT_CREATE, file, "journal", "archive", "-c", config, "--to", file);
    assertSays(
        ExitCode.USAGE,
        "-5",
        "journal",
        "archive",
        "-c",
        config,
        "--to",
        nothing,
        "--older-than-hours",
        "-5");
    String own = temp.resolve("vts/journal").toString();
    assertSays(
        ExitCode.USAGE, "lie in each other", "journal", "archive", "-c", config, "--to", own);
    assertSays(
        ExitCode.USAGE,
        "lie in each other",
        "journal",
        "archive",
        "-c",
        config,
        "--to",
        own + "/archive");
  }

  @Test
  void shouldNameWhatALogCommandLacks() {
    assertSays(ExitCode.UNREADABLE, nothing, "log", "verify", nothing);
    assertSays(ExitCode.UNREADABLE, file, "log", "verify", file);
    assertSays(ExitCode.UNREADABLE, "no checkpoint", "log", "verify", empty);
    assertSays(ExitCode.CANNOT_CREATE, file, "log", "export", file, "-c", config);
    assertSays(ExitCode.NO_INPUT, "no checkpoint", "log", "export", empty, "-c", config);
  }

  @Test
  void shouldNameWhatOtherCommandsLack() {
    assertSays(ExitCode.USAGE, "negative", "torture", "--flips", "-1");
    assertSays(ExitCode.USAGE, "'9-3' ends before it begins", "torture", "--sweep=9-3");
    assertSays(ExitCode.NO_INPUT, nothing, "torture", "--images", "1", "--dir", nothing);
    assertSays(ExitCode.USAGE, "99999999999", "torture", "--simulate", "--claims", "99999999999");
    assertSays(
        ExitCode.NO_INPUT,
        nothing,
        "evidence",
        "export",
        "1",
        "--journal",
        nothing,
        "--out",
        nothing);
    assertSays(ExitCode.CANNOT_CREATE, file + " is a file", "init", file);
  }
}
