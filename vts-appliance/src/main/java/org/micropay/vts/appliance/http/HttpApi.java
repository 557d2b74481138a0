package org.micropay.vts.appliance.http;

import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.micropay.vts.appliance.config.ApplianceConfig;
import org.micropay.vts.appliance.server.Readiness;
import org.micropay.vts.appliance.server.RegisterAnswer;
import org.micropay.vts.appliance.server.TlsFiles;
import org.micropay.vts.merchant.EvidenceFile;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.ProtocolException;

/**
 * The HTTP JSON interface under /v1, described by its own OpenAPI document; errors are RFC 9457
 * problems. It speaks to the same core as the claim stream.
 */
public final class HttpApi implements AutoCloseable {
  private static final int IDLE_SECONDS = 60;
  private static final int MAX_CONNECTIONS = 4096;
  private static final int DEV_BODY_BYTES = 256 * 1024;
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

  private final HttpServices services;
  private final HttpServer server;
  private final HttpClaims claims;
  private final byte[] openApi;
  private final int maxBodyBytes;
  private final AtomicInteger connections = new AtomicInteger();

  private HttpApi(HttpServices services, HttpServer server, int maxBodyBytes) {
    this.services = services;
    this.server = server;
    this.maxBodyBytes = maxBodyBytes;
    this.claims = new HttpClaims(services);
    this.openApi = OpenApi.document(services.devChain().isPresent());
  }

  /**
   * Starts to listen.
   *
   * @param resolve makes the configuration's relative paths absolute
   * @return completes with the interface once it accepts requests
   */
  public static Future<HttpApi> start(
      Vertx vertx,
      HttpServices services,
      ApplianceConfig.Http config,
      UnaryOperator<Path> resolve) {
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost(config.listen().host())
            .setPort(config.listen().port())
            .setTcpNoDelay(true)
            .setReuseAddress(true)
            .setIdleTimeout(IDLE_SECONDS)
            .setMaxHeaderSize(8192)
            .setMaxInitialLineLength(2048);
    if (config.tls() != null) {
      options
          .setSsl(true)
          .setUseAlpn(true)
          .setKeyCertOptions(TlsFiles.read("http", config.tls(), resolve));
    }
    HttpServer httpServer = vertx.createHttpServer(options);
    HttpApi api = new HttpApi(services, httpServer, config.maxBodyBytes());
    Router router = api.routes();
    httpServer.connectionHandler(api::onConnection);
    httpServer.invalidRequestHandler(HttpApi::onInvalid);
    httpServer.requestHandler(
        request -> {
          HttpExchange exchange =
              new HttpExchange(request, vertx.getOrCreateContext(), config.maxBodyBytes());
          exchange.guarded(() -> router.route(exchange));
        });
    return httpServer.listen().map(listening -> api);
  }

  /** One more than the limit is closed before it says anything. */
  private void onConnection(HttpConnection connection) {
    if (connections.incrementAndGet() > MAX_CONNECTIONS) {
      connections.decrementAndGet();
      connection.close();
    } else {
      connection.closeHandler(closed -> connections.decrementAndGet());
    }
  }

  /** What could not be read as HTTP; the connection ends with the answer. */
  private static void onInvalid(HttpServerRequest request) {
    Throwable cause = request.decoderResult().cause();
    int status =
        switch (cause) {
          case TooLongHttpLineException line -> 414;
          case TooLongHttpHeaderException header -> 431;
          case null, default -> 400;
        };
    HttpExchange exchange = new HttpExchange(request, Vertx.currentContext(), 0);
    request.response().putHeader("connection", "close");
    exchange.problem(
        status == 400
            ? Problem.of(AnswerCode.MALFORMED, "not a well-formed HTTP request")
            : Problem.of(
                AnswerCode.TOO_LARGE, status, "request line or header fields are too long", null));
    request.connection().close();
  }

  /** The port that was bound. */
  public int port() {
    return server.actualPort();
  }

  private Router routes() {
    Router router =
        new Router()
            .on(HttpMethod.GET, "/livez", (exchange, none) -> live(exchange))
            .on(HttpMethod.GET, "/readyz", (exchange, none) -> ready(exchange))
            .on(HttpMethod.GET, "/metrics", (exchange, none) -> metrics(exchange))
            .on(HttpMethod.GET, "/v1/openapi.json", (exchange, none) -> document(exchange))
            .on(HttpMethod.GET, "/v1/supported", (exchange, none) -> supported(exchange))
            .on(HttpMethod.GET, "/v1/status", (exchange, none) -> status(exchange))
            .on(
                HttpMethod.POST,
                "/v1/escrows",
                (exchange, none) -> exchange.body(b -> register(exchange, b)))
            .on(HttpMethod.GET, "/v1/escrows/{termsDigest}", this::escrow)
            .on(
                HttpMethod.POST,
                "/v1/claims",
                (exchange, none) ->
                    exchange.body(
                        maxBodyBytes, HttpClaims.MEDIA_TYPES, b -> claims.submit(exchange, b)))
            .on(HttpMethod.GET, "/v1/claims/{claimId}", this::claim)
            .on(HttpMethod.GET, "/v1/evidence/{termsDigest}", this::evidence)
            .on(
                HttpMethod.GET,
                "/v1/settlement/account",
                (exchange, none) -> {
                  if (OperatorAccess.isAllowed(exchange)) {
                    blocking(exchange, () -> AccountAnswer.of(services.account().get()));
                  }
                });
    new LogRoutes(services, this::blocking).addTo(router);
    new OperatorRoutes(services.settlement()).addTo(router);
    new PsbtRoutes(services.psbt()).addTo(router);
    services.devChain().ifPresent(chain -> devRoutes(router, chain));
    return router;
  }

