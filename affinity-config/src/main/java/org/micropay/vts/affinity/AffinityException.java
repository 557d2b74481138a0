package org.micropay.vts.affinity;

/** A machine that cannot be read, a plan that cannot be made, or a thread that cannot be pinned. */
public final class AffinityException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  AffinityException(String message) {
    super(message);
  }

  AffinityException(String message, Throwable cause) {
    super(message, cause);
  }
}
