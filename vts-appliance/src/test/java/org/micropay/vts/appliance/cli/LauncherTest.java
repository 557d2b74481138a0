package org.micropay.vts.appliance.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher {@code vts} and its ahead-of-time cache, in a copy of the checkout's layout whose
 * JDK is a script that notes how it was called.
 */
class LauncherTest {
  private static final Path ROOT = Path.of(System.getProperty("vts.root", ".."));
  private static final List<String> FILES = List.of("vts", "ops/lib/jdk.sh", "ops/lib/aot.sh");
  private static final int SECONDS = 60;

  /** Makes what -XX:AOTCacheOutput names, fails when a file "broken" lies beside it. */
  private static final String JAVA =
      """
      #!/bin/sh
      home=$(dirname "$(dirname "$0")")
      echo "$@" >>"$home/calls"
      for word in "$@"; do
        case "$word" in
          -XX:AOTCacheOutput=*)
            [ -e "$home/broken" ] && { echo "cannot train"; exit 1; }
            echo cache >"${word#*=}"
            exit 0 ;;
        esac
      done
      exit 7
      """;

  @TempDir Path checkout;
  private Path jdk;
  private Path target;

  @BeforeEach
  void makeCheckout() throws IOException {
    jdk = Files.createDirectories(checkout.resolve("jdk"));
    target = Files.createDirectories(checkout.resolve("vts-appliance/target"));
    for (String file : FILES) {
      Path copy = checkout.resolve(file);
      Files.createDirectories(copy.getParent());
      Files.copy(ROOT.resolve(file), copy, StandardCopyOption.COPY_ATTRIBUTES);
    }
    Files.createDirectories(target.resolve("lib"));
    Files.writeString(target.resolve("lib/one.jar"), "1");
    Files.writeString(target.resolve("vts.jar"), "vts");
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25.0.1\"\n");
    Path java = Files.createDirectories(jdk.resolve("bin")).resolve("java");
    Files.writeString(java, JAVA);
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** Starts {@code vts status}; gives how the JDK was called, one line each. */
  private List<String> start(String... environment) throws IOException, InterruptedException {
    return startCommand("status", environment);
  }

