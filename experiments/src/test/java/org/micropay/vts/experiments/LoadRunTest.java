package org.micropay.vts.experiments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.HdrHistogram.HistogramLogReader;
import org.junit.jupiter.api.Test;

/** Planned times, counting, errors, the log. */
class LoadRunTest {
  private static final long STALL_NANOS = 60_000_000;

  /** Answers by the number of the request. */
  private static LoadTarget target(IntFunction<String> answers) {
    AtomicInteger number = new AtomicInteger();
    return connection ->
        new LoadSession() {
          @Override
          public CompletionStage<String> send() {
            return CompletableFuture.completedFuture(answers.apply(number.getAndIncrement()));
          }

          @Override
          public void close() {}
        };
  }

  @Test
  void shouldPlanARampAndThenTheRate() {
    Pacing pacing = new Pacing(1_000, 2);
    assertEquals(0, pacing.dueNanos(0));
    // Half the rate's area lies under the ramp: 1,000 requests in its two seconds.
    assertEquals(2_000_000_000L, pacing.dueNanos(1_000), 1_000);
    assertEquals(1_000_000_000L, pacing.dueNanos(250), 1_000);
    assertEquals(3_000_000_000L, pacing.dueNanos(2_000), 1_000);
    assertEquals(5_000_000L, new Pacing(1_000, 0).dueNanos(5));
  }

  @Test
  void shouldChargeAStallToThoseWhoWaited() {
    LoadResult result =
        LoadRun.of(
            target(
                number -> {
                  long until = System.nanoTime() + (number == 0 ? STALL_NANOS : 0);
                  while (System.nanoTime() < until) {
                    Thread.onSpinWait();
                  }
                  return LoadSession.OK;
                }),
            new LoadOptions(1, 1_000, 0, 0, 100));
    assertEquals(100, result.succeeded());
    // Request n was planned for n ms and could not leave before the stall's end.
    long late =
        result.latency().getTotalCount() - result.latency().getCountBetweenValues(0, 9_000_000);
    assertTrue(late >= 50, late + " of 100 requests waited");
    assertTrue(result.latency().getMaxValue() >= STALL_NANOS, "the first one waited itself");
  }

  @Test
  void shouldCountErrorsByKind() {
    LoadResult result =
        LoadRun.of(
            target(number -> number % 4 == 0 ? "status_503" : number % 4 == 1 ? "timeout" : ""),
            LoadOptions.closed(3, 400));
    assertEquals(400, result.sent());
    assertEquals(200, result.succeeded());
    assertEquals(Map.of("status_503", 100L, "timeout", 100L), result.errors());
    assertEquals(200, ((Number) result.toMap().get("failed")).intValue());
  }

  @Test
  void shouldLeaveTheRampOutOfTheMeasurement() {
    LoadResult result =
        LoadRun.of(target(number -> LoadSession.OK), new LoadOptions(2, 2_000, 0.1, 0.05, 0));
    // 100 in the ramp, 100 behind it.
    assertEquals(100, result.sent(), 1);
  }

  @Test
  void shouldWriteALogThatHdrHistogramReads() {
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    LoadResult result =
        new LoadRun(
                target(number -> LoadSession.OK),
                LoadOptions.closed(2, 500),
                count -> {},
                new PrintStream(log, true))
            .run();
    HistogramLogReader reader = new HistogramLogReader(new ByteArrayInputStream(log.toByteArray()));
    long count = 0;
    while (reader.hasNext()) {
      var interval = reader.nextIntervalHistogram();
      if (interval instanceof org.HdrHistogram.Histogram histogram) {
        count += histogram.getTotalCount();
      }
    }
    assertEquals(result.succeeded(), count);
  }

  @Test
  void shouldReadEveryFramingOfHttp() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    byte[] body = "hello".repeat(3_000).getBytes();
    server.createContext(
        "/chunked",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.createContext(
        "/length",
        exchange -> {
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.createContext(
        "/none",
        exchange -> {
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    server.start();
    URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    try (HttpConnection connection = new HttpConnection(uri, 10_000)) {
      for (int round = 0; round < 3; round++) {
        assertEquals(body.length, connection.exchange(connection.get("/chunked")).body().length);
        assertEquals(body.length, connection.exchange(connection.get("/length")).body().length);
        assertEquals(204, connection.exchange(connection.get("/none")).status());
      }
      LoadResult result =
          LoadRun.of(HttpTarget.pages(uri.resolve("/missing")), LoadOptions.closed(2, 6));
      assertEquals(Map.of("status_404", 6L), result.errors());
    } finally {
      server.stop(0);
    }
  }

  @Test
  void shouldSayThatNobodyIsThere() throws IOException {
    int port;
    try (ServerSocket taken = new ServerSocket(0)) {
      port = taken.getLocalPort();
    }
    LoadException refused =
        assertThrows(
            LoadException.class,
            () ->
                LoadRun.of(
                    HttpTarget.pages(URI.create("http://127.0.0.1:" + port)),
                    LoadOptions.closed(1, 1)));
    assertTrue(refused.getMessage().contains("cannot be reached"), refused.getMessage());
  }

  @Test
  void shouldRefuseLoadWithoutAnEnd() {
    assertThrows(IllegalArgumentException.class, () -> new LoadOptions(1, 0, 0, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> new LoadOptions(0, 0, 0, 1, 0));
    assertThrows(IllegalArgumentException.class, () -> new LoadOptions(1, -1, 0, 1, 0));
  }
}
