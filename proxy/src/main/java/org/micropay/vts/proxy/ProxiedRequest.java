package org.micropay.vts.proxy;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import org.micropay.vts.merchant.TicketCheck;
import org.micropay.vts.merchant.TicketResult;

/**
 * A request on its way to its content. Lives on the event loop of its connection.
 *
 * @param incoming paused
 * @param method for the server behind; GET where a body carried the ticket
 * @param path decoded
 * @param bodyConsumed the body was the ticket: none goes on
 * @param stripAuthorization Authorization was the ticket
 * @param check what the ticket came to; empty when the path is free
 */
record ProxiedRequest(
    HttpServerRequest incoming,
    HttpMethod method,
    String path,
    boolean bodyConsumed,
    boolean stripAuthorization,
    Optional<TicketCheck> check) {
  private static final String PRIVATE = "private";

  /** What the answer says of the ticket. */
  Optional<TicketResult> result() {
    return check.map(
        c ->
            switch (c) {
              case TicketCheck.Won won -> TicketResult.won();
              case TicketCheck.Lost lost -> TicketResult.lost(lost.opening());
              case TicketCheck.Refused refused -> throw new IllegalStateException("refused");
            });
  }

  /** Adds the header fields that an answer to a paid request carries. */
  void writeResult() {
    var headers = incoming.response().headers();
    headers.remove(TicketResult.HEADER);
    result()
        .ifPresent(
            result -> {
              headers.set(TicketResult.HEADER, result.toHeader());
              headers.add("vary", "Authorization, VTS-Ticket");
              if (!headers.contains("cache-control")) {
                headers.set("cache-control", PRIVATE);
              }
            });
  }

  /** Whether the client wants a WebSocket. */
  boolean isWebSocket() {
    return "websocket".equalsIgnoreCase(incoming.getHeader("upgrade"))
        && Headers.connectionLists(incoming.headers(), "upgrade");
  }
}
