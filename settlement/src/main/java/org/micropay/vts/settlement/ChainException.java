package org.micropay.vts.settlement;

import java.util.Objects;

/** The chain could not answer. Never means "no": a caller that needs the answer fails closed. */
public final class ChainException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Why there was no answer. */
  public enum Kind {
    /** Not reachable, starting up, or too slow; asking again later may help. */
    UNAVAILABLE,
    /** The node refuses our credentials. */
    UNAUTHORIZED,
    /** The node follows another chain than configured. */
    WRONG_NETWORK,
    /** The node no longer has the data (pruned). */
    PRUNED,
    /** The answer was not understood, or the chain's own data are damaged. */
    PROTOCOL
  }

  private final Kind kind;

  /** A failure with one line for people. */
  public ChainException(Kind kind, String message) {
    this(kind, message, null);
  }

  /** A failure with its cause. */
  public ChainException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = Objects.requireNonNull(kind);
  }

  /** Why there was no answer. */
  public Kind kind() {
    return kind;
  }

  /** Whether waiting can help. */
  public boolean retryable() {
    return kind == Kind.UNAVAILABLE;
  }
}
