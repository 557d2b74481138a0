package org.micropay.vts.merchant;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.Optional;
import org.micropay.vts.ticket.ProtocolException;
import org.micropay.vts.ticket.Ticket;

/**
 * A ticket with the counter of the ask that it answers, as it travels to the merchant.
 *
 * <pre>
 *   Authorization: VTS-Ticket counter=0006919af0000001, ticket=kg-S2UZoj3277fnLi...
 *   VTS-Ticket: counter=0006919af0000001, ticket=kg-S2UZoj3277fnLi...
 *
 *   as a body:  0           8
 *               +-----------+-----------------+
 *               | counter   | ticket          |    243 to 255 bytes
 *               +-----------+-----------------+
 * </pre>
 *
 * @param counter of the ask, an unsigned 64-bit number; in text 16 hex digits
 * @param ticket 235 to 247 bytes
 */
public record PresentedTicket(long counter, Ticket ticket) {
  /** The authentication scheme. */
  public static final String SCHEME = "VTS-Ticket";

  /** The header for requests whose Authorization belongs to the server behind. */
  public static final String HEADER = "VTS-Ticket";

  /** Media type of the binary body. */
  public static final String MEDIA_TYPE = "application/vnd.vts.ticket";

  /** Longest body in bytes. */
  public static final int MAX_BODY = Long.BYTES + Ticket.MAX_LENGTH;

  private static final int MIN_BODY = Long.BYTES + Ticket.MIN_LENGTH;

  /** A counter as its 16 lower-case hex digits. */
  public static String counterText(long counter) {
    return HexFormat.of().toHexDigits(counter);
  }

  /**
   * The opposite of {@link #counterText}.
   *
   * @throws IllegalArgumentException for anything but 16 lower-case hex digits
   */
  public static long parseCounter(String text) {
    boolean hex = text.length() == 16;
    for (int i = 0; hex && i < 16; i++) {
      char c = text.charAt(i);
      hex = c >= '0' && c <= '9' || c >= 'a' && c <= 'f';
    }
    if (!hex) {
      throw new IllegalArgumentException("counter is not 16 lower-case hex digits");
    }
    return HexFormat.fromHexDigitsToLong(text);
  }

  /** What stands behind the scheme, or in the header of its own. */
  public String parameters() {
    return AuthParameters.of("counter", counterText(counter), "ticket", ticket.toBase64Url())
        .toString();
  }

  /** Value of the Authorization header. */
  public String authorization() {
    return SCHEME + " " + parameters();
  }

  /** The binary body. */
  public byte[] body() {
    byte[] encoded = ticket.encode();
    return ByteBuffer.allocate(Long.BYTES + encoded.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(counter)
        .put(encoded)
        .array();
  }

  /**
   * Reads the parameters.
   *
   * @throws IllegalArgumentException when they do not follow the format
   */
  public static PresentedTicket parse(String parameters) {
    AuthParameters values = AuthParameters.parse(parameters);
    long counter = parseCounter(values.require("counter"));
    try {
      return new PresentedTicket(counter, Ticket.fromBase64Url(values.require("ticket")));
    } catch (ProtocolException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /**
   * Reads a value of Authorization.
   *
   * @return empty when it is of another scheme
   * @throws IllegalArgumentException when it is of this scheme and does not follow the format
   */
  public static Optional<PresentedTicket> parseAuthorization(String authorization) {
    if (!isOfScheme(authorization)) {
      return Optional.empty();
    }
    return Optional.of(parse(authorization.substring(SCHEME.length())));
  }

  /** Whether a value of Authorization is of the scheme, readable or not. */
  public static boolean isOfScheme(String authorization) {
    int length = SCHEME.length();
    return authorization.regionMatches(true, 0, SCHEME, 0, length)
        && (authorization.length() == length || authorization.charAt(length) == ' ');
  }

  /**
   * Reads a binary body.
   *
   * @throws IllegalArgumentException when it does not follow the format
   */
  public static PresentedTicket parseBody(byte[] body) {
    if (body.length < MIN_BODY || body.length > MAX_BODY) {
      throw new IllegalArgumentException(
          "a ticket body has %d to %d bytes, not %d".formatted(MIN_BODY, MAX_BODY, body.length));
    }
    ByteBuffer buffer = ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN);
    long counter = buffer.getLong();
    byte[] ticket = new byte[buffer.remaining()];
    buffer.get(ticket);
    try {
      return new PresentedTicket(counter, Ticket.decode(ticket));
    } catch (ProtocolException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }
}
