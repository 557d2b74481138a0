package org.micropay.vts.appliance.http;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.micropay.vts.settlement.ChainException;
import org.micropay.vts.settlement.PsbtRefusal;
import org.micropay.vts.ticket.AnswerCode;

/**
 * Who may ask what is the operator's: the server's own machine. The peer is a loopback address, the
 * request names a loopback host (so that no web page reaches it by a name of its own), and no proxy
 * forwarded it. What changes something names its content type besides, which a page cannot do
 * unasked.
 */
final class OperatorAccess {
  private static final int FORBIDDEN = 403;
  private static final int CONFLICT = 409;
  private static final int UNSUPPORTED_MEDIA_TYPE = 415;
  private static final int RETRY_MILLIS = 1_000;

  /** Room for a batch as PSBT in base64; every other body is far smaller. */
  private static final int MAX_BODY_BYTES = 256 * 1024;

  private OperatorAccess() {}

  /** False when the request was refused and answered. */
  static boolean isAllowed(HttpExchange exchange) {
    HttpServerRequest request = exchange.request();
    boolean forwarded =
        request.getHeader("forwarded") != null || request.getHeader("x-forwarded-for") != null;
    if (!forwarded && isLoopback(request.remoteAddress()) && namesThisMachine(request)) {
      return true;
    }
    exchange.problem(
        Problem.of(
            AnswerCode.UNSUPPORTED_MESSAGE,
            FORBIDDEN,
            "this is the operator's, from the server's own machine only",
            null));
    return false;
  }

  private static boolean isLoopback(SocketAddress peer) {
    return peer != null
        && peer.hostAddress() != null
        && InetAddress.ofLiteral(peer.hostAddress()).isLoopbackAddress();
  }

  private static boolean namesThisMachine(HttpServerRequest request) {
    String host = request.authority() == null ? "" : request.authority().host();
    String name = host.toLowerCase(Locale.ROOT).replace("[", "").replace("]", "");
    return name.equals("localhost")
        || name.equals("::1")
        || name.matches("127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}");
  }

  /** A change: checked, its JSON body collected, what {@code work} comes to answered. */
  static void post(HttpExchange exchange, Function<byte[], CompletableFuture<?>> work) {
    if (!isAllowed(exchange)) {
      return;
    }
    if (exchange.mediaType().isEmpty()) {
      exchange.problem(
          Problem.of(
              AnswerCode.UNSUPPORTED_MESSAGE,
              UNSUPPORTED_MEDIA_TYPE,
              "name the content type application/json",
              null));
      return;
    }
    exchange.body(
        MAX_BODY_BYTES, Set.of(HttpExchange.JSON), body -> answer(exchange, work.apply(body)));
  }

  /** Answers with what settlement's thread says, or with why it does not. */
  static void answer(HttpExchange exchange, CompletableFuture<?> result) {
    result.whenComplete(
        (value, failure) ->
            exchange.later(
                () -> {
                  if (failure == null) {
                    exchange.json(200, value);
                  } else {
                    exchange.problem(failed(failure));
                  }
                }));
  }

  private static Problem failed(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return switch (cause) {
      case ChainException chain ->
          Problem.retry(AnswerCode.CHAIN_STALE, chain.getMessage(), RETRY_MILLIS);
      // The refusal's own code leads the text: the protocol's codes are the claims'.
      case PsbtRefusal refusal ->
          Problem.of(
              AnswerCode.MALFORMED, CONFLICT, refusal.code() + ": " + refusal.getMessage(), null);
      default -> throw new IllegalStateException("settlement does not answer", cause);
    };
  }
}
