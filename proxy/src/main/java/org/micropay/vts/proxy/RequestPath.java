package org.micropay.vts.proxy;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * The path that a request asks for, decoded once. A target whose path the server behind could read
 * differently than the price list does is refused: dot segments, empty segments, encoded slashes,
 * backslashes, control characters, parameters behind a dot segment, broken escapes.
 *
 * @param decoded the path without its query, percent-decoded, UTF-8
 */
record RequestPath(String decoded) {
  /**
   * Reads a request target in origin form.
   *
   * @throws IllegalArgumentException when it is ambiguous or in another form; the message says why
   */
  static RequestPath of(String target) {
    if (!target.startsWith("/")) {
      throw new IllegalArgumentException("the request target is not in origin form");
    }
    int end = target.length();
    for (int i = 0; i < target.length(); i++) {
      char c = target.charAt(i);
      if (c == '#' || c <= ' ' || c >= 0x7F || c == '\\') {
        throw new IllegalArgumentException("the request target has a character to be escaped");
      }
      if (c == '?' && end == target.length()) {
        end = i;
      }
    }
    String decoded = decode(target.substring(0, end));
    for (int i = 0; i < decoded.length(); i++) {
      char c = decoded.charAt(i);
      if (c < ' ' || c == 0x7F || c == '\\') {
        throw new IllegalArgumentException("the path has a control character or a backslash");
      }
    }
    requireNoDots(decoded);
    return new RequestPath(decoded);
  }

  private static void requireNoDots(String path) {
    String[] segments = path.split("/", -1);
    for (int i = 1; i < segments.length; i++) {
      String name = segments[i];
      int parameters = name.indexOf(';');
      String bare = parameters < 0 ? name : name.substring(0, parameters);
      boolean empty = name.isEmpty() && i < segments.length - 1;
      if (empty || bare.equals(".") || bare.equals("..") || bare.isEmpty() && parameters == 0) {
        throw new IllegalArgumentException("the path has an empty or a dot segment");
      }
    }
  }

  private static String decode(String path) {
    byte[] bytes = new byte[path.length()];
    int length = 0;
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c != '%') {
        bytes[length++] = (byte) c;
        continue;
      }
      if (i + 2 >= path.length()
          || !HexFormat.isHexDigit(path.charAt(i + 1))
          || !HexFormat.isHexDigit(path.charAt(i + 2))) {
        throw new IllegalArgumentException("the path has a broken escape");
      }
      byte value = (byte) HexFormat.fromHexDigits(path, i + 1, i + 3);
      if (value == '/' || value == '%') {
        throw new IllegalArgumentException("the path has an escaped slash or percent sign");
      }
      bytes[length++] = value;
      i += 2;
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(bytes, 0, length))
          .toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("the path is not UTF-8", e);
    }
  }
}
