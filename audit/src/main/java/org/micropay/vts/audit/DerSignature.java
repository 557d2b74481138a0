package org.micropay.vts.audit;

import java.util.Arrays;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.Der;
import org.micropay.vts.ticket.ProtocolException;

/** Reads a witness's signature back: strict DER (BIP 66) with the sighash byte behind it. */
final class DerSignature {
  private DerSignature() {}

  /** The signature; null when the bytes are not exactly one canonical signature's encoding. */
  static CompactSignature decode(byte[] der, int sighash) {
    byte[] compact = new byte[CompactSignature.LENGTH];
    if (der.length < 9 || !copyNumber(der, 3, compact, 0)) {
      return null;
    }
    int second = 4 + der[3] + 1;
    if (second >= der.length || !copyNumber(der, second, compact, 32)) {
      return null;
    }
    try {
      CompactSignature signature = CompactSignature.of(compact);
      // Whatever was lenient above shows as a difference here.
      return Arrays.equals(der, Der.encode(signature, sighash)) ? signature : null;
    } catch (ProtocolException e) {
      return null;
    }
  }

  /** Copies the integer whose length byte is at {@code at} into 32 bytes. */
  private static boolean copyNumber(byte[] der, int at, byte[] target, int offset) {
    int length = der[at];
    int start = at + 1;
    if (length < 1 || length > 33 || start + length > der.length) {
      return false;
    }
    int skip = Math.max(0, length - 32);
    System.arraycopy(der, start + skip, target, offset + 32 - (length - skip), length - skip);
    return true;
  }
}
