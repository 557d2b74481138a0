package org.micropay.vts.proxy;

/** The server behind gave no answer. */
final class UpstreamException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;

  /** {@code status}: 502, 503 or 504. */
  UpstreamException(int status, String message, Throwable cause) {
    super(message, cause);
    this.status = status;
  }

  int status() {
    return status;
  }
}
