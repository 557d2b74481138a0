package org.micropay.vts.transparency;

import java.io.Serial;

/**
 * What the log has signed or published and what the journal holds cannot both be. Whoever goes on
 * would show two histories; the process has to stop.
 */
public final class LogContradictionException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  /** {@code message} says what contradicts what. */
  public LogContradictionException(String message) {
    super(message);
  }
}
