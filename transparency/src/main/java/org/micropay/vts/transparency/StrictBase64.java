package org.micropay.vts.transparency;

import java.util.Base64;

/** Base64 of RFC 4648, section 4, and only the one text that encoding gives. */
final class StrictBase64 {
  private StrictBase64() {}

  static byte[] decode(String what, String text) {
    try {
      byte[] bytes = Base64.getDecoder().decode(text);
      if (Base64.getEncoder().encodeToString(bytes).equals(text)) {
        return bytes;
      }
    } catch (IllegalArgumentException e) {
      throw new LogDataException(what + " is not base64", e);
    }
    throw new LogDataException(what + " is base64 with stray bits or without padding");
  }

  static String encode(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
