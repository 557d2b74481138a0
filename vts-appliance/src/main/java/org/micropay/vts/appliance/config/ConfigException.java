package org.micropay.vts.appliance.config;

/**
 * A configuration that cannot be used. The message is one line for the operator: the file or key,
 * the value, and what to write instead. It never holds a secret, because no secret stands in the
 * configuration.
 */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** {@code message}: one line, what was wrong, which value, what to do. */
  public ConfigException(String message) {
    super(message);
  }

  static void require(boolean holds, String message, Object... values) {
    if (!holds) {
      throw new ConfigException(message.formatted(values));
    }
  }
}
