package org.micropay.vts.appliance.log;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Any server's log: plain, compressed without being asked, and what is neither. */
class HttpLogSourceTest {
  private static final String PATH = "tile/entries/000";
  private static final byte[] BUNDLE = "entries, entries, entries".getBytes(StandardCharsets.UTF_8);

  private HttpServer server;
  private HttpLogSource source;
  private String coding = "";
  private byte[] body = BUNDLE;
  private final List<String> asked = new ArrayList<>();

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          asked.add(exchange.getRequestHeaders().getFirst("accept-encoding"));
          if (!coding.isEmpty()) {
            exchange.getResponseHeaders().set("content-encoding", coding);
          }
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    source =
        new HttpLogSource(URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/l/"));
  }

  @AfterEach
  void stop() {
    source.close();
    server.stop(0);
  }

  private static byte[] zipped(byte[] bytes, int times) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      for (int i = 0; i < times; i++) {
        gzip.write(bytes);
      }
    }
    return out.toByteArray();
  }

  private void assertRefused(String why) {
    UncheckedIOException e = assertThrows(UncheckedIOException.class, () -> source.read(PATH));
    String message = e.getCause().getMessage();
    assertTrue(message.contains(why) && message.contains(PATH), message);
    assertEquals(1, message.lines().count());
  }

  @Test
  void shouldReadBothForms() throws IOException {
    assertArrayEquals(BUNDLE, source.read(PATH).orElseThrow());
    for (String name : List.of("gzip", "GZIP", "x-gzip")) {
      coding = name;
      body = zipped(BUNDLE, 1);
      assertArrayEquals(BUNDLE, source.read(PATH).orElseThrow(), name);
      source.willRead(PATH);
      assertArrayEquals(BUNDLE, source.read(PATH).orElseThrow(), "fetched ahead");
    }
    coding = "identity";
    body = BUNDLE;
    assertArrayEquals(BUNDLE, source.read(PATH).orElseThrow());
    asked.forEach(field -> assertEquals("gzip, identity", field));
  }

  @Test
  void shouldRefuseWhatItCannotRead() throws IOException {
    coding = "br";
    assertRefused("content coding 'br'");
    coding = "gzip";
    assertRefused("no whole gzip stream");
    byte[] whole = zipped(BUNDLE, 1);
    body = Arrays.copyOf(whole, whole.length / 2);
    assertRefused("no whole gzip stream");
  }

  /** 20 MB in 20 kB. */
  @Test
  void shouldStopUnpackingWhereNoFileOfALogEnds() throws IOException {
    coding = "gzip";
    body = zipped(new byte[1 << 20], 20);
    assertRefused("longer than 16777472 bytes");
  }
}
