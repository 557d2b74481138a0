package org.micropay.vts.ticket;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/** Integers in byte arrays, and the text forms of bytes. Any thread; allocates only for text. */
public final class Bytes {
  private static final VarHandle SHORT_LE = view(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT_LE = view(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG_LE = view(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG_BE = view(long[].class, ByteOrder.BIG_ENDIAN);

  private Bytes() {}

  private static VarHandle view(Class<?> array, ByteOrder order) {
    return MethodHandles.byteArrayViewVarHandle(array, order).withInvokeExactBehavior();
  }

  static int getUnsignedShortLe(byte[] source, int offset) {
    return (short) SHORT_LE.get(source, offset) & 0xFFFF;
  }

  static int getIntLe(byte[] source, int offset) {
    return (int) INT_LE.get(source, offset);
  }

  static long getUnsignedIntLe(byte[] source, int offset) {
    return getIntLe(source, offset) & 0xFFFF_FFFFL;
  }

  /** The eight bytes at {@code offset}, least significant first. */
  public static long getLongLe(byte[] source, int offset) {
    return (long) LONG_LE.get(source, offset);
  }

  static long getLongBe(byte[] source, int offset) {
    return (long) LONG_BE.get(source, offset);
  }

  static void putShortLe(byte[] target, int offset, int value) {
    SHORT_LE.set(target, offset, (short) value);
  }

  static void putIntLe(byte[] target, int offset, int value) {
    INT_LE.set(target, offset, value);
  }

  /** Writes eight bytes at {@code offset}, least significant first. */
  public static void putLongLe(byte[] target, int offset, long value) {
    LONG_LE.set(target, offset, value);
  }

  static void putLongBe(byte[] target, int offset, long value) {
    LONG_BE.set(target, offset, value);
  }

  static void requireLength(String what, int actual, int expected) {
    if (actual != expected) {
      throw new ProtocolException(
          AnswerCode.MALFORMED, what + " has " + actual + " bytes, not " + expected);
    }
  }

  static byte[] fromHex(String hex) {
    try {
      return HexFormat.of().parseHex(hex);
    } catch (IllegalArgumentException e) {
      throw new ProtocolException(AnswerCode.MALFORMED, "not hexadecimal, or of odd length");
    }
  }

  /** Base64url of RFC 4648 section 5, without padding. */
  static String toBase64Url(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** The one text that {@link #toBase64Url} gives for some bytes; every other is refused. */
  static byte[] fromBase64Url(String text) {
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw new ProtocolException(AnswerCode.MALFORMED, "not base64url");
    }
    // The JDK's decoder also takes padding and stray bits in the last digit. Whole groups of four
    // digits have one text only, so what is left of them is enough to look at.
    int whole = bytes.length / 3;
    byte[] rest = Arrays.copyOfRange(bytes, 3 * whole, bytes.length);
    if (!text.substring(Math.min(4 * whole, text.length())).equals(toBase64Url(rest))) {
      throw new ProtocolException(AnswerCode.MALFORMED, "not canonical base64url without padding");
    }
    return bytes;
  }
}
