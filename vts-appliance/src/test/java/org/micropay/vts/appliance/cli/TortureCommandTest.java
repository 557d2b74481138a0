package org.micropay.vts.appliance.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.journal.Storage;
import org.micropay.vts.simulation.Parts;
import picocli.CommandLine;

/** {@code vts torture} as a user runs it, on a good build and on one whose disk keeps nothing. */
class TortureCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  private record Run(int exit, String out, String err) {}

  private Run run(Parts parts, String... words) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console console =
        new Console(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    int exit =
        new CommandLine(new TortureCommand(console, parts))
            .setExecutionExceptionHandler(
                (e, line, result) -> {
                  CommandException known = (CommandException) e;
                  console.note(known.code() + ": " + known.getMessage());
                  return known.exitCode().number();
                })
            .execute(words);
    return new Run(
        exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** A disk whose syncs say that all is well and do nothing. */
  private static final Parts FORGETFUL =
      new Parts() {
        @Override
        public Storage storage(Storage disk) {
          return new Storage() {
            @Override
            public Barrier open(Path file) throws IOException {
              Barrier barrier = disk.open(file);
              return new Barrier() {
                @Override
                public void force() {
                  // Forgotten.
                }

                @Override
                public void fill(long offset, long length) throws IOException {
                  barrier.fill(offset, length);
                }

                @Override
                public void rewrite(long offset, long length) throws IOException {
                  barrier.rewrite(offset, length);
                }

                @Override
                public void close() throws IOException {
                  barrier.close();
                }
              };
            }

            @Override
            public void allocate(Path file, long offset, long length) throws IOException {
              disk.allocate(file, offset, length);
            }

            @Override
            public void forceDirectory(Path directory) throws IOException {
              disk.forceDirectory(directory);
            }

            @Override
            public long usableBytes(File directory) {
              return disk.usableBytes(directory);
            }
          };
        }
      };

  @Test
  void shouldCountWhatItDid() throws IOException {
    Run run =
        run(Parts.PRODUCTION, "--seed=7", "--images=20", "--flips=30", "--json", "--dir=" + folder);
    assertEquals(0, run.exit(), run.err());
    JsonNode report = JSON.readTree(run.out());
    assertEquals(7, report.path("seed").asInt());
    assertEquals(20, report.path("power_loss_images").asInt());
    assertEquals(30, report.path("bit_flips").path("turned").asInt());
    assertTrue(report.path("acknowledged").asInt() > 0);
    assertEquals(0, report.path("lost").asInt(-1));
    assertEquals(0, report.path("double_grants").asInt(-1));
    assertEquals(0, report.path("findings").size());
    assertTrue(run.err().contains("bit flips"), run.err());
  }

  @Test
  void shouldEndWithFindingsAndHowToRepeatThem() throws IOException {
    Run run = run(FORGETFUL, "--seed=1", "--images=20", "--dir=" + folder);
    assertEquals(1, run.exit());
    assertTrue(run.out().matches("(?s).*findings +[1-9].*"), run.out());
    assertTrue(run.err().contains("vts torture --seed 1 --images "), run.err());
  }

  @Test
  void shouldShowOneHistoryAndRepeatIt() {
    String[] words = {"--simulate", "--seed=5", "--claims=40"};
    Run once = run(Parts.PRODUCTION, words);
    Run again = run(Parts.PRODUCTION, words);
    assertEquals(0, once.exit(), once.err());
    assertEquals(once, again);
    assertTrue(once.out().matches("(?s).*claims made +40\\n.*"), once.out());
    Run broken = run(FORGETFUL, "--simulate", "--seed=1", "--claims=200");
    assertEquals(1, broken.exit());
    assertTrue(broken.err().contains("vts torture --simulate --seed 1 --claims 200"), broken.err());
  }

  @Test
  void shouldRefuseWhatMakesNoSense() {
    for (String[] words :
        new String[][] {
          {}, {"--minutes=0"}, {"--minutes=1", "--kills=1"}, {"--flips=-1"}, {"--sweep=9-"},
        }) {
      Run run = run(Parts.PRODUCTION, words);
      assertEquals(ExitCode.USAGE.number(), run.exit(), String.join(" ", words) + run.err());
    }
  }
}
