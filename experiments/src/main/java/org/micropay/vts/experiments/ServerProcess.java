package org.micropay.vts.experiments;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
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

  private static final int READY_WORDS = 5;

  private final Path folder;
  private final Process process;
  private final boolean pinned;
  private final List<URI> uris;

  private ServerProcess(Path folder, Process process, boolean pinned, List<URI> uris) {
    this.folder = folder;
    this.process = process;
    this.pinned = pinned;
    this.uris = uris;
  }

  /**
   * What to start.
   *
   * @param prefix words before the command, to start it elsewhere; none on this machine as it is
   * @param host address to listen on
   * @param cpu the one it may run on; -1 for any
   * @param seed of keys and escrows
   * @param escrows that its VTS knows
   * @param site whether the site with the database is wanted, if it can run here
   */
  record Plan(List<String> prefix, String host, int cpu, long seed, int escrows, boolean site) {
    /** On loopback. */
    static Plan onLoopback(int cpu, long seed, int escrows, boolean site) {
      return new Plan(List.of(), "127.0.0.1", cpu, seed, escrows, site);
    }

    /** The same elsewhere, without the site. */
    Plan elsewhere(List<String> words, String address) {
      return new Plan(words, address, cpu, seed, escrows, false);
    }
  }

  /** Starts it and waits until it listens. */
  static ServerProcess start(Plan plan) {
    Path folder;
    try {
      folder = Files.createTempDirectory("vts-paper");
    } catch (IOException e) {
      throw new LoadException("no folder for the sample server: " + e.getMessage(), e);
    }
    try {
      return start(plan, folder);
    } catch (IOException e) {
      delete(folder);
      throw new LoadException("the sample server cannot be started: " + e.getMessage(), e);
    } catch (LoadException e) {
      delete(folder);
      throw e;
    }
  }

  private static ServerProcess start(Plan plan, Path folder) throws IOException {
    boolean pin = plan.cpu() >= 0 && isOnPath("taskset");
    Process process =
        new ProcessBuilder(command(plan, folder, pin))
            .redirectError(folder.resolve("server.log").toFile())
            .start();
    BufferedReader out = process.inputReader(StandardCharsets.US_ASCII);
    String line = out.readLine();
    while (line != null && !line.startsWith("READY ")) {
      line = out.readLine();
    }
    if (line == null) {
      String said = Files.readString(folder.resolve("server.log"));
      throw new LoadException("the sample server did not start: " + lastLine(said));
    }
    String[] words = line.split(" ");
    List<URI> uris = new ArrayList<>();
    for (int i = 1; i < READY_WORDS; i++) {
      uris.add(URI.create("http://" + plan.host() + ":" + words[i]));
    }
    return new ServerProcess(folder, process, pin, uris);
  }

  private static void delete(Path folder) {
    try (Stream<Path> paths = Files.walk(folder)) {
      paths.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> command(Plan plan, Path folder, boolean pin) throws IOException {
    List<String> command = new ArrayList<>(plan.prefix());
    if (pin) {
      command.addAll(List.of("taskset", "-c", Integer.toString(plan.cpu())));
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(FLAGS);
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            SampleServer.class.getName(),
            folder.resolve("merchant").toString(),
            Long.toString(plan.seed()),
            Integer.toString(plan.escrows()),
            plan.host()));
    if (plan.site() && isOnPath("python3")) {
      Path site = folder.resolve("site.py");
      try (InputStream in = ServerProcess.class.getResourceAsStream("site.py")) {
        Files.copy(in, site);
      }
      command.addAll(List.of("python3", site.toString()));
    }
    return command;
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
    return uris.get(0);
  }

  /** Where the proxy before the legacy server with half a millisecond a page is. */
  URI half() {
    return uris.get(1);
  }

  /** Where the proxy before the legacy server with the paper's cost of a page is. */
  URI legacy() {
    return uris.get(2);
  }

  /** Where the proxy before the site with the database is; empty when that cannot run here. */
  Optional<URI> site() {
    return Optional.of(uris.get(3)).filter(uri -> uri.getPort() > 0);
  }

  /** Whether it runs on one core only. */
  boolean isPinned() {
    return pinned;
  }

  /** CPU time of the process and its children so far, nanoseconds, in steps of about 10 ms. */
  long cpuNanos() {
    return Stream.concat(Stream.of(process.toHandle()), process.descendants())
        .flatMap(handle -> handle.info().totalCpuDuration().stream())
        .mapToLong(Duration::toNanos)
        .sum();
  }

  @Override
  public void close() {
    try {
      process.getOutputStream().close();
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
      delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
