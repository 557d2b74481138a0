package org.micropay.vts.experiments;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A web server on loopback that knows nothing of payments and takes a given CPU time to make each
 * page of 2 kB, one after the other. Owns its threads.
 */
final class SlowPages implements AutoCloseable {
  private static final int BACKLOG = 256;
  private static final int PAGE_CHARACTERS = 2_000;

  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final HttpServer server;
  private final ExecutorService worker;
  private final long cpuNanos;

  private SlowPages(HttpServer server, ExecutorService worker, long cpuNanos) {
    this.server = server;
    this.worker = worker;
    this.cpuNanos = cpuNanos;
  }

  /** Starts one whose pages cost so much. */
  static SlowPages start(long cpuNanos) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
    ExecutorService worker =
        Executors.newSingleThreadExecutor(
            task -> Thread.ofPlatform().daemon().name("slow-pages").unstarted(task));
    SlowPages pages = new SlowPages(server, worker, cpuNanos);
    server.setExecutor(worker);
    server.createContext("/", pages::serve);
    server.start();
    return pages;
  }

  int port() {
    return server.getAddress().getPort();
  }

  private void serve(HttpExchange exchange) throws IOException {
    long end = threads.getCurrentThreadCpuTime() + cpuNanos;
    StringBuilder page = new StringBuilder();
    do {
      page.setLength(0);
      page.append("<!DOCTYPE html><title>legacy</title>");
      for (int line = 0; page.length() < PAGE_CHARACTERS; line++) {
        page.append("<p>Line ").append(line).append(" of a page made by a legacy server.</p>\n");
      }
    } while (threads.getCurrentThreadCpuTime() < end);
    byte[] body = page.toString().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
    worker.shutdownNow();
  }
}
