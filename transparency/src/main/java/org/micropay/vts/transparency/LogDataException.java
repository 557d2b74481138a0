package org.micropay.vts.transparency;

import java.io.Serial;

/** Bytes of a log, a note, a proof or a key that are not what their format says. */
public class LogDataException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  /** {@code message} says what was wrong, with which value. */
  public LogDataException(String message) {
    super(message);
  }

  LogDataException(String message, Throwable cause) {
    super(message, cause);
  }
}
