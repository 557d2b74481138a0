package org.micropay.vts.proxy;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.NetSocket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.micropay.vts.merchant.TicketResult;

/**
 * The server behind, over HTTP/1.1 with pooled connections. Bodies stream both ways, read no faster
 * than the other side takes them. A WebSocket is upgraded end to end once it is paid.
 */
final class Upstream implements ContentSource {
  private static final Set<String> NOT_SENT =
      Set.of(
          "vts-ticket",
          "expect",
          "via",
          "x-forwarded-for",
          "x-forwarded-proto",
          "x-forwarded-host");
  private static final Set<String> NOT_RETURNED = Set.of("vts-ticket-result");
  private static final String VIA = "1.1 vts";

  private final Vertx vertx;
  private final URI base;
  private final ProxyLimits limits;

  /** {@code base}: scheme, host and port of the server behind. */
  Upstream(Vertx vertx, URI base, ProxyLimits limits) {
    this.vertx = vertx;
    this.base = base;
    this.limits = limits;
  }

  @Override
  public PerLoop open(Context context) {
    HttpClientOptions options =
        new HttpClientOptions()
            .setSsl(base.getScheme().equals("https"))
            .setDefaultHost(base.getHost())
            .setDefaultPort(port())
            .setConnectTimeout(limits.upstreamSeconds() * 1000)
            .setMaxHeaderSize(64 * 1024)
            .setKeepAlive(true)
            .setPipelining(false);
    HttpClient client =
        vertx.createHttpClient(
            options,
            new PoolOptions()
                .setHttp1MaxSize(limits.concurrent())
                .setMaxWaitQueueSize(limits.concurrent()));
    return new Loop(client);
  }

  private int port() {
    return base.getPort() > 0 ? base.getPort() : base.getScheme().equals("https") ? 443 : 80;
  }

  private final class Loop implements PerLoop {
    private final HttpClient client;

    Loop(HttpClient client) {
      this.client = client;
    }

    @Override
    public Future<Void> serve(ProxiedRequest request) {
      RequestOptions options =
          new RequestOptions()
              .setMethod(request.method())
              .setURI(request.incoming().uri())
              .setFollowRedirects(false);
      Promise<Void> begun = Promise.promise();
      client
          .request(options)
          .onSuccess(outgoing -> new Transfer(request, outgoing, begun).start())
          .onFailure(failure -> begun.tryFail(upstreamFailure(failure)));
      return begun.future();
    }

    @Override
    public Future<Void> close() {
      return client.close();
    }
  }

  private static UpstreamException upstreamFailure(Throwable failure) {
    boolean late = failure instanceof TimeoutException;
    return new UpstreamException(
        late ? 504 : 502,
        late ? "the server behind did not answer in time" : "the server behind is not there",
        failure);
  }

  /** One request on its way through. */
  private final class Transfer {
    private final ProxiedRequest request;
    private final HttpServerRequest incoming;
    private final HttpServerResponse response;
    private final HttpClientRequest outgoing;
    private final Promise<Void> begun;
    private long received;

    Transfer(ProxiedRequest request, HttpClientRequest outgoing, Promise<Void> begun) {
      this.request = request;
      this.incoming = request.incoming();
      this.response = incoming.response();
      this.outgoing = outgoing;
      this.begun = begun;
    }

    void start() {
      writeHead();
      response.closeHandler(gone -> outgoing.reset());
      if (request.isWebSocket()) {
        awaitAnswer();
        outgoing.connect().onSuccess(this::upgraded).onFailure(this::failed);
        return;
      }
      outgoing.response().onSuccess(this::answer).onFailure(this::failed);
      if (request.bodyConsumed()) {
        outgoing.end();
        awaitAnswer();
      } else {
        sendBody();
      }
    }

    /** The time to answer begins when the request is sent; until then the idle time holds. */
    private void awaitAnswer() {
      long timer =
          vertx.setTimer(
              limits.upstreamSeconds() * 1000L,
              late -> {
                if (begun.tryFail(upstreamFailure(new TimeoutException()))) {
                  outgoing.reset();
                }
              });
      begun.future().onComplete(done -> vertx.cancelTimer(timer));
    }

    private void failed(Throwable failure) {
      begun.tryFail(upstreamFailure(failure));
    }

