package org.micropay.vts.appliance.http;

import java.util.List;
import java.util.Locale;

/** What a request's Accept-Encoding says of gzip (RFC 9110, section 12.5.3). */
final class AcceptEncoding {
  /** The coding's name in Content-Encoding. */
  static final String GZIP = "gzip";

  private static final String GZIP_ALIAS = "x-gzip";
  private static final String ANY = "*";

  private AcceptEncoding() {}

  /**
   * Whether the answer may be compressed with gzip.
   *
   * @param headers the values of all Accept-Encoding fields; none: only the plain form is sent,
   *     because a client that does not ask may not be able to read another
   */
  static boolean takesGzip(List<String> headers) {
    boolean any = false;
    for (String element : String.join(",", headers).split(",")) {
      String[] parts = element.split(";", -1);
      String coding = parts[0].strip().toLowerCase(Locale.ROOT);
      boolean taken = weighsMoreThanNothing(parts);
      if (coding.equals(GZIP) || coding.equals(GZIP_ALIAS)) {
        return taken;
      }
      any |= coding.equals(ANY) && taken;
    }
    return any;
  }

  /** Of {@code coding;q=0.5}: q above 0, which it is when it is not there. */
  private static boolean weighsMoreThanNothing(String[] parts) {
    for (int i = 1; i < parts.length; i++) {
      String parameter = parts[i].strip().toLowerCase(Locale.ROOT);
      if (parameter.startsWith("q=")) {
        return parameter.matches("q=(1(\\.0{0,3})?|0\\.\\d{0,2}[1-9]\\d{0,2})");
      }
    }
    return true;
  }
}
