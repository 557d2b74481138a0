package org.micropay.vts.appliance.http;

import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.function.Consumer;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.ProtocolException;

/**
 * One request and its one answer. Lives on the event loop of its connection; {@link #later} brings
 * answers back to it from other threads.
 */
final class HttpExchange {
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

  /** Collects the body up to the limit, then hands it on; a larger one is answered 413. */
  void body(Consumer<byte[]> whole) {
    body(maxBodyBytes, whole);
  }

  /** The same with a limit of its own. */
  void body(int limit, Consumer<byte[]> whole) {
    Buffer collected = Buffer.buffer();
    boolean[] refused = {false};
    request.handler(
        chunk -> {
          if (refused[0]) {
            return;
          }
          if (collected.length() + chunk.length() > limit) {
            refused[0] = true;
            request.response().putHeader("connection", "close");
            request.response().endHandler(sent -> request.connection().close());
            problem(
                Problem.of(
                    AnswerCode.TOO_LARGE,
                    "the body is longer than " + limit + " bytes; no message is that long"));
            return;
          }
          collected.appendBuffer(chunk);
        });
    request.endHandler(
        end -> {
          if (!refused[0]) {
            guarded(() -> whole.accept(collected.getBytes()));
          }
        });
    request.exceptionHandler(gone -> refused[0] = true);
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

  void json(int status, Object value) {
    send(status, "application/json", HttpJson.write(value));
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
    HttpServerResponse response = request.response();
    if (response.ended() || response.closed()) {
      return;
    }
    response
        .setStatusCode(status)
        .putHeader("content-type", mediaType)
        .putHeader("cache-control", "no-store")
        .putHeader("x-content-type-options", "nosniff");
    response.end(Buffer.buffer(body));
  }
}
