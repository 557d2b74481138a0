package org.micropay.vts.merchant;

/**
 * The VTS could not be reached, did not answer in time, or answered something that is not its
 * protocol. The request may or may not have been decided: sending it again is safe and gets the
 * same answer.
 */
public final class VtsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** {@code message}: one line with the address. */
  public VtsException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Without an underlying failure. */
  public VtsException(String message) {
    super(message);
  }
}
