package org.micropay.vts.appliance.cli;

import java.net.URI;
import java.net.URISyntaxException;

/** A URL that a user typed, of the kind that can be fetched. */
final class HttpUrl {
  private static final int MAX_PORT = 65_535;

  private HttpUrl() {}

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException when it is none; one line says why
   */
  static URI parse(String text) {
    if (!text.startsWith("http://") && !text.startsWith("https://")) {
      throw new IllegalArgumentException("'" + text + "' does not begin with http:// or https://");
    }
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      String where = e.getIndex() < 0 ? "" : ", character " + (e.getIndex() + 1);
      throw new IllegalArgumentException(
          "'%s' is no URL: %s%s".formatted(text, e.getReason(), where), e);
    }
    if (uri.getHost() == null) {
      throw new IllegalArgumentException("'" + text + "' names no host that can be read");
    }
    if (uri.getPort() == 0 || uri.getPort() > MAX_PORT) {
      throw new IllegalArgumentException(
          "'%s': port %d is not within 1..%d".formatted(text, uri.getPort(), MAX_PORT));
    }
    return uri;
  }

  /** The same for an option: wrong words on the command line. */
  static URI parse(String option, String text) {
    try {
      return parse(text);
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitCode.USAGE, "USAGE", option + " " + e.getMessage());
    }
  }
}
