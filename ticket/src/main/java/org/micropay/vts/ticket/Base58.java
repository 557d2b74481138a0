package org.micropay.vts.ticket;

import java.math.BigInteger;
import java.util.Arrays;

/** Base58Check: a version byte, 20 bytes, and the first four bytes of their double SHA-256. */
final class Base58 {
  private static final String DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  private static final BigInteger BASE = BigInteger.valueOf(58);
  private static final int CHECKSUM_LENGTH = 4;
  private static final int LENGTH = 25;
  private static final int MAX_DIGITS = 35;

  private Base58() {}

  /** The text of a version byte and a 20-byte hash. */
  static String encode(int version, byte[] hash) {
    byte[] bytes = new byte[LENGTH];
    bytes[0] = (byte) version;
    System.arraycopy(hash, 0, bytes, 1, hash.length);
    System.arraycopy(checksum(bytes), 0, bytes, 1 + hash.length, CHECKSUM_LENGTH);
    StringBuilder text = new StringBuilder();
    BigInteger number = new BigInteger(1, bytes);
    while (number.signum() > 0) {
      BigInteger[] split = number.divideAndRemainder(BASE);
      text.append(DIGITS.charAt(split[1].intValue()));
      number = split[0];
    }
    for (int i = 0; i < LENGTH && bytes[i] == 0; i++) {
      text.append(DIGITS.charAt(0));
    }
    return text.reverse().toString();
  }

  /** Version byte and hash, 21 bytes, or null when the text is no such thing. */
  static byte[] decode(String text) {
    if (text.length() > MAX_DIGITS) {
      return null;
    }
    BigInteger number = BigInteger.ZERO;
    for (int i = 0; i < text.length(); i++) {
      int digit = DIGITS.indexOf(text.charAt(i));
      if (digit < 0) {
        return null;
      }
      number = number.multiply(BASE).add(BigInteger.valueOf(digit));
    }
    if (number.bitLength() > 8 * LENGTH) {
      return null;
    }
    byte[] bytes = new byte[LENGTH];
    byte[] magnitude = number.toByteArray();
    int length = Math.min(magnitude.length, LENGTH);
    System.arraycopy(magnitude, magnitude.length - length, bytes, LENGTH - length, length);
    byte[] payload = Arrays.copyOf(bytes, LENGTH - CHECKSUM_LENGTH);
    // Encoding again refuses a wrong checksum, and leading digits too many or too few.
    byte[] hash = Arrays.copyOfRange(payload, 1, payload.length);
    return encode(payload[0], hash).equals(text) ? payload : null;
  }

  private static byte[] checksum(byte[] bytes) {
    byte[] payload = Arrays.copyOf(bytes, LENGTH - CHECKSUM_LENGTH);
    return Arrays.copyOf(Sha256.twice(payload).toArray(), CHECKSUM_LENGTH);
  }
}
