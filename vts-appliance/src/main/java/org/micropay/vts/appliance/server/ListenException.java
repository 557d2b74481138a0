package org.micropay.vts.appliance.server;

import org.micropay.vts.appliance.config.Endpoint;

/** An interface that cannot listen where the configuration says. */
public final class ListenException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ListenException(String section, Endpoint listen, Throwable cause) {
    super(
        "cannot listen at %s: %s; change %s.listen"
            .formatted(listen, cause.getMessage() == null ? cause : cause.getMessage(), section),
        cause);
  }
}