  private void devRoutes(Router router, DevChainApi chain) {
    router
        .on(
            HttpMethod.POST,
            "/v1/dev/fund",
            (exchange, none) ->
                exchange.body(
                    DEV_BODY_BYTES,
                    Set.of(HttpExchange.JSON),
                    b ->
                        blocking(
                            exchange,
                            () -> chain.fund(HttpJson.read(b, DevChainApi.FundRequest.class)))))
        .on(
            HttpMethod.POST,
            "/v1/dev/mine",
            (exchange, none) ->
                exchange.body(
                    b ->
                        blocking(
                            exchange,
                            () -> chain.mine(HttpJson.read(b, DevChainApi.MineRequest.class)))))
        .on(
            HttpMethod.GET,
            "/v1/dev/blocks/{height}",
            (exchange, height) -> blocking(exchange, () -> chain.block(height(height))));
  }

  /** Runs {@code work} off the event loop and answers with its result. */
  private void blocking(HttpExchange exchange, Supplier<Object> work) {
    services
        .blocking()
        .execute(
            () -> {
              try {
                Object result = work.get();
                exchange.later(() -> exchange.json(200, result));
              } catch (RuntimeException e) {
                exchange.later(
                    () -> {
                      throw e;
                    });
              }
            });
  }

  private static void live(HttpExchange exchange) {
    exchange.json(200, Map.of("live", true));
  }

  private void ready(HttpExchange exchange) {
    Readiness readiness = services.readiness().get();
    exchange.json(readiness.ready() ? 200 : 503, readiness);
  }

  private void metrics(HttpExchange exchange) {
    exchange.send(200, TEXT, services.metrics().get().getBytes(StandardCharsets.UTF_8));
  }

  private void document(HttpExchange exchange) {
    exchange.send(200, "application/json", openApi);
  }

  private void supported(HttpExchange exchange) {
    exchange.json(200, Supported.of(services.identity(), services.log().key().toString()));
  }

  private void status(HttpExchange exchange) {
    blocking(exchange, () -> services.status().get());
  }

  private void register(HttpExchange exchange, byte[] body) {
    byte[] registration =
        HttpJson.base64Url(
            "registration", HttpJson.read(body, RegisterRequest.class).registration());
    services
        .escrows()
        .register(registration, exchange.client())
        .thenAccept(answer -> exchange.later(() -> registered(exchange, answer)));
  }

  private static void registered(HttpExchange exchange, RegisterAnswer answer) {
    if (answer.code() == AnswerCode.REGISTERED) {
      exchange.json(200, Registered.of(answer));
    } else if (answer.retryAfterMillis() > 0) {
      exchange.problem(Problem.retry(answer.code(), answer.detail(), answer.retryAfterMillis()));
    } else {
      exchange.problem(Problem.of(answer.code(), answer.detail()));
    }
  }

  private void escrow(HttpExchange exchange, String termsDigest) {
    EscrowAnswer answer =
        EscrowAnswer.of(services.escrows().status(digest("terms digest", termsDigest)));
    if (answer.terms() == null) {
      exchange.problem(
          Problem.of(
              AnswerCode.UNKNOWN_ESCROW,
              "no escrow is registered under terms digest " + termsDigest));
    } else {
      exchange.json(200, answer);
    }
  }

  private void claim(HttpExchange exchange, String claimId) {
    services
        .claims()
        .find(digest("claim id", claimId))
        .ifPresentOrElse(
            decided -> exchange.json(200, DecidedClaim.of(decided)),
            () ->
                exchange.problem(
                    Problem.of(
                        AnswerCode.UNKNOWN_CLAIM, "no claim " + claimId + " has been granted")));
  }

  private void evidence(HttpExchange exchange, String termsDigest) {
    Bytes32 digest = digest("terms digest", termsDigest);
    blocking(
        exchange,
        () ->
            services
                .evidence()
                .apply(digest)
                .map(EvidenceFile::document)
                .orElseThrow(
                    () ->
                        new ProtocolException(
                            AnswerCode.UNKNOWN_CLAIM,
                            "no double-spend is known under terms digest " + termsDigest)));
  }

  private static Bytes32 digest(String name, String hex) {
    try {
      return Bytes32.fromHex(hex);
    } catch (RuntimeException e) {
      throw new ProtocolException(
          AnswerCode.MALFORMED, name + " '" + abbreviate(hex) + "' is not 64 hex digits");
    }
  }

  private static int height(String text) {
    try {
      return Integer.parseUnsignedInt(text);
    } catch (NumberFormatException e) {
      throw new ProtocolException(
          AnswerCode.MALFORMED, "block height '" + abbreviate(text) + "' is not a number");
    }
  }

  private static String abbreviate(String text) {
    String printable = text.replaceAll("[^\\x21-\\x7e]", "?");
    return printable.length() <= 80 ? printable : printable.substring(0, 80) + "...";
  }

  /** Stops accepting and closes every connection. */
  @Override
  public void close() {
    server.close();
  }
}
