package org.micropay.vts.merchant;

import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;

/** Why nobody could be reached, in words for people: java.net.http leaves most of it out. */
final class Unreachable {
  private Unreachable() {}

  /** The cause, half a sentence. */
  static String why(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnresolvedAddressException || cause instanceof UnknownHostException) {
        return "no such host";
      }
    }
    return failure.getMessage() == null ? "nobody answers there" : failure.getMessage();
  }
}
