package org.micropay.vts.appliance.shop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.micropay.vts.appliance.testing.Poll;

/** {@code vts merchant} in a process of its own, so that it can be killed. One thread. */
final class MerchantProcess implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String MAIN = "org.micropay.vts.appliance.cli.Vts";

  private final Process process;
  private final JsonNode ready;

  private MerchantProcess(Process process, JsonNode ready) {
    this.process = process;
    this.ready = ready;
  }

  /** Starts it with these words and waits until it listens. */
  static MerchantProcess start(Path folder, String... words) {
    Path readyFile = folder.resolve("merchant-ready.json");
    Path log = folder.resolve("merchant.log");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> flag.startsWith("--") || flag.startsWith("-Dvts"))
        .forEach(command::add);
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN, "merchant"));
    command.addAll(List.of(words));
    command.addAll(List.of("--ready-file", readyFile.toString()));
    try {
      Files.deleteIfExists(readyFile);
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
              .start();
      JsonNode[] ready = {null};
      Poll.until(
          "the merchant listens, see " + log,
          () -> {
            if (!process.isAlive()) {
              throw new AssertionError("the merchant ended: " + text(log));
            }
            ready[0] = read(readyFile);
            return ready[0] != null;
          });
      return new MerchantProcess(process, ready[0]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode read(Path file) {
    try {
      JsonNode json = Files.exists(file) ? JSON.readTree(Files.readAllBytes(file)) : null;
      return json != null && json.has("pid") ? json : null;
    } catch (IOException e) {
      // Half written.
      return null;
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** HOST:PORT that customers come to. */
  String http() {
    return ready.path("http").asText();
  }

  /** URL of the revenue page's server. */
  String revenue() {
    return "http://" + ready.path("revenue").asText();
  }

  /** SIGKILL. */
  void kill() {
    process.destroyForcibly().onExit().join();
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().join();
  }
}
