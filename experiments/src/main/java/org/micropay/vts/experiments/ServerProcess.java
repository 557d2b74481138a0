package org.micropay.vts.experiments;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * {@link SampleServer} in a process of its own, on one core where {@code taskset} is there to say
 * so. Owns its folder. One thread.
 */
final class ServerProcess implements AutoCloseable {
  private static final long STOP_SECONDS = 20;

  /** Flags of the child, for the report. */
  static final List<String> FLAGS =
      List.of(
          "-Xms256m",
          "-Xmx512m",
          "-XX:+UseSerialGC",
          "-XX:-UsePerfData",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  private final Path folder;
  private final Process process;
  private final boolean pinned;
  private final URI sample;
  private final URI legacy;

  private ServerProcess(Path folder, Process process, boolean pinned, int sample, int legacy) {
    this.folder = folder;
    this.process = process;
    this.pinned = pinned;
    this.sample = URI.create("http://127.0.0.1:" + sample);
    this.legacy = URI.create("http://127.0.0.1:" + legacy);
  }

  /**
   * Starts it and waits until it listens.
   *
   * @param cpu the one it may run on; -1 for any
   * @param escrows that its VTS knows
   */
  static ServerProcess start(int cpu, long seed, int escrows) {
    try {
      Path folder = Files.createTempDirectory("vts-paper");
      boolean pin = cpu >= 0 && isOnPath("taskset");
      List<String> command = new ArrayList<>();
      if (pin) {
        command.addAll(List.of("taskset", "-c", Integer.toString(cpu)));
      }
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(FLAGS);
      command.addAll(
          List.of(
              "-cp",
              System.getProperty("java.class.path"),
              SampleServer.class.getName(),
              folder.resolve("merchant").toString(),
              Long.toString(seed),
              Integer.toString(escrows)));
      Process process =
          new ProcessBuilder(command).redirectError(folder.resolve("server.log").toFile()).start();
      BufferedReader out = process.inputReader(StandardCharsets.US_ASCII);
      String line = out.readLine();
      while (line != null && !line.startsWith("READY ")) {
        line = out.readLine();
      }
      if (line == null) {
        String said = Files.readString(folder.resolve("server.log"));
        throw new LoadException("the sample server did not start: " + lastLine(said));
      }
      String[] ports = line.split(" ");
      return new ServerProcess(
          folder, process, pin, Integer.parseInt(ports[1]), Integer.parseInt(ports[2]));
    } catch (IOException e) {
      throw new LoadException("the sample server cannot be started: " + e.getMessage(), e);
    }
  }

  private static String lastLine(String text) {
    return text.strip().lines().reduce((first, second) -> second).orElse("it said nothing");
  }

  /** Whether a program of this name can be run. */
  static boolean isOnPath(String program) {
    String path = System.getenv().getOrDefault("PATH", "");
    for (String folder : path.split(":")) {
      if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, program))) {
        return true;
      }
    }
    return false;
  }

  /** Where the sample pages are. */
  URI sample() {
    return sample;
  }

  /** Where the proxy before the legacy server is. */
  URI legacy() {
    return legacy;
  }

  /** Whether it runs on one core only. */
  boolean isPinned() {
    return pinned;
  }

  /** CPU time of the whole process so far, nanoseconds, in steps of about 10 ms. */
  long cpuNanos() {
    return process.info().totalCpuDuration().map(java.time.Duration::toNanos).orElse(0L);
  }

  @Override
  public void close() {
    try {
      process.getOutputStream().close();
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
      try (Stream<Path> paths = Files.walk(folder)) {
        paths.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
