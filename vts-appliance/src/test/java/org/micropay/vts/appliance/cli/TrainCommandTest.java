package org.micropay.vts.appliance.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.appliance.testing.CommandRun;
import picocli.CommandLine;

/** A training that fails is only noticed as slow starts. */
class TrainCommandTest {
  private static final String BENCH_DIRECTORY = "vts.bench.dir";

  @TempDir Path directory;

  private int train(Path folder) {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
    String before = System.getProperty(BENCH_DIRECTORY);
    try {
      TrainCommand command = new TrainCommand(new Console(out, out), 500);
      return new CommandLine(command).execute(folder.toString());
    } finally {
      if (before == null) {
        System.clearProperty(BENCH_DIRECTORY);
      } else {
        System.setProperty(BENCH_DIRECTORY, before);
      }
      System.out.print(said.toString(StandardCharsets.UTF_8));
    }
  }

  @Test
  void shouldRunWhatAnOperatorWaitsFor() throws IOException {
    assertEquals(ExitCode.OK.number(), train(directory));
    assertTrue(Files.isDirectory(directory.resolve("served/journal")), "a server ran");
  }

  @Test
  void shouldNameAFolderThatIsNotThere() {
    CommandRun run = CommandRun.of("train", directory.resolve("nowhere").toString());
    assertEquals(ExitCode.NO_INPUT.number(), run.exit(), run.err());
    assertTrue(run.err().contains("nowhere is not a folder"), run.err());
  }
}
