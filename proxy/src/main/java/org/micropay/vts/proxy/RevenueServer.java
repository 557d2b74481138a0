package org.micropay.vts.proxy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.micropay.vts.merchant.Merchant;
import org.micropay.vts.merchant.MerchantReport;

/**
 * The merchant's own view, on an address that customers do not reach: the revenue page, the same as
 * JSON, metrics and health. Belongs to one event loop.
 */
final class RevenueServer {
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
  private static final int SAMPLE_MILLIS = 5_000;
  private static final String CSP =
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none';"
          + " frame-ancestors 'none'";

  private final Vertx vertx;
  private final Merchant merchant;
  private final ProxyCounters counters;
  private final RevenueHistory history = new RevenueHistory();
  private HttpServer server;
  private volatile boolean draining;

  RevenueServer(Vertx vertx, Merchant merchant, ProxyCounters counters) {
    this.vertx = vertx;
    this.merchant = merchant;
    this.counters = counters;
  }

  Future<HttpServer> listen(String host, int port) {
    server =
        vertx
            .createHttpServer(
                new HttpServerOptions().setHost(host).setPort(port).setIdleTimeout(60))
            .requestHandler(this::handle);
    vertx.setPeriodic(
        0,
        SAMPLE_MILLIS,
        tick -> report(r -> history.add(System.currentTimeMillis(), r.statistics())));
    return server.listen();
  }

  int port() {
    return server.actualPort();
  }

  /** From now on /readyz says no, so that balancers look elsewhere. */
  void draining() {
    draining = true;
  }

  private void report(Consumer<MerchantReport> then) {
    Context context = vertx.getOrCreateContext();
    merchant
        .report()
        .whenComplete(
            (report, failure) ->
                context.runOnContext(
                    back -> {
                      if (report != null) {
                        then.accept(report);
                      }
                    }));
  }

  private void handle(HttpServerRequest request) {
    switch (request.path()) {
      case "/livez" -> send(request, 200, "application/json", "{\"live\":true}\n");
      case "/readyz" -> report(r -> ready(request, r));
      case "/metrics" ->
          report(
              r ->
                  send(
                      request,
                      200,
                      "text/plain; version=0.0.4; charset=utf-8",
                      ProxyMetrics.text(r, counters)));
      case "/revenue.json" -> report(r -> send(request, 200, "application/json", json(r)));
      case "/", "/revenue" ->
          report(
              r -> {
                history.add(System.currentTimeMillis(), r.statistics());
                request.response().putHeader("content-security-policy", CSP);
                send(
                    request,
                    200,
                    "text/html; charset=utf-8",
                    new RevenuePage(merchant.config(), r, history, counters).html());
              });
      default ->
          send(
              request,
              404,
              "text/plain; charset=utf-8",
              "/revenue, /revenue.json, /metrics, /livez, /readyz\n");
    }
  }

  private void ready(HttpServerRequest request, MerchantReport report) {
    String reason =
        draining
            ? "closing"
            : !report.storageFault().isEmpty()
                ? report.storageFault()
                : report.pendingClaims() >= merchant.config().risk().maxPendingClaims()
                    ? "too many winners wait for the VTS"
                    : "";
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("ready", reason.isEmpty());
    body.put("reason", reason);
    send(request, reason.isEmpty() ? 200 : 503, "application/json", text(body));
  }

  private String json(MerchantReport report) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("luck", report.statistics().luck());
    body.put("merchant", report);
    body.put("requests", counters.outcomes());
    body.put("refusals", counters.refusals());
    body.put("inProgress", counters.inProgress.get());
    body.put("connections", counters.connections.get());
    body.put("asks", counters.asks.sum());
    return text(body);
  }

  private static String text(Object value) {
    try {
      return JSON.writeValueAsString(value) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("not serialisable: " + value.getClass(), e);
    }
  }

  private static void send(HttpServerRequest request, int status, String type, String body) {
    request
        .response()
        .setStatusCode(status)
        .putHeader("content-type", type)
        .putHeader("cache-control", "no-store")
        .putHeader("x-content-type-options", "nosniff")
        .end(body);
  }
}
