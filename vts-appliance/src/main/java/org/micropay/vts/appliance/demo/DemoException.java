package org.micropay.vts.appliance.demo;

/** The demo cannot go on: one line, what was wrong, which value, what to do. */
public final class DemoException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DemoException(String message) {
    super(message);
  }

  DemoException(String message, Throwable cause) {
    super(message, cause);
  }
}
