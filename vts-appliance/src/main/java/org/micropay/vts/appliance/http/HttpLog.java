package org.micropay.vts.appliance.http;

import io.vertx.core.http.HttpServerRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP interface's log. Bodies never reach it: they may hold openings before a claim. */
final class HttpLog {
  private static final Logger LOG = LoggerFactory.getLogger("vts.http");

  private HttpLog() {}

  static void unexpected(HttpServerRequest request, Throwable cause) {
    LOG.error("{} {} met a defect", request.method(), request.path(), cause);
  }
}
