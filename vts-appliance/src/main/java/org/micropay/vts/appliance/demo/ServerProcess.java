package org.micropay.vts.appliance.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.micropay.vts.appliance.config.Endpoint;
import org.micropay.vts.merchant.VtsException;
import org.micropay.vts.merchant.VtsHttpClient;

/**
 * {@code vts serve} as a process of its own: the same Java, flags and program as this one. One
 * thread starts and ends it; any may ask where it listens.
 */
final class ServerProcess implements AutoCloseable {
  private static final String MAIN = "org.micropay.vts.appliance.cli.Vts";

  /** Exit status of a JVM that SIGTERM ended in order: 128 + 15. */
  static final int SIGTERM_STATUS = 143;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int START_SECONDS = 120;
  private static final int STOP_SECONDS = 30;
  private static final int POLL_MILLIS = 10;

  private final Workspace workspace;
  private Process process;
  private volatile Listening listening;

  /** Where a running server listens. */
  private record Listening(InetSocketAddress stream, URI http) {}

  ServerProcess(Workspace workspace) {
    this.workspace = workspace;
  }

  /** The command line of {@code vts} with these words, for the program that runs now. */
  static List<String> command(String... words) {
    List<String> command = new ArrayList<>();
    command.add(
        ProcessHandle.current()
            .info()
            .command()
            .orElse(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
    for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      // Agents of a debugger or a coverage tool belong to this process alone.
      if (!flag.startsWith("-agentlib") && !flag.startsWith("-javaagent")) {
        command.add(flag);
      }
    }
    String path = System.getProperty("java.class.path");
    if (path.endsWith(".jar") && path.indexOf(File.pathSeparatorChar) < 0) {
      command.addAll(List.of("-jar", path));
    } else {
      command.addAll(List.of("-cp", path, MAIN));
    }
    command.addAll(List.of(words));
    return command;
  }

  /** Starts the server and waits until it is ready to grant. */
  void start() {
    launch();
    awaitReady();
  }

  private void launch() {
    try {
      Files.deleteIfExists(workspace.readyFile());
      process =
          new ProcessBuilder(
                  command(
                      "serve",
                      "--config",
                      workspace.config().toString(),
                      "--ready-file",
                      workspace.readyFile().toString()))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(workspace.serverLog().toFile()))
              .start();
      process.getOutputStream().close();
    } catch (IOException e) {
      throw new DemoException("cannot start the server: " + e.getMessage(), e);
    }
    long deadline = deadline();
    while (!Files.exists(workspace.readyFile())) {
      pause(deadline, "did not come up");
    }
    try {
      JsonNode ready = JSON.readTree(Files.readAllBytes(workspace.readyFile()));
      Endpoint stream = Endpoint.parse(ready.path("stream").asText());
      listening =
          new Listening(
              new InetSocketAddress(stream.host(), stream.port()),
              URI.create("http://" + Endpoint.parse(ready.path("http").asText())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void awaitReady() {
    long deadline = deadline();
    try (VtsHttpClient http = http()) {
      while (!isReady(http)) {
        pause(deadline, "is not ready to grant");
      }
    }
  }

  private static boolean isReady(VtsHttpClient http) {
    try {
      return http.get("/readyz").status() == 200;
    } catch (VtsException e) {
      return false;
    }
  }

  private static long deadline() {
    return System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
  }

  private void pause(long deadline, String what) {
    obituary()
        .ifPresent(
            text -> {
              throw new DemoException(text);
            });
    if (System.nanoTime() > deadline) {
      throw new DemoException(
          "the server %s within %d s; it said: %s".formatted(what, START_SECONDS, lastLine()));
    }
    Pauses.millis(POLL_MILLIS);
  }

  /** Status and last words of a server that ended by itself; empty while it runs. */
  Optional<String> obituary() {
    if (process == null || process.isAlive()) {
      return Optional.empty();
    }
    return Optional.of(
        "the server ended with status %d; it said: %s".formatted(process.exitValue(), lastLine()));
  }

  private String lastLine() {
    try {
      List<String> lines = Files.readAllLines(workspace.serverLog());
      // A stack trace's own lines say less than what stands above them.
      lines.removeIf(line -> line.isBlank() || Character.isWhitespace(line.charAt(0)));
      return lines.isEmpty() ? "nothing" : lines.getLast() + " (--keep DIR leaves its log)";
    } catch (IOException e) {
      return "nothing readable";
    }
  }

  /** Where the claim stream listens now; another port after a restart. */
  InetSocketAddress streamAddress() {
    return listening.stream();
  }

  /** A client of the HTTP interface as it listens now. */
  VtsHttpClient http() {
    return new VtsHttpClient(listening.http());
  }

  /** Base of the HTTP interface as it listens now. */
  URI httpBase() {
    return listening.http();
  }

  /** SIGKILL: no handler runs, nothing is flushed; returns when the process is gone. */
  void kill() {
    process.destroyForcibly();
    await();
  }

  /**
   * SIGTERM, and a wait for the orderly end.
   *
   * @return the exit status
   */
  int stop() {
    process.destroy();
    if (!await()) {
      kill();
      throw new DemoException(
          "the server did not end within " + STOP_SECONDS + " s of SIGTERM and was killed");
    }
    return process.exitValue();
  }

  private boolean await() {
    try {
      return process.waitFor(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DemoException("interrupted while the server ends", e);
    }
  }

  /** Kills it if it still runs. */
  @Override
  public void close() {
    if (process != null && process.isAlive()) {
      process.destroyForcibly();
      await();
    }
  }
}
