package org.micropay.vts.appliance.http;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.micropay.vts.ticket.AnswerCode;

/**
 * Finds the handler of a request. A pattern is a path whose last segment may be one parameter,
 * {@code /v1/escrows/{termsDigest}}; that is all the interface needs. Filled before the server
 * starts, read-only afterwards.
 */
final class Router {
  /** Answers one request; {@code parameter} is the last segment, or empty. */
  interface Handler {
    void handle(HttpExchange exchange, String parameter);
  }

  private record Route(HttpMethod method, Handler handler) {}

  private final Map<String, List<Route>> exact = new HashMap<>();
  private final Map<String, List<Route>> prefixed = new HashMap<>();
  private final Map<String, List<Route>> folders = new HashMap<>();

  Router on(HttpMethod method, String pattern, Handler handler) {
    int brace = pattern.indexOf('{');
    Map<String, List<Route>> table = brace < 0 ? exact : prefixed;
    String key = brace < 0 ? pattern : pattern.substring(0, brace);
    table.computeIfAbsent(key, k -> new ArrayList<>()).add(new Route(method, handler));
    return this;
  }

  /** Everything below a folder, whose path ends in a slash; the parameter is the rest. */
  Router onFolder(HttpMethod method, String folder, Handler handler) {
    folders.computeIfAbsent(folder, k -> new ArrayList<>()).add(new Route(method, handler));
    return this;
  }

  void route(HttpExchange exchange) {
    HttpServerRequest request = exchange.request();
    String path = request.path() == null ? "" : request.path();
    List<Route> routes = exact.get(path);
    String parameter = "";
    if (routes == null) {
      int slash = path.lastIndexOf('/');
      routes = slash < 0 ? null : prefixed.get(path.substring(0, slash + 1));
      parameter = path.substring(slash + 1);
      if (parameter.isEmpty()) {
        routes = null;
      }
    }
    if (routes == null) {
      for (Map.Entry<String, List<Route>> folder : folders.entrySet()) {
        if (path.startsWith(folder.getKey())) {
          routes = folder.getValue();
          parameter = path.substring(folder.getKey().length());
        }
      }
    }
    if (routes == null) {
      exchange.problem(
          Problem.of(
              AnswerCode.UNSUPPORTED_MESSAGE,
              404,
              "no resource at this path; see /v1/openapi.json",
              null));
      return;
    }
    // Vert.x leaves the body out of what answers HEAD.
    HttpMethod method =
        request.method().equals(HttpMethod.HEAD) ? HttpMethod.GET : request.method();
    for (Route route : routes) {
      if (route.method.equals(method)) {
        route.handler.handle(exchange, parameter);
        return;
      }
    }
    TreeSet<String> allowed = new TreeSet<>();
    routes.forEach(r -> allowed.add(r.method.name()));
    if (allowed.contains(HttpMethod.GET.name())) {
      allowed.add(HttpMethod.HEAD.name());
    }
    request.response().putHeader("allow", String.join(", ", allowed));
    exchange.problem(
        Problem.of(
            AnswerCode.UNSUPPORTED_MESSAGE,
            405,
            "method " + request.method() + " is not allowed here; use " + allowed,
            null));
  }
}
