package org.micropay.vts.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.journal.JournalException.Reason;
import org.micropay.vts.journal.TestFrames.Frame;

/** A real process, killed with SIGKILL while it writes. */
class JournalKillTest {
  private static final int KILLS = Integer.getInteger("vts.journal.kills", 3);
  private static final long MILLIS_PER_RECORD = 2_000;

  @TempDir Path temp;

  /** Child: appends until killed, printing each position that became durable. */
  static final class Writer {
    private Writer() {}

    public static void main(String[] args) {
      long seed = Long.parseLong(args[1]);
      SplittableRandom random = new SplittableRandom(seed ^ ProcessHandle.current().pid());
      try (ChronicleJournal journal =
          ChronicleJournal.open(ChronicleJournalTest.config(Path.of(args[0])))) {
        while (true) {
          for (int batch = 1 + random.nextInt(200); batch > 0; batch--) {
            TestFrames.append(
                journal, TestFrames.frame(seed, journal.nextPosition(), 2000, MILLIS_PER_RECORD));
          }
          journal.sync();
          System.out.println(journal.durablePosition());
        }
      }
    }
  }

  @Test
  void shouldKeepEveryAcknowledgedRecordAcrossKills() throws Exception {
    long seed = TestFrames.seed("kill");
    SplittableRandom random = new SplittableRandom(seed);
    Path directory = temp.resolve("j");
    long total = 0;
    int torn = 0;
    for (int kill = 1; kill <= KILLS; kill++) {
      long acknowledged = writeAndKill(directory, seed, 3 + random.nextInt(120));
      List<Frame> seen = new ArrayList<>();
      try (ChronicleJournal journal =
          ChronicleJournal.open(ChronicleJournalTest.config(directory), 1, TestFrames.into(seen))) {
        torn += journal.recovery().torn() ? 1 : 0;
        assertTrue(
            seen.size() >= acknowledged,
            seen.size() + " left of " + acknowledged + " acknowledged");
        for (int i = 0; i < seen.size(); i++) {
          assertEquals(TestFrames.frame(seed, i + 1L, 2000, MILLIS_PER_RECORD), seen.get(i));
        }
        TestFrames.append(
            journal, TestFrames.frame(seed, seen.size() + 1L, 2000, MILLIS_PER_RECORD));
        journal.sync();
        total = journal.durablePosition();
      }
    }
    System.out.printf("kill: %d kills, %d records, %d torn tails, 0 lost%n", KILLS, total, torn);
  }

  private static long writeAndKill(Path directory, long seed, int lines) throws Exception {
    Process child = start(directory, seed);
    long acknowledged = 0;
    try (BufferedReader out = child.inputReader()) {
      for (int i = 0; i < lines; i++) {
        acknowledged = parse(out.readLine());
      }
      JournalException locked =
          assertThrows(
              JournalException.class,
              () -> ChronicleJournal.open(ChronicleJournalTest.config(directory)));
      assertEquals(Reason.LOCKED, locked.reason());
      assertTrue(locked.getMessage().contains("pid " + child.pid()), locked.getMessage());
      // Through the handle, because Process.destroyForcibly would close the stream as well.
      child.toHandle().destroyForcibly();
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        acknowledged = parse(line);
      }
    } finally {
      child.destroyForcibly();
      assertEquals(137, child.waitFor(), "the child ended by itself");
    }
    return acknowledged;
  }

  private static long parse(String line) {
    // Nothing but positions: whatever a library printed would fail here.
    return Long.parseLong(String.valueOf(line));
  }

  private static Process start(Path directory, long seed) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String argument : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (!argument.startsWith("-javaagent") && !argument.startsWith("-Xmx")) {
        command.add(argument);
      }
    }
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xmx256m", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.addAll(List.of(Writer.class.getName(), directory.toString(), Long.toString(seed)));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }
}
