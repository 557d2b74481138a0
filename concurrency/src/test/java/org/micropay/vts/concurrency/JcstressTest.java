package org.micropay.vts.concurrency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs all jcstress tests of this module, each for a moment; {@code -Dvts.jcstress.millis=N} and
 * {@code -Dvts.jcstress.iterations=N} give them more. A forbidden outcome fails the process.
 */
class JcstressTest {
  private static final String MILLIS = System.getProperty("vts.jcstress.millis", "300");
  private static final String ITERATIONS = System.getProperty("vts.jcstress.iterations", "1");

  private static final Pattern COUNTS = Pattern.compile("(\\d+) planned; (\\d+) passed");

  @TempDir Path folder;

  @Test
  void shouldShowNoForbiddenOutcome() throws Exception {
    List<String> flags =
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(argument -> argument.startsWith("--"))
            .toList();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of("org.openjdk.jcstress.Main", "-t", "Stress", "-r", folder.toString()));
    command.addAll(List.of("-f", "1", "-iters", ITERATIONS, "-time", MILLIS));
    // A ledger has memory of its own in each state: few states at once.
    command.addAll(List.of("-strideSize", "64", "-strideCount", "8"));
    command.addAll(List.of("-sc", "false", "-af", "NONE", "-jvmArgs", String.join(" ", flags)));
    Path log = folder.resolve("log");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    int status = process.waitFor();
    List<String> lines = Files.readAllLines(log);
    String results =
        lines.stream().filter(line -> line.contains("Results: ")).reduce("", (a, line) -> line);
    System.out.println(results);
    assertEquals(0, status, () -> String.join("\n", lines));
    // A test that cannot be started is skipped, and jcstress is content.
    Matcher counts = COUNTS.matcher(results);
    assertTrue(counts.find() && counts.group(1).equals(counts.group(2)), results);
  }
}
