package org.micropay.vts.appliance.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.micropay.vts.ticket.AnswerCode;

/** One HTTP/1.1 connection byte by byte: requests as the test writes them, answers as they come. */
public final class RawHttp implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int TIMEOUT_MILLIS = 60_000;

  private final Socket socket;
  private final InputStream in;

  private RawHttp(Socket socket) throws IOException {
    this.socket = socket;
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.setTcpNoDelay(true);
    this.in = new BufferedInputStream(socket.getInputStream());
  }

  /** Connects. */
  public static RawHttp open(URI base) throws IOException {
    return new RawHttp(new Socket(base.getHost(), base.getPort()));
  }

  /** Over a socket that is connected already. */
  public static RawHttp over(Socket socket) throws IOException {
    return new RawHttp(socket);
  }

  /**
   * An answer.
   *
   * @param status of it
   * @param headers by lower-case name
   * @param body of it
   */
  public record Answer(int status, Map<String, String> headers, byte[] body) {
    /** The body as JSON. */
    public JsonNode json() throws IOException {
      return JSON.readTree(body);
    }

    /** The body as text, for messages. */
    @Override
    public String toString() {
      return status + " " + new String(body, StandardCharsets.UTF_8);
    }

    /** Fails unless this is a problem as docs/PROTOCOL.md section 18 defines it. */
    public JsonNode assertProblem(int expectedStatus, AnswerCode code) throws IOException {
      assertEquals(expectedStatus, status, toString());
      assertEquals("application/problem+json", headers.get("content-type"));
      JsonNode problem = json();
      assertEquals(expectedStatus, problem.path("status").asInt());
      assertEquals(code.name(), problem.path("code").asText(), toString());
      assertEquals(code.number(), problem.path("number").asInt());
      assertTrue(problem.path("retryable").isBoolean());
      assertEquals(code.retryable(), problem.path("retryable").asBoolean());
      assertEquals(code.retryable(), problem.has("retryAfterMillis"));
      assertEquals(code.retryable(), headers.containsKey("retry-after"));
      assertEquals(
          "/problems/" + code.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'),
          problem.path("type").asText());
      assertTrue(problem.path("title").asText().length() > 3);
      assertTrue(problem.path("detail").asText().length() > 10, "a detail says what was wrong");
      return problem;
    }
  }

  /** Writes text as it is. */
  public void send(String text) throws IOException {
    send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Writes bytes as they are. */
  public void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  /** A request without a body. */
  public Answer request(String method, String path) throws IOException {
    return request(method, path, "");
  }

  /** The same with further header fields, each with its line end. */
  public Answer request(String method, String path, String more) throws IOException {
    send(method + " " + path + " HTTP/1.1\r\nhost: localhost\r\n" + more + "\r\n");
    return read(method.equals("HEAD"));
  }

  /** A POST with a length and a content type, none when {@code mediaType} is empty. */
  public Answer post(String path, String mediaType, byte[] body) throws IOException {
    send(post(path, mediaType, body.length, ""));
    send(body);
    return read();
  }

  /** A POST of JSON text. */
  public Answer post(String path, String json) throws IOException {
    return post(path, "application/json", json.getBytes(StandardCharsets.UTF_8));
  }

  /** Request line and header fields of a POST. */
  public static String post(String path, String mediaType, long length, String more) {
    return "POST "
        + path
        + " HTTP/1.1\r\nhost: localhost\r\n"
        + (mediaType.isEmpty() ? "" : "content-type: " + mediaType + "\r\n")
        + (length < 0 ? "" : "content-length: " + length + "\r\n")
        + more
        + "\r\n";
  }

  /** The next answer to anything but HEAD. */
  public Answer read() throws IOException {
    return read(false);
  }

  private Answer read(boolean head) throws IOException {
    String statusLine = line();
    // What could not be read as HTTP is answered in the version that it claims to be.
    int status = Integer.parseInt(statusLine.split(" ")[1]);
    Map<String, String> headers = new TreeMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      headers.put(line.substring(0, colon).toLowerCase(), line.substring(colon + 1).strip());
    }
    int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
    byte[] body = head ? new byte[0] : in.readNBytes(length);
    return new Answer(status, headers, body);
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("the server closed after '" + line + "'");
      }
      if (next != '\r') {
        line.write(next);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }

  /** Waits for the server to close; fails when it says more instead. */
  public void readEnd() throws IOException {
    try {
      assertEquals(-1, in.read(), "the server said more instead of closing");
    } catch (SocketException e) {
      // Reset: the end, too.
    }
  }

  /** The socket. */
  public Socket socket() {
    return socket;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
