package org.micropay.vts.proxy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.zip.CRC32;

/**
 * A server that knows nothing of payments. {@code /hello} greets; {@code /echo} gives the body's
 * length and checksum; {@code /large} sends 32 MiB; {@code /wait} answers when it is let; all
 * remember what they saw.
 */
final class Behind implements AutoCloseable {
  static final int LARGE = 32 << 20;
  private final HttpServer server;
  final List<Seen> seen = new CopyOnWriteArrayList<>();
  final CountDownLatch waiting = new CountDownLatch(1);
  final CountDownLatch letGo = new CountDownLatch(1);

  /** A request as it came. */
  record Seen(String method, String uri, com.sun.net.httpserver.Headers headers) {
    String header(String name) {
      return headers.getFirst(name);
    }
  }

  private Behind(HttpServer server) {
    this.server = server;
  }

  static Behind start() {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      Behind behind = new Behind(server);
      server.createContext("/", behind::serve);
      server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
      server.start();
      return behind;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  Seen last() {
    return seen.getLast();
  }

  private void serve(HttpExchange http) throws IOException {
    seen.add(
        new Seen(
            http.getRequestMethod(), http.getRequestURI().toString(), http.getRequestHeaders()));
    try (http) {
      switch (http.getRequestURI().getPath()) {
        case "/echo" -> {
          CRC32 crc = new CRC32();
          byte[] body = http.getRequestBody().readAllBytes();
          crc.update(body);
          text(http, 200, body.length + " " + crc.getValue());
        }
        case "/large" -> large(http);
        case "/cut" -> {
          http.sendResponseHeaders(200, 1_000);
          http.getResponseBody().write(new byte[10]);
          http.getResponseBody().flush();
          throw new IOException("cut on purpose");
        }
        case "/wait" -> {
          waiting.countDown();
          letGo.await();
          text(http, 200, "waited");
        }
        case "/missing" -> text(http, 404, "missing");
        default -> text(http, 200, "hello from behind");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void large(HttpExchange http) throws IOException {
    http.sendResponseHeaders(200, 0);
    try (OutputStream out = http.getResponseBody()) {
      byte[] block = new byte[1 << 16];
      for (int i = 0; i < LARGE / block.length; i++) {
        java.util.Arrays.fill(block, (byte) i);
        out.write(block);
      }
    }
  }

  private static void text(HttpExchange http, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    http.getResponseHeaders().set("content-type", "text/plain");
    http.getResponseHeaders().set("connection", "x-secret");
    http.getResponseHeaders().set("x-secret", "of this connection");
    http.getResponseHeaders().set("vts-ticket-result", "outcome=won");
    http.sendResponseHeaders(status, http.getRequestMethod().equals("HEAD") ? -1 : bytes.length);
    if (!http.getRequestMethod().equals("HEAD")) {
      http.getResponseBody().write(bytes);
    }
  }

  @Override
  public void close() {
    letGo.countDown();
    server.stop(0);
  }
}