  private List<String> startCommand(String command, String... environment)
      throws IOException, InterruptedException {
    Path calls = jdk.resolve("calls");
    Files.deleteIfExists(calls);
    ProcessBuilder builder = new ProcessBuilder(checkout.resolve("vts").toString(), command);
    builder.environment().put("JAVA_HOME", jdk.toString());
    for (String name : List.of("VTS_NO_BUILD", "VTS_NO_AOT", "VTS_JAVA_OPTS")) {
      builder.environment().remove(name);
    }
    for (String variable : environment) {
      builder.environment().put(variable, "1");
    }
    Process process =
        builder
            .redirectErrorStream(true)
            .redirectOutput(checkout.resolve("output").toFile())
            .start();
    try {
      assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS), "the launcher hangs");
    } finally {
      process.destroyForcibly();
    }
    assertEquals(7, process.exitValue(), Files.readString(checkout.resolve("output")));
    List<String> lines = Files.readAllLines(calls);
    assertTrue(lines.getLast().endsWith("vts.jar " + command), "the command comes last: " + lines);
    return lines;
  }

  private List<Path> caches() throws IOException {
    Path folder = target.resolve("aot");
    if (!Files.exists(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  private static boolean uses(String call, Path cache) {
    return call.contains("-XX:AOTCache=" + cache + " ");
  }

  private Path assertMade(String... environment) throws IOException, InterruptedException {
    List<String> calls = start(environment);
    assertEquals(2, calls.size(), "trained once: " + calls);
    assertTrue(calls.getFirst().contains("-XX:AOTCacheOutput="), calls.getFirst());
    assertTrue(calls.getFirst().contains(" train "), calls.getFirst());
    assertEquals(1, caches().size(), "one cache and nothing else: " + caches());
    assertTrue(uses(calls.getLast(), caches().getFirst()), calls.getLast());
    return caches().getFirst();
  }

  private void assertStartsWithout(String... environment) throws IOException, InterruptedException {
    List<String> calls = start(environment);
    assertEquals(1, calls.size(), "nothing is trained: " + calls);
    assertFalse(calls.getFirst().contains("AOT"), calls.getFirst());
  }

  @Test
  void shouldMakeTheCacheOnceAndUseIt() throws IOException, InterruptedException {
    Path cache = assertMade();
    List<String> second = start();
    assertEquals(1, second.size(), "trained again: " + second);
    assertTrue(uses(second.getFirst(), cache), second.getFirst());
    assertTrue(second.getFirst().contains("-Xlog:aot*=off"), "the JVM would speak: " + second);
    assertTrue(uses(start("VTS_NO_BUILD").getFirst(), cache), "also where nothing is built");
  }

  @Test
  void shouldMakeItAgainForOtherJarsAndAnotherJdk() throws IOException, InterruptedException {
    Path first = assertMade();
    Files.writeString(target.resolve("lib/one.jar"), "12");
    Path second = assertMade();
    assertFalse(second.equals(first), "the same name for other jars");
    Files.writeString(target.resolve("lib/two.jar"), "2");
    Path third = assertMade();
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25.0.2\"\n");
    List<String> calls = start();
    assertEquals(2, calls.size(), "trained for the other JDK: " + calls);
    assertFalse(uses(calls.getLast(), third), calls.getLast());
    assertTrue(Files.exists(third), "the first JDK's stays");
  }

  @Test
  void shouldLeaveWhatRunsForLongToItsOwnProfile() throws IOException, InterruptedException {
    assertMade();
    for (String command : List.of("serve", "bench")) {
      List<String> calls = startCommand(command);
      assertEquals(1, calls.size(), calls.toString());
      assertFalse(calls.getFirst().contains("AOT"), calls.getFirst());
    }
  }

  @Test
  void shouldMakeAnEmptyCacheAgain() throws IOException, InterruptedException {
    Path cache = assertMade();
    Files.writeString(cache, "");
    assertEquals(cache, assertMade());
  }

  @Test
  void shouldStartWithoutWhereNothingMayBeMade() throws IOException, InterruptedException {
    assertStartsWithout("VTS_NO_BUILD");
    assertStartsWithout("VTS_NO_AOT");
    assertEquals(List.of(), caches());
    assertMade();
    assertStartsWithout("VTS_NO_AOT");
  }

  @Test
  void shouldStartWhenTrainingFailsAndTryAgainAfterABuild()
      throws IOException, InterruptedException {
    Files.writeString(jdk.resolve("broken"), "");
    List<String> calls = start();
    assertEquals(2, calls.size(), "tried once: " + calls);
    assertFalse(calls.getLast().contains("AOT"), calls.getLast());
    String said = Files.readString(caches().getFirst());
    assertTrue(said.contains("cannot train"), "the reason is kept: " + said);
    assertStartsWithout();
    Files.delete(jdk.resolve("broken"));
    assertStartsWithout();
    Files.writeString(target.resolve("vts.jar"), "built again");
    assertMade();
  }

  @Test
  void shouldNotWaitForAnotherWhoMakesIt() throws IOException, InterruptedException {
    Files.createDirectories(target.resolve("aot/making"));
    assertStartsWithout();
    assertTrue(Files.exists(target.resolve("aot/making")), "it is the other's");
  }

  @Test
  void shouldStartWhenTheFolderCannotBeMade() throws IOException, InterruptedException {
    Files.writeString(target.resolve("aot"), "a file is in the way");
    assertStartsWithout();
  }

  /** What the launcher relies on: a real JVM takes no notice of a cache that it cannot use. */
  @Test
  void shouldHaveAJvmThatGoesOnSilentlyWithoutItsCache() throws IOException, InterruptedException {
    Path damaged = Files.writeString(checkout.resolve("damaged.aot"), "no cache ".repeat(1000));
    Path output = checkout.resolve("output");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:AOTCache=" + damaged,
                "-Xlog:aot*=off",
                "-Xlog:cds*=off",
                "--version")
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS), "the JVM hangs");
    assertEquals(0, process.exitValue());
    assertFalse(Files.readString(output).contains("["), Files.readString(output));
  }
}
