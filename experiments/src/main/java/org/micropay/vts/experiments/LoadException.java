package org.micropay.vts.experiments;

/** Load that cannot begin, or an experiment that cannot go on; the message is one line. */
public final class LoadException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** {@code message} says what was wrong and what to do. */
  public LoadException(String message) {
    super(message);
  }

  /** The same with its cause. */
  public LoadException(String message, Throwable cause) {
    super(message, cause);
  }
}
