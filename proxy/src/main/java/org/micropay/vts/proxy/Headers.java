package org.micropay.vts.proxy;

import io.vertx.core.MultiMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Which header fields pass through a proxy (RFC 9110, section 7.6.1): all but those that belong to
 * one connection, by name or because Connection lists them.
 */
final class Headers {
  private static final Set<String> HOP_BY_HOP =
      Set.of(
          "connection",
          "proxy-connection",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authorization",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  private Headers() {}

  /** Copies what passes, except names in {@code also} (lower case). */
  static void copy(MultiMap from, MultiMap to, Set<String> also) {
    Set<String> listed = connectionTokens(from);
    for (Map.Entry<String, String> field : from) {
      String name = field.getKey().toLowerCase(Locale.ROOT);
      if (!HOP_BY_HOP.contains(name) && !listed.contains(name) && !also.contains(name)) {
        to.add(field.getKey(), field.getValue());
      }
    }
  }

  /** Names that Connection lists. Host and lengths are never dropped by a client's wish. */
  private static Set<String> connectionTokens(MultiMap headers) {
    Set<String> tokens = new HashSet<>();
    for (String value : headers.getAll("connection")) {
      for (String token : value.split(",")) {
        tokens.add(token.strip().toLowerCase(Locale.ROOT));
      }
    }
    tokens.removeAll(List.of("host", "content-length", "authorization", "cookie"));
    return tokens;
  }

  /** Whether Connection lists this name. */
  static boolean connectionLists(MultiMap headers, String name) {
    return headers.getAll("connection").stream()
        .flatMap(value -> List.of(value.split(",")).stream())
        .anyMatch(token -> token.strip().equalsIgnoreCase(name));
  }

  /**
   * What is wrong with a request's framing, so that two servers could disagree where it ends; null
   * when nothing is. The decoder has refused contradicting lengths by then.
   */
  static String framingFault(MultiMap headers, boolean http10) {
    List<String> encodings = headers.getAll("transfer-encoding");
    if (encodings.size() > 1
        || encodings.size() == 1 && !encodings.getFirst().strip().equalsIgnoreCase("chunked")) {
      return "transfer-encoding is not just 'chunked'";
    }
    if (!encodings.isEmpty() && (http10 || headers.contains("content-length"))) {
      return "transfer-encoding with content-length, or in HTTP/1.0";
    }
    List<String> lengths = headers.getAll("content-length");
    if (lengths.size() > 1 || lengths.size() == 1 && !isNumber(lengths.getFirst())) {
      return "content-length is not one number";
    }
    List<String> hosts = headers.getAll("host");
    if (hosts.size() > 1
        || hosts.isEmpty() && !http10
        || !hosts.isEmpty() && !isHost(hosts.getFirst())) {
      return "there must be one host";
    }
    return null;
  }

  private static boolean isNumber(String text) {
    boolean digits = !text.isEmpty() && text.length() <= 18;
    for (int i = 0; digits && i < text.length(); i++) {
      digits = isDigit(text.charAt(i));
    }
    return digits;
  }

  private static boolean isHost(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!isDigit(c)
          && !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z')
          && "_.~%:[]-".indexOf(c) < 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
