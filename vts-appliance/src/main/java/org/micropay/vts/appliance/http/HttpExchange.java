package org.micropay.vts.appliance.http;

import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.ProtocolException;

/**
 * One request and its one answer. Lives on the event loop of its connection; {@link #later} brings
 * answers back to it from other threads.
 */
final class HttpExchange {
  /** A refused body is read to its end, so that the connection goes on; up to here. */
  private static final int MAX_SKIPPED_BYTES = 1 << 20;

  private static final int UNSUPPORTED_MEDIA_TYPE = 415;

  /** Media type of what the interface takes and gives. */
  static final String JSON = "application/json";

  private final HttpServerRequest request;
  private final Context context;
  private final int maxBodyBytes;

  HttpExchange(HttpServerRequest request, Context context, int maxBodyBytes) {
    this.request = request;
    this.context = context;
    this.maxBodyBytes = maxBodyBytes;
  }

  HttpServerRequest request() {
    return request;
  }

  /** The peer's network address; an IPv6 network of 64 bits counts as one. */
  String client() {
    return ClientAddress.of(request.remoteAddress());
  }

  /** Collects a JSON body up to the limit, then hands it on; a larger one is answered 413. */
  void body(Consumer<byte[]> whole) {
    body(maxBodyBytes, Set.of(JSON), whole);
  }

  /**
   * The same with a limit and media types of its own. A body of another type is answered 415: among
   * them are those that a browser sends to other sites without asking them first.
   */
  void body(int limit, Set<String> mediaTypes, Consumer<byte[]> whole) {
    String mediaType = mediaType();
    if (!mediaType.isEmpty() && !mediaTypes.contains(mediaType)) {
      skipBody();
      problem(
          Problem.of(
              AnswerCode.UNSUPPORTED_MESSAGE,
              UNSUPPORTED_MEDIA_TYPE,
              "content type is not one of " + new TreeSet<>(mediaTypes),
              null));
      return;
    }
    if (announcedLength() > limit) {
      refuseBody(limit);
      return;
    }
    if ("100-continue".equalsIgnoreCase(request.getHeader("expect"))) {
      request.response().writeContinue();
    }
    Buffer collected = Buffer.buffer();
    request.handler(
        chunk -> {
          if (collected.length() + chunk.length() > limit) {
            refuseBody(limit);
          } else {
            collected.appendBuffer(chunk);
          }
        });
    request.endHandler(end -> guarded(() -> whole.accept(collected.getBytes())));
  }

  /** The content type in lower case without its parameters; empty when the request names none. */
  String mediaType() {
    String type = request.getHeader("content-type");
    if (type == null) {
      return "";
    }
    int parameters = type.indexOf(';');
    return (parameters < 0 ? type : type.substring(0, parameters)).strip().toLowerCase(Locale.ROOT);
  }

  /** Bytes that the body will have; 0 when the request does not say. */
  private long announcedLength() {
    String length = request.getHeader("content-length");
    try {
      return length == null ? 0 : Long.parseLong(length);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private void refuseBody(int limit) {
    skipBody();
    problem(
        Problem.of(
            AnswerCode.TOO_LARGE,
            "the body is longer than " + limit + " bytes; no message is that long"));
  }

  /**
   * Reads on without keeping anything. Closing at once would throw away what the client has not
   * read yet, the answer among it.
   */
  private void skipBody() {
    boolean waits = "100-continue".equalsIgnoreCase(request.getHeader("expect"));
    if (waits || announcedLength() > MAX_SKIPPED_BYTES) {
      request.response().putHeader("connection", "close");
    }
    long[] skipped = {0};
    request.endHandler(end -> {});
    request.handler(
        chunk -> {
          skipped[0] += chunk.length();
          if (skipped[0] > MAX_SKIPPED_BYTES) {
            request.connection().close();
          }
        });
  }

  /** Runs {@code work}; what it throws becomes the answer. */
  void guarded(Runnable work) {
    try {
      work.run();
    } catch (ProtocolException e) {
      problem(Problem.of(e.code(), e.getMessage()));
    } catch (RuntimeException e) {
      HttpLog.unexpected(request, e);
      problem(Problem.of(AnswerCode.INTERNAL, "the server met a defect of its own; see its log"));
    }
  }

  /** Runs {@code work} on this connection's event loop. */
  void later(Runnable work) {
    context.runOnContext(v -> guarded(work));
  }

  /** Whether the client reads gzip. */
  boolean takesGzip() {
    return AcceptEncoding.takesGzip(request.headers().getAll("accept-encoding"));
  }

  /** A field of the answer to come. */
  void header(String name, String value) {
    request.response().putHeader(name, value);
  }

  void json(int status, Object value) {
    send(status, JSON, HttpJson.write(value));
  }

  void problem(Problem problem) {
    if (problem.retryAfterMillis() != null) {
      request
          .response()
          .putHeader("retry-after", Integer.toString((problem.retryAfterMillis() + 999) / 1000));
    }
    send(problem.status(), Problem.MEDIA_TYPE, HttpJson.write(problem));
  }

  void send(int status, String mediaType, byte[] body) {
    send(status, mediaType, body, "no-store");
  }

  /** The same for what may be kept: {@code cacheControl} says by whom and how long. */
  void send(int status, String mediaType, byte[] body, String cacheControl) {
    HttpServerResponse response = request.response();
    if (response.ended() || response.closed()) {
      return;
    }
    response
        .setStatusCode(status)
        .putHeader("content-type", mediaType)
        .putHeader("cache-control", cacheControl)
        .putHeader("x-content-type-options", "nosniff");
    if (request.method().equals(HttpMethod.HEAD)) {
      // Vert.x leaves out the body, and with it how long it would have been.
      response.putHeader("content-length", Integer.toString(body.length));
    }
    response.end(Buffer.buffer(body));
  }
}
