package org.micropay.vts.merchant;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The {@code name=value} lists of HTTP authentication (RFC 9110, section 11): written with quotes
 * only where a value is no token, read with either. Names are case-insensitive and come once.
 * Immutable; any thread.
 *
 * <pre>
 *   parameters = parameter *( OWS "," OWS parameter )
 *   parameter  = token BWS "=" BWS ( token / quoted-string )
 * </pre>
 */
public final class AuthParameters {
  private static final int MAX_PARAMETERS = 32;
  private static final boolean[] IS_TOKEN = new boolean[128];

  static {
    for (char c = '!'; c < 127; c++) {
      IS_TOKEN[c] = Character.isLetterOrDigit(c) || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }
  }

  private final Map<String, String> values;

  private AuthParameters(Map<String, String> values) {
    this.values = values;
  }

  /** Parameters in this order; a null value leaves its name out. */
  static AuthParameters of(String... namesAndValues) {
    Map<String, String> values = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      if (namesAndValues[i + 1] != null) {
        values.put(namesAndValues[i], namesAndValues[i + 1]);
      }
    }
    return new AuthParameters(values);
  }

  /**
   * Reads a list.
   *
   * @throws IllegalArgumentException when it does not follow the grammar or a name comes twice
   */
  public static AuthParameters parse(String text) {
    Map<String, String> values = new LinkedHashMap<>();
    Reader reader = new Reader(text);
    reader.skipBlanks();
    while (!reader.atEnd()) {
      String name = reader.token().toLowerCase(Locale.ROOT);
      reader.skipBlanks();
      reader.expect('=');
      reader.skipBlanks();
      String value = reader.peek() == '"' ? reader.quoted() : reader.token();
      if (values.put(name, value) != null || values.size() > MAX_PARAMETERS) {
        throw new IllegalArgumentException("parameter '" + name + "' comes twice, or one too many");
      }
      reader.skipBlanks();
      if (!reader.atEnd()) {
        reader.expect(',');
        reader.skipBlanks();
        if (reader.atEnd()) {
          throw new IllegalArgumentException("the list ends with a comma");
        }
      }
    }
    return new AuthParameters(values);
  }

  /**
   * The parameters of one scheme out of a header that may name several challenges, as
   * WWW-Authenticate may.
   *
   * @return empty when the scheme is not there
   */
  static Optional<AuthParameters> ofScheme(String scheme, String header) {
    for (String challenge : challenges(header)) {
      int blank = challenge.indexOf(' ');
      String name = blank < 0 ? challenge : challenge.substring(0, blank);
      if (name.equalsIgnoreCase(scheme)) {
        return Optional.of(parse(blank < 0 ? "" : challenge.substring(blank + 1)));
      }
    }
    return Optional.empty();
  }

  /** Splits at commas behind which a new scheme begins: a token, a blank, and no equals sign. */
  private static List<String> challenges(String header) {
    List<String> challenges = new ArrayList<>();
    int start = 0;
    boolean quoted = false;
    for (int i = 0; i < header.length(); i++) {
      char c = header.charAt(i);
      if (quoted && c == '\\') {
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == ','
          && !quoted
          && header.substring(i + 1).matches("\\s*[^\\s=,\"]+ +[^\\s=].*")) {
        challenges.add(header.substring(start, i).strip());
        start = i + 1;
      }
    }
    challenges.add(header.substring(start).strip());
    return challenges;
  }

  /** The value, if the parameter is there. */
  public Optional<String> get(String name) {
    return Optional.ofNullable(values.get(name));
  }

  /**
   * The value.
   *
   * @throws IllegalArgumentException when it is missing
   */
  public String require(String name) {
    return get(name)
        .orElseThrow(() -> new IllegalArgumentException("parameter '" + name + "' is missing"));
  }

  /**
   * The value as a decimal number from 0 to {@code max}.
   *
   * @throws IllegalArgumentException when it is missing or anything else
   */
  long requireNumber(String name, long max) {
    String text = require(name);
    if (text.length() > 19 || !text.chars().allMatch(c -> c >= '0' && c <= '9') || text.isEmpty()) {
      throw new IllegalArgumentException(name + " '" + text + "' is no decimal number");
    }
    long value;
    try {
      value = Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + " '" + text + "' is too large", e);
    }
    if (value > max) {
      throw new IllegalArgumentException(name + " " + text + " is above " + max);
    }
    return value;
  }

  /** The list as a header has it. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    values.forEach(
        (name, value) -> {
          text.append(text.isEmpty() ? "" : ", ").append(name).append('=');
          if (isToken(value)) {
            text.append(value);
          } else {
            quote(value, text);
          }
        });
    return text.toString();
  }

  private static void quote(String value, StringBuilder text) {
    text.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        text.append('\\');
      }
      text.append(c >= 0x20 && c < 0x7F ? c : '?');
    }
    text.append('"');
  }

  private static boolean isToken(String value) {
    return !value.isEmpty() && value.chars().allMatch(AuthParameters::isTokenChar);
  }

  private static boolean isTokenChar(int c) {
    return c < IS_TOKEN.length && IS_TOKEN[c];
  }

  /** A place in the text. */
  private static final class Reader {
    private final String text;
    private int at;

    Reader(String text) {
      this.text = text;
    }

    boolean atEnd() {
      return at == text.length();
    }

    char peek() {
      return atEnd() ? 0 : text.charAt(at);
    }

    void skipBlanks() {
      while (peek() == ' ' || peek() == '\t') {
        at++;
      }
    }

    void expect(char c) {
      if (peek() != c) {
        throw new IllegalArgumentException("'" + c + "' expected at character " + at);
      }
      at++;
    }

    String token() {
      int start = at;
      while (!atEnd() && isTokenChar(peek())) {
        at++;
      }
      if (start == at) {
        throw new IllegalArgumentException("a token expected at character " + at);
      }
      return text.substring(start, at);
    }

    String quoted() {
      expect('"');
      StringBuilder value = new StringBuilder();
      while (!atEnd() && peek() != '"') {
        if (peek() == '\\') {
          at++;
        }
        char c = peek();
        if (atEnd() || c < 0x20 && c != '\t' || c == 0x7F) {
          throw new IllegalArgumentException("a quoted string is broken at character " + at);
        }
        value.append(c);
        at++;
      }
      expect('"');
      return value.toString();
    }
  }
}