    private void writeHead() {
      var headers = outgoing.headers();
      Headers.copy(incoming.headers(), headers, NOT_SENT);
      if (request.stripAuthorization()) {
        headers.remove(HttpHeaders.AUTHORIZATION);
      }
      if (request.bodyConsumed()) {
        headers.remove(HttpHeaders.CONTENT_LENGTH);
        headers.remove(HttpHeaders.CONTENT_TYPE);
      } else if (isChunked()) {
        outgoing.setChunked(true);
      }
      String client =
          incoming.remoteAddress() == null ? null : incoming.remoteAddress().hostAddress();
      if (client != null) {
        headers.set("x-forwarded-for", client);
      }
      headers.set("x-forwarded-proto", incoming.isSSL() ? "https" : "http");
      if (incoming.getHeader(HttpHeaders.HOST) != null) {
        headers.set("x-forwarded-host", incoming.getHeader(HttpHeaders.HOST));
      }
      headers.set("via", VIA);
      if (request.isWebSocket()) {
        headers.set(HttpHeaders.CONNECTION, "Upgrade");
        headers.set(HttpHeaders.UPGRADE, "websocket");
      }
    }

    private boolean isChunked() {
      return incoming.getHeader(HttpHeaders.TRANSFER_ENCODING) != null;
    }

    /** Sends the body on, no faster than it is taken, and no more than is allowed. */
    private void sendBody() {
      if ("100-continue".equalsIgnoreCase(incoming.getHeader(HttpHeaders.EXPECT))) {
        response.writeContinue();
      }
      outgoing.exceptionHandler(this::failed);
      incoming.exceptionHandler(
          broken -> {
            failed(broken);
            outgoing.reset();
          });
      incoming.handler(this::sendChunk);
      incoming.endHandler(
          end -> {
            outgoing.end();
            awaitAnswer();
          });
      incoming.resume();
    }

    private void sendChunk(Buffer chunk) {
      received += chunk.length();
      if (received > limits.bodyBytes()) {
        incoming.handler(rest -> {});
        begun.tryFail(
            new UpstreamException(
                413, "the body is longer than " + limits.bodyBytes() + " bytes", null));
        outgoing.reset();
        return;
      }
      outgoing.write(chunk);
      if (outgoing.writeQueueFull()) {
        incoming.pause();
        outgoing.drainHandler(drained -> incoming.resume());
      }
    }

    private void answer(HttpClientResponse answer) {
      if (response.closed()) {
        outgoing.reset();
        begun.tryComplete();
        return;
      }
      response.setStatusCode(answer.statusCode());
      response.setStatusMessage(answer.statusMessage());
      Headers.copy(answer.headers(), response.headers(), NOT_RETURNED);
      request.writeResult();
      begun.tryComplete();
      if (hasNoBody(answer)) {
        answer.resume();
        response.end();
        return;
      }
      if (answer.getHeader(HttpHeaders.CONTENT_LENGTH) == null) {
        response.setChunked(true);
      }
      // A cut answer must not look whole: the client's connection is cut as well.
      answer.pipe().endOnFailure(false).to(response).onFailure(broken -> cut());
    }

    private void cut() {
      outgoing.reset();
      if (!response.ended()) {
        incoming.connection().close();
      }
    }

    private boolean hasNoBody(HttpClientResponse answer) {
      return request.method().equals(HttpMethod.HEAD)
          || answer.statusCode() == 204
          || answer.statusCode() == 304;
    }

    private void upgraded(HttpClientResponse answer) {
      if (answer.statusCode() != 101) {
        answer(answer);
        return;
      }
      response.setStatusCode(101);
      Headers.copy(answer.headers(), response.headers(), NOT_RETURNED);
      response.putHeader(HttpHeaders.CONNECTION, "Upgrade");
      response.putHeader(HttpHeaders.UPGRADE, "websocket");
      request.result().ifPresent(r -> response.putHeader(TicketResult.HEADER, r.toHeader()));
      begun.tryComplete();
      NetSocket behind = answer.netSocket();
      behind.pause();
      incoming
          .toNetSocket()
          .onSuccess(
              front -> {
                front.pipeTo(behind);
                behind.pipeTo(front);
              })
          .onFailure(broken -> behind.close());
    }
  }
}
