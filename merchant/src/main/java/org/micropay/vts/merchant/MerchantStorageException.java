package org.micropay.vts.merchant;

/** A file of the merchant's folder cannot be read or written; the message names it. */
public final class MerchantStorageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** {@code message}: one line with the file and what to do. */
  public MerchantStorageException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Without an underlying failure. */
  public MerchantStorageException(String message) {
    super(message);
  }
}
