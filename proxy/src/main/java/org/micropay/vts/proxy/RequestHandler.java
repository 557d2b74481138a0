package org.micropay.vts.proxy;

import io.netty.channel.EventLoop;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.internal.ContextInternal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.micropay.vts.merchant.Challenge;
import org.micropay.vts.merchant.Merchant;
import org.micropay.vts.merchant.PresentedTicket;
import org.micropay.vts.merchant.Price;
import org.micropay.vts.merchant.TicketBatch;
import org.micropay.vts.merchant.TicketCheck;
import org.micropay.vts.merchant.TicketRefusal;
import org.micropay.vts.merchant.TicketResult;

/**
 * What one event loop does with each request: framing, path, price, ticket, content. Belongs to its
 * loop; the merchant's answers come back to it.
 */
final class RequestHandler {
  private static final long NEXT_ROUND = 1;
  private static final int MAX_SKIPPED_BYTES = 1 << 20;
  private static final Set<String> REFUSED_METHODS = Set.of("CONNECT", "TRACE");

  private final Merchant merchant;
  private final ProxyConfig config;
  private final ProxyCounters counters;
  private final AskLimiter limiter;
  private final ContentSource.PerLoop content;
  private final Context context;
  private final TicketBatch tickets;

  RequestHandler(
      Merchant merchant,
      ProxyConfig config,
      ProxyCounters counters,
      AskLimiter limiter,
      ContentSource.PerLoop content,
      Context context) {
    this.merchant = merchant;
    this.config = config;
    this.counters = counters;
    this.limiter = limiter;
    this.content = content;
    this.context = context;
    // What the first ticket of a selector's round leaves for later runs behind that round. What is
    // left there would run there as well; a timer that is due runs behind the next one.
    EventLoop loop = ((ContextInternal) context).nettyEventLoop();
    Executor later = task -> context.runOnContext(now -> task.run());
    this.tickets =
        merchant.newBatch(
            later,
            task -> loop.schedule(() -> later.execute(task), NEXT_ROUND, TimeUnit.NANOSECONDS));
  }

  /** Gives the batch's memory back; when the loop handles nothing any more. */
  void close() {
    tickets.close();
  }

  void handle(HttpServerRequest request) {
    request.pause();
    request.response().exceptionHandler(broken -> {});
    request.exceptionHandler(broken -> {});
    allowOrigin(request);
    String fault =
        Headers.framingFault(request.headers(), request.version() == HttpVersion.HTTP_1_0);
    if (fault != null) {
      request.response().putHeader(HttpHeaders.CONNECTION, "close");
      reject(request, 400, "Bad Request", fault);
      return;
    }
    if (REFUSED_METHODS.contains(request.method().name())) {
      reject(request, 405, "Method Not Allowed", request.method() + " is not passed on");
      return;
    }
    String path;
    try {
      path = RequestPath.of(request.uri()).decoded();
    } catch (IllegalArgumentException e) {
      reject(request, 400, "Bad Request", e.getMessage());
      return;
    }
    if (isPreflight(request)) {
      request.resume();
      request.response().setStatusCode(204).end();
      return;
    }
    if (announcedLength(request) > config.limits().bodyBytes()) {
      reject(
          request,
          413,
          "Content Too Large",
          "the body is longer than " + config.limits().bodyBytes() + " bytes");
      return;
    }
    price(request, path);
  }

  // ---- price and ticket

  private void price(HttpServerRequest request, String path) {
    Price price = config.prices().of(path);
    if (price.isFree()) {
      // What looks like a ticket goes no further than here, also where nothing costs.
      boolean strip = isTicket(request.getHeader(HttpHeaders.AUTHORIZATION));
      counters.count(ProxyCounters.Outcome.FREE);
      pass(
          new ProxiedRequest(request, request.method(), path, false, strip, Optional.empty()),
          Optional.empty());
      return;
    }
    Carried carried;
    try {
      carried = carried(request);
    } catch (IllegalArgumentException e) {
      refuse(request, price, TicketRefusal.MALFORMED, e.getMessage(), Optional.empty());
      return;
    }
    if (carried.inBody) {
      collect(
          request,
          body -> {
            try {
              buy(request, path, price, PresentedTicket.parseBody(body.getBytes()), carried);
            } catch (IllegalArgumentException e) {
              refuse(request, price, TicketRefusal.MALFORMED, e.getMessage(), Optional.empty());
            }
          });
    } else if (carried.ticket.isPresent()) {
      buy(request, path, price, carried.ticket.get(), carried);
    } else {
      challenge(request, price);
    }
  }

  private static boolean isTicket(String authorization) {
    return authorization != null && PresentedTicket.isOfScheme(authorization);
  }

  /** Where the ticket is: read, in the body, or nowhere. */
  private record Carried(
      Optional<PresentedTicket> ticket, boolean inBody, boolean inAuthorization) {}

