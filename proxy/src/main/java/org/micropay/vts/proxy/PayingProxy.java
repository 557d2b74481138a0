package org.micropay.vts.proxy;

import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.micropay.vts.merchant.Merchant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The paying proxy: an HTTP server whose content comes from elsewhere and costs a ticket by path.
 * Any thread starts and closes it. The merchant is the caller's, who closes it afterwards; the
 * Vert.x instance is the proxy's own.
 */
public final class PayingProxy implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("vts.proxy");
  private static final long START_SECONDS = 30;

  /** How long a connection stays that is to be closed, so that the client can read its answer. */
  static final long LINGER_MILLIS = 500;

  private final Vertx vertx;
  private final Merchant merchant;
  private final ProxyConfig config;
  private final ContentSource content;
  private final ProxyCounters counters = new ProxyCounters();
  private final AskLimiter limiter;
  private final List<HttpServer> servers = new CopyOnWriteArrayList<>();
  private final List<ContentSource.PerLoop> sources = new CopyOnWriteArrayList<>();
  private final List<RequestHandler> handlers = new CopyOnWriteArrayList<>();
  private final AtomicBoolean closed = new AtomicBoolean();
  private RevenueServer revenue;

  private PayingProxy(Vertx vertx, Merchant merchant, ProxyConfig config, ContentSource content) {
    this.vertx = vertx;
    this.merchant = merchant;
    this.config = config;
    this.content = content;
    this.limiter = new AskLimiter(config.limits().asksPerSecond());
  }

  /**
   * Starts before a server.
   *
   * @param upstream scheme, host and port of it
   * @throws IllegalStateException when an address cannot be listened on
   */
  public static PayingProxy before(URI upstream, Merchant merchant, ProxyConfig config) {
    requireUpstream(upstream);
    Vertx vertx = Vertx.vertx();
    return start(vertx, merchant, config, new Upstream(vertx, upstream, config.limits()));
  }

  /** Starts with the paper's sample pages. */
  public static PayingProxy withSample(SamplePages pages, Merchant merchant, ProxyConfig config) {
    return start(Vertx.vertx(), merchant, config, pages);
  }

  /** Starts with the demo shop. */
  public static PayingProxy withShop(ShopPages pages, Merchant merchant, ProxyConfig config) {
    return start(Vertx.vertx(), merchant, config, pages);
  }

  private static PayingProxy start(
      Vertx vertx, Merchant merchant, ProxyConfig config, ContentSource content) {
    PayingProxy proxy = new PayingProxy(vertx, merchant, config, content);
    try {
      proxy.listen();
      return proxy;
    } catch (RuntimeException e) {
      vertx.close();
      throw e;
    }
  }

  private static void requireUpstream(URI upstream) {
    boolean http = "http".equals(upstream.getScheme()) || "https".equals(upstream.getScheme());
    boolean bare =
        (upstream.getPath() == null || upstream.getPath().matches("/?"))
            && upstream.getQuery() == null
            && upstream.getUserInfo() == null;
    boolean port = upstream.getPort() != 0 && upstream.getPort() <= 65_535;
    if (!http || upstream.getHost() == null || !bare || !port) {
      throw new IllegalArgumentException(
          "upstream '" + upstream + "' is not http(s)://host[:port] without a path");
    }
  }

  private void listen() {
    int loops = config.port() == 0 ? 1 : config.loops();
    await(
        vertx.deployVerticle(
            () -> (Deployable) this::open, new DeploymentOptions().setInstances(loops)),
        config.host() + ":" + config.port());
    if (config.adminPort() >= 0) {
      revenue = new RevenueServer(vertx, merchant, counters);
      await(
          revenue.listen(config.adminHost(), config.adminPort()),
          config.adminHost() + ":" + config.adminPort());
    }
  }

  private Future<?> open(Context context) {
    ContentSource.PerLoop source = content.open(context);
    sources.add(source);
    RequestHandler handler =
        new RequestHandler(merchant, config, counters, limiter, source, context);
    handlers.add(handler);
    HttpServer server = vertx.createHttpServer(options());
    server.connectionHandler(this::onConnection);
    server.invalidRequestHandler(this::onInvalid);
    server.requestHandler(handler::handle);
    servers.add(server);
    return server.listen();
  }

  private HttpServerOptions options() {
    ProxyLimits limits = config.limits();
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost(config.host())
            .setPort(config.port())
            .setTcpNoDelay(true)
            .setReuseAddress(true)
            .setHttp2ClearTextEnabled(false)
            .setHandle100ContinueAutomatically(false)
            .setIdleTimeout(limits.idleSeconds())
            .setMaxHeaderSize(limits.headerBytes())
            .setMaxInitialLineLength(limits.lineBytes());
    config.tls().ifPresent(pair -> options.setSsl(true).setKeyCertOptions(pair));
    return options;
  }

  private void onConnection(HttpConnection connection) {
    if (counters.connections.incrementAndGet() > config.limits().connections()) {
      counters.connections.decrementAndGet();
      connection.close();
    } else {
      connection.closeHandler(closed -> counters.connections.decrementAndGet());
    }
  }

  /** What could not be read as HTTP; the connection ends with the answer. */
  private void onInvalid(HttpServerRequest request) {
    counters.count(ProxyCounters.Outcome.REJECTED);
    String why = String.valueOf(request.decoderResult().cause());
    int status = why.contains("TooLongHttpLine") ? 414 : why.contains("TooLongHttp") ? 431 : 400;
    request
        .response()
        .setStatusCode(status)
        .putHeader("connection", "close")
        .putHeader("content-type", Challenges.PROBLEM)
        .end(
            Challenges.problem(
                status, "Bad Request", "MALFORMED", "not a request that can be passed on"))
        // At once would throw away what the client has not read yet, the answer among it.
        .onComplete(sent -> vertx.setTimer(LINGER_MILLIS, late -> request.connection().close()));
  }

  private static void await(Future<?> future, String address) {
    try {
      future.toCompletionStage().toCompletableFuture().get(START_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(
          "cannot listen on %s: %s".formatted(address, e.getCause().getMessage()), e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException("no answer from the event loop for " + address, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while starting", e);
    }
  }

  /** The port that was bound. */
  public int port() {
    return servers.getFirst().actualPort();
  }

  /** The port of the revenue page; -1 when there is none. */
  public int adminPort() {
    return revenue == null ? -1 : revenue.port();
  }

  /** Requests at the server behind now. */
  public int inProgress() {
    return counters.inProgress.get();
  }

  /** Stops accepting, lets requests in progress end, then closes everything. */
  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    int drain = config.limits().drainSeconds();
    if (revenue != null) {
      revenue.draining();
    }
    List<? extends Future<?>> ending =
        servers.stream().map(server -> server.shutdown(drain, TimeUnit.SECONDS)).toList();
    try {
      Future.join(ending)
          .toCompletionStage()
          .toCompletableFuture()
          .get(drain + START_SECONDS, TimeUnit.SECONDS);
      vertx.close().toCompletionStage().toCompletableFuture().get(START_SECONDS, TimeUnit.SECONDS);
      handlers.forEach(RequestHandler::close);
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("not everything ended in order: {}", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
