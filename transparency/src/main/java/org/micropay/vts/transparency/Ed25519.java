package org.micropay.vts.transparency;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.NamedParameterSpec;
import org.micropay.vts.ticket.Bytes32;

/** Verification of Ed25519 signatures (RFC 8032) with the platform's implementation. */
final class Ed25519 {
  private static final String NAME = "Ed25519";
  private static final int SIGN_OF_X = 0x80;

  private Ed25519() {}

  /** Whether {@code signature} is the key's over {@code message}; false for a key that is none. */
  static boolean verify(Bytes32 publicKey, byte[] message, Ed25519Signature signature) {
    try {
      Signature verifier = Signature.getInstance(NAME);
      verifier.initVerify(decode(publicKey));
      verifier.update(message);
      return verifier.verify(signature.toArray());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has Ed25519", e);
    } catch (InvalidKeyException | SignatureException | InvalidKeySpecException e) {
      // A point that is not on the curve, or an s that is out of range.
      return false;
    }
  }

  /** y little-endian, the lowest bit of x in the highest bit (RFC 8032, section 5.1.2). */
  private static PublicKey decode(Bytes32 publicKey)
      throws NoSuchAlgorithmException, InvalidKeySpecException {
    byte[] bigEndian = publicKey.reversed().toArray();
    boolean oddX = (bigEndian[0] & SIGN_OF_X) != 0;
    bigEndian[0] = (byte) (bigEndian[0] & ~SIGN_OF_X);
    return KeyFactory.getInstance(NAME)
        .generatePublic(
            new EdECPublicKeySpec(
                NamedParameterSpec.ED25519, new EdECPoint(oddX, new BigInteger(1, bigEndian))));
  }

  /**
   * Refuses 32 bytes that no Ed25519 key has.
   *
   * @throws LogDataException when they are not the encoding of a point
   */
  static void requireKey(String name, Bytes32 publicKey) {
    try {
      Signature.getInstance(NAME).initVerify(decode(publicKey));
    } catch (GeneralSecurityException e) {
      throw new LogDataException("the key of '" + name + "' is not a point of Ed25519", e);
    }
  }
}
