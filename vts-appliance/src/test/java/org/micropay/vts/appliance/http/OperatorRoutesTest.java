package org.micropay.vts.appliance.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.micropay.vts.appliance.testing.TestServer;

/** Settlement is steered from the server's own machine, and by no web page. */
class OperatorRoutesTest {
  @TempDir static Path directory;
  private static TestServer server;

  @BeforeAll
  static void start() throws IOException {
    server = TestServer.start(directory);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static int status(String method, String path, String headers, String body)
      throws IOException {
    try (Socket socket = new Socket(server.httpUri().getHost(), server.httpUri().getPort())) {
      String request =
          "%s %s HTTP/1.1\r\n%scontent-length: %d\r\nconnection: close\r\n\r\n%s"
              .formatted(method, path, headers, body.length(), body);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      return Integer.parseInt(answer.split(" ")[1]);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "127.0.0.1", "127.0.0.1:8480", "[::1]:8480", "LOCALHOST"})
  void shouldListenToThisMachine(String host) throws IOException {
    assertEquals(200, status("GET", "/v1/settlement/plan", "host: " + host + "\r\n", ""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "host: vts.example.com\r\n",
        "host: 127.0.0.1.example.com\r\n",
        "host: 10.0.0.1\r\n",
        "host: localhost\r\nx-forwarded-for: 192.0.2.1\r\n",
        "host: localhost\r\nforwarded: for=192.0.2.1\r\n"
      })
  void shouldRefuseOtherNamesAndProxies(String headers) throws IOException {
    assertEquals(403, status("GET", "/v1/settlement/plan", headers, ""));
    String json = headers + "content-type: application/json\r\n";
    assertEquals(403, status("POST", "/v1/settlement/pause", json, "{}"));
  }

  @Test
  void shouldRefuseWhatAWebPageMaySendUnasked() throws IOException {
    String host = "host: localhost\r\n";
    assertEquals(415, status("POST", "/v1/settlement/pause", host, ""));
    String form = host + "content-type: application/x-www-form-urlencoded\r\n";
    assertEquals(415, status("POST", "/v1/settlement/pause", form, "a=b"));
    String text = host + "content-type: text/plain\r\n";
    assertEquals(415, status("POST", "/v1/settlement/pause", text, "{}"));
  }

  /** A gauge whose source was collected shows NaN: nothing may hold its source too loosely. */
  @Test
  void shouldShowEveryMetricAfterACollection() throws IOException {
    String json = "host: localhost\r\ncontent-type: application/json\r\n";
    assertEquals(200, status("POST", "/v1/settlement/pause", json, "{}"));
    System.gc();
    String metrics = metrics();
    assertTrue(metrics.contains("vts_settlement_alarm{alarm=\"SETTLEMENT_PAUSED\"} 1.0"), metrics);
    assertTrue(metrics.contains("vts_chain_hints_lost_total 0.0"), metrics);
    assertFalse(metrics.contains("NaN"), metrics);
    assertEquals(200, status("POST", "/v1/settlement/resume", json, "{}"));
    System.gc();
    assertFalse(metrics().contains("NaN"));
  }

  private static String metrics() throws IOException {
    try (InputStream in = server.httpUri().resolve("/metrics").toURL().openStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
