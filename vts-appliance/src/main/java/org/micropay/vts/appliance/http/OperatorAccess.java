package org.micropay.vts.appliance.http;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.util.Locale;
import org.micropay.vts.ticket.AnswerCode;

/**
 * Who may ask what is the operator's: the server's own machine. The peer is a loopback address, the
 * request names a loopback host (so that no web page reaches it by a name of its own), and no proxy
 * forwarded it.
 */
final class OperatorAccess {
  private static final int FORBIDDEN = 403;

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
}
