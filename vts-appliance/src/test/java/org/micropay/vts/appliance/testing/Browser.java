package org.micropay.vts.appliance.testing;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One page in a headless Chromium, driven over the DevTools protocol. The browser is the one that
 * CHROMIUM names, on the PATH, or that ops/web/get-chromium.sh brought; without one a test is
 * skipped, and fails under CI=true. One test thread.
 */
public final class Browser implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long SECONDS = 120;

  private final Process process;
  private final HttpClient http = HttpClient.newHttpClient();
  private final AtomicLong ids = new AtomicLong();
  private final Map<Long, CompletableFuture<JsonNode>> calls = new ConcurrentHashMap<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final List<String> problems = new CopyOnWriteArrayList<>();
  private WebSocket socket;
  private String session;

  private Browser(Process process) {
    this.process = process;
  }

  /** Starts with a profile of its own in {@code folder}, or skips the test. */
  public static Browser start(Path folder) throws IOException {
    Path profile = Files.createDirectories(folder.resolve("chromium"));
    ProcessBuilder command =
        new ProcessBuilder(
            program().toString(),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-extensions",
            "--disable-background-networking",
            "--disable-component-update",
            "--no-first-run",
            "--remote-debugging-port=0",
            "--user-data-dir=" + profile,
            "about:blank");
    command.environment().put("HOME", folder.toString());
    command.redirectErrorStream(true).redirectOutput(folder.resolve("chromium.log").toFile());
    Browser browser = new Browser(command.start());
    try {
      browser.connect(profile.resolve("DevToolsActivePort"));
      return browser;
    } catch (RuntimeException | Error e) {
      browser.close();
      throw e;
    }
  }

  private static Path program() {
    List<Path> places = new ArrayList<>();
    Optional.ofNullable(System.getenv("CHROMIUM")).map(Path::of).ifPresent(places::add);
    for (String folder : Optional.ofNullable(System.getenv("PATH")).orElse("").split(":")) {
      for (String name : List.of("chromium", "chromium-browser", "google-chrome")) {
        places.add(Path.of(folder, name));
      }
    }
    places.add(Path.of(System.getProperty("vts.root"), "build/chromium/bin/chromium"));
    return places.stream().filter(Files::isExecutable).findFirst().orElseGet(Browser::none);
  }

  private static Path none() {
    String why = "no chromium; ops/web/get-chromium.sh brings one, or CHROMIUM names one";
    return "true".equals(System.getenv("CI")) ? fail(why) : abort(why);
  }

  private void connect(Path portFile) {
    Poll.until("chromium listens", () -> !process.isAlive() || lines(portFile).size() == 2);
    assertFalse(lines(portFile).isEmpty(), "chromium ended at once");
    URI devTools = URI.create("ws://127.0.0.1:" + lines(portFile).get(0) + lines(portFile).get(1));
    socket = http.newWebSocketBuilder().buildAsync(devTools, new Listener()).join();
    String target =
        call("Target.createTarget", Map.of("url", "about:blank")).path("targetId").asText();
    session =
        call("Target.attachToTarget", Map.of("targetId", target, "flatten", true))
            .path("sessionId")
            .asText();
    for (String domain : List.of("Page", "Runtime", "Network", "Log")) {
      call(domain + ".enable", Map.of());
    }
  }

  private static List<String> lines(Path file) {
    try {
      return Files.exists(file) ? Files.readAllLines(file) : List.of();
    } catch (IOException e) {
      return List.of();
    }
  }

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        String whole = text.toString();
        text.setLength(0);
        try {
          take(JSON.readTree(whole));
        } catch (IOException e) {
          problems.add("not JSON: " + whole);
        }
      }
      from.request(1);
      return null;
    }
  }

  private void take(JsonNode message) {
    JsonNode parameters = message.path("params");
    switch (message.path("method").asText()) {
      case "Network.requestWillBeSent" ->
          requests.add(parameters.path("request").path("url").asText());
      case "Runtime.exceptionThrown" ->
          problems.add(parameters.path("exceptionDetails").toString());
      case "Log.entryAdded" -> {
        // A 402 is logged as a failed load, which here it is not.
        String source = parameters.path("entry").path("source").asText();
        if (!source.equals("network")) {
          problems.add(parameters.path("entry").path("text").asText());
        }
      }
      default -> {
        CompletableFuture<JsonNode> call = calls.remove(message.path("id").asLong(-1));
        if (call != null) {
          call.complete(message);
        }
      }
    }
  }

  /** One call of the protocol; gives its result. */
  public JsonNode call(String method, Map<String, Object> parameters) {
    long id = ids.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    calls.put(id, answer);
    Map<String, Object> message =
        new java.util.HashMap<>(Map.of("id", id, "method", method, "params", parameters));
    if (session != null) {
      message.put("sessionId", session);
    }
    try {
      socket.sendText(JSON.writeValueAsString(message), true).join();
      JsonNode whole = answer.get(SECONDS, TimeUnit.SECONDS);
      assertFalse(whole.has("error"), () -> method + ": " + whole);
      return whole.path("result");
    } catch (IOException | java.util.concurrent.ExecutionException e) {
      throw new AssertionError(method, e);
    } catch (java.util.concurrent.TimeoutException e) {
      throw new AssertionError(method + ": no answer in " + SECONDS + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Opens a page; {@link #until} tells when it is there. */
  public void open(URI uri) {
    call("Page.navigate", Map.of("url", uri.toString()));
  }

  /** Value of an expression, or of what its promise comes to. */
  public JsonNode value(String expression) {
    JsonNode answer =
        call(
            "Runtime.evaluate",
            Map.of(
                "expression", expression,
                "awaitPromise", true,
                "returnByValue", true,
                "userGesture", true));
    assertFalse(answer.has("exceptionDetails"), () -> expression + ": " + answer);
    return answer.path("result").path("value");
  }

  /** Waits until an expression is true. */
  public void until(String expression) {
    Poll.until(expression, () -> value(expression).asBoolean());
  }

  /** What an element shows. */
  public String text(String selector) {
    return value("document.querySelector(%s).textContent".formatted(quoted(selector))).asText();
  }

  /** Clicks an element. */
  public void click(String selector) {
    value("document.querySelector(%s).click()".formatted(quoted(selector)));
  }

  /** A JavaScript string. */
  public static String quoted(String text) {
    try {
      return JSON.writeValueAsString(text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** URLs that the page asked for so far. */
  public List<String> requests() {
    return List.copyOf(requests);
  }

  /** Exceptions and warnings of the page so far, among them what its content policy forbade. */
  public List<String> problems() {
    return List.copyOf(problems);
  }

  /** Saves the page as it looks, of this width in pixels, light or dark. */
  public void screenshot(Path file, int width, boolean dark) throws IOException {
    call(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", 900, "deviceScaleFactor", 1, "mobile", false));
    Map<String, String> scheme =
        Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light");
    call("Emulation.setEmulatedMedia", Map.of("features", List.of(scheme)));
    String png =
        call("Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", true))
            .path("data")
            .asText();
    Files.write(file, Base64.getDecoder().decode(png));
  }

  @Override
  public void close() {
    if (socket != null) {
      socket.abort();
    }
    http.close();
    ProcessHandle[] children = process.descendants().toArray(ProcessHandle[]::new);
    process.destroyForcibly();
    Arrays.stream(children).forEach(ProcessHandle::destroyForcibly);
    process.onExit().join();
  }
}