  private static Carried carried(HttpServerRequest request) {
    List<PresentedTicket> found = new ArrayList<>();
    boolean inAuthorization = false;
    for (String value : request.headers().getAll(HttpHeaders.AUTHORIZATION)) {
      Optional<PresentedTicket> ticket = PresentedTicket.parseAuthorization(value);
      inAuthorization |= ticket.isPresent();
      ticket.ifPresent(found::add);
    }
    for (String value : request.headers().getAll(PresentedTicket.HEADER)) {
      found.add(PresentedTicket.parse(value));
    }
    boolean inBody =
        request.method().equals(HttpMethod.POST)
            && PresentedTicket.MEDIA_TYPE.equalsIgnoreCase(
                request.getHeader(HttpHeaders.CONTENT_TYPE));
    if (found.size() + (inBody ? 1 : 0) > 1) {
      throw new IllegalArgumentException("the request carries more than one ticket");
    }
    return new Carried(found.stream().findFirst(), inBody, inAuthorization);
  }

  /** Reads the few bytes of a ticket in a body. */
  private void collect(HttpServerRequest request, Consumer<Buffer> whole) {
    if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
      request.response().writeContinue();
    }
    Buffer body = Buffer.buffer();
    request.handler(
        chunk -> {
          if (body.length() <= PresentedTicket.MAX_BODY) {
            body.appendBuffer(chunk);
          }
        });
    request.endHandler(end -> whole.accept(body));
    request.resume();
  }

  private void buy(
      HttpServerRequest request,
      String path,
      Price price,
      PresentedTicket ticket,
      Carried carried) {
    if (counters.inProgress.get() >= config.limits().concurrent()) {
      refuse(
          request,
          price,
          TicketRefusal.OVERLOADED,
          config.limits().concurrent() + " requests are in progress",
          Optional.empty());
      return;
    }
    tickets
        .check(ticket, price)
        .thenAccept(
            check -> {
              if (Vertx.currentContext() == context) {
                decided(request, path, price, ticket, carried, check);
              } else {
                // A winner, told by the thread that made it durable.
                context.runOnContext(back -> decided(request, path, price, ticket, carried, check));
              }
            });
  }

  private void decided(
      HttpServerRequest request,
      String path,
      Price price,
      PresentedTicket ticket,
      Carried carried,
      TicketCheck check) {
    if (check instanceof TicketCheck.Refused(var code, var detail, var result)) {
      refuse(request, price, code, detail, result);
      return;
    }
    boolean won = check instanceof TicketCheck.Won;
    counters.count(won ? ProxyCounters.Outcome.WON : ProxyCounters.Outcome.LOST);
    if (request.response().closed()) {
      // Nobody is there to be served: the ticket is good again.
      merchant.reopen(ticket, check);
      return;
    }
    HttpMethod method = carried.inBody ? HttpMethod.GET : request.method();
    pass(
        new ProxiedRequest(
            request, method, path, carried.inBody, carried.inAuthorization, Optional.of(check)),
        Optional.of(ticket));
  }

  // ---- content

  private void pass(ProxiedRequest request, Optional<PresentedTicket> ticket) {
    counters.inProgress.incrementAndGet();
    HttpServerResponse response = request.incoming().response();
    boolean[] counted = {true};
    Runnable done =
        () -> {
          if (counted[0]) {
            counted[0] = false;
            counters.inProgress.decrementAndGet();
          }
        };
    response.endHandler(end -> done.run());
    request.incoming().connection();
    if (request.isWebSocket()) {
      counters.upgrades.increment();
    }
    content
        .serve(request)
        .onFailure(failure -> contentFailed(request, ticket, failure))
        .onComplete(
            begun -> {
              if (response.ended() || response.closed() || request.isWebSocket()) {
                done.run();
              } else {
                response.closeHandler(gone -> done.run());
              }
            });
  }

  private void contentFailed(
      ProxiedRequest request, Optional<PresentedTicket> ticket, Throwable failure) {
    counters.count(ProxyCounters.Outcome.UPSTREAM_FAILED);
    UpstreamException known =
        failure instanceof UpstreamException e
            ? e
            : new UpstreamException(502, "the server behind is not there", failure);
    if (ticket.isEmpty()) {
      upstreamProblem(request, Optional.empty(), known);
      return;
    }
    merchant
        .reopen(ticket.get(), request.check().orElseThrow())
        .whenComplete(
            (reopened, problem) ->
                context.runOnContext(
                    back -> {
                      boolean good = problem == null && reopened;
                      Optional<TicketResult> result =
                          request.result().map(r -> good ? r.asReusable() : r);
                      upstreamProblem(request, result, known);
                    }));
  }

  private void upstreamProblem(
      ProxiedRequest request, Optional<TicketResult> result, UpstreamException failure) {
    HttpServerResponse response = request.incoming().response();
    if (response.headWritten() || response.closed()) {
      return;
    }
    result.ifPresent(r -> response.putHeader(TicketResult.HEADER, r.toHeader()));
    String title =
        switch (failure.status()) {
          case 413 -> "Content Too Large";
          case 504 -> "Gateway Timeout";
          default -> "Bad Gateway";
        };
    answer(
        request.incoming(),
        failure.status(),
        Challenges.PROBLEM,
        Challenges.problem(failure.status(), title, "UPSTREAM", failure.getMessage()));
  }

  // ---- refusals

  private void challenge(HttpServerRequest request, Price price) {
    refuse(
        request,
        price,
        TicketRefusal.PAYMENT_REQUIRED,
        TicketRefusal.PAYMENT_REQUIRED.text(),
        Optional.empty());
  }

  private void refuse(
      HttpServerRequest request,
      Price price,
      TicketRefusal refusal,
      String detail,
      Optional<TicketResult> result) {
    HttpServerResponse response = request.response();
    if (response.closed()) {
      return;
    }
    counters.count(refusal);
    String client = request.remoteAddress() == null ? "" : request.remoteAddress().hostAddress();
    if (refusal.httpStatus() == 402 && !limiter.tryTake(client, System.nanoTime())) {
      response.putHeader("retry-after", "1");
      answer(
          request,
          429,
          Challenges.PROBLEM,
          Challenges.problem(
              429,
              "Too Many Requests",
              TicketRefusal.OVERLOADED.name(),
              config.limits().asksPerSecond() + " challenges a second are for one client"));
      return;
    }
    result.ifPresent(r -> response.putHeader(TicketResult.HEADER, r.toHeader()));
    if (refusal.httpStatus() == 503) {
      response.putHeader("retry-after", "1");
    }
    if (refusal.httpStatus() != 402) {
      String title = refusal.httpStatus() == 400 ? "Bad Request" : "Service Unavailable";
      answer(
          request,
          refusal.httpStatus(),
          Challenges.PROBLEM,
          Challenges.problem(refusal.httpStatus(), title, refusal.name(), detail));
      return;
    }
    counters.asks.increment();
    Challenge challenge = merchant.ask(price, refusal);
    response.putHeader(Challenge.HEADER, challenge.toHeader());
    response.putHeader("cache-control", "no-store");
    boolean person = prefersHtml(request.getHeader(HttpHeaders.ACCEPT));
    answer(
        request,
        402,
        person ? Challenges.HTML : Challenges.PROBLEM,
        person ? Challenges.html(challenge, detail) : Challenges.problem(challenge, detail));
  }

  private static boolean prefersHtml(String accept) {
    if (accept == null) {
      return false;
    }
    int html = accept.indexOf("text/html");
    int json = accept.indexOf("json");
    return html >= 0 && (json < 0 || html < json);
  }

  private void reject(HttpServerRequest request, int status, String title, String detail) {
    counters.count(ProxyCounters.Outcome.REJECTED);
    answer(
        request,
        status,
        Challenges.PROBLEM,
        Challenges.problem(status, title, TicketRefusal.MALFORMED.name(), detail));
  }

  /** Answers and reads what is left of the request, so that the connection can go on. */
  private void answer(HttpServerRequest request, int status, String type, String body) {
    HttpServerResponse response = request.response();
    if (response.ended() || response.closed()) {
      return;
    }
    boolean waits = "100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT));
    if (waits || announcedLength(request) > MAX_SKIPPED_BYTES || status == 413) {
      response.putHeader(HttpHeaders.CONNECTION, "close");
    }
    long[] skipped = {0};
    if (!request.isEnded()) {
      request.handler(
          chunk -> {
            skipped[0] += chunk.length();
            if (skipped[0] > MAX_SKIPPED_BYTES) {
              request.connection().close();
            }
          });
      request.endHandler(end -> {});
      request.resume();
    }
    if ("close".equals(response.headers().get(HttpHeaders.CONNECTION))) {
      context.owner().setTimer(PayingProxy.LINGER_MILLIS, late -> request.connection().close());
    }
    Buffer bytes = Buffer.buffer(body);
    response.setStatusCode(status).putHeader(HttpHeaders.CONTENT_TYPE, type);
    if (request.method().equals(HttpMethod.HEAD)) {
      response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(bytes.length()));
      response.end();
    } else {
      response.end(bytes);
    }
  }

  private static long announcedLength(HttpServerRequest request) {
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    return length == null ? 0 : Long.parseLong(length);
  }

  // ---- browsers of other origins

  private void allowOrigin(HttpServerRequest request) {
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    if (origin == null || !config.origins().contains(origin) && !config.origins().contains("*")) {
      return;
    }
    HttpServerResponse response = request.response();
    response.putHeader("access-control-allow-origin", origin);
    response.putHeader("vary", "Origin");
    response.putHeader(
        "access-control-expose-headers", Challenge.HEADER + ", " + TicketResult.HEADER);
  }

  private boolean isPreflight(HttpServerRequest request) {
    HttpServerResponse response = request.response();
    if (!request.method().equals(HttpMethod.OPTIONS)
        || request.getHeader("access-control-request-method") == null
        || response.headers().get("access-control-allow-origin") == null) {
      return false;
    }
    response.putHeader("access-control-allow-methods", "GET, HEAD, POST, PUT, PATCH, DELETE");
    response.putHeader(
        "access-control-allow-headers", "Authorization, Content-Type, " + PresentedTicket.HEADER);
    response.putHeader("access-control-max-age", "600");
    return true;
  }
}
