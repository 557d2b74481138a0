package org.micropay.vts.ticket;

import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The fast form of the ask (paper, section 4.2): openings from one secret and a counter, so that a
 * merchant keeps no state per request.
 *
 * <pre>
 *  HMAC-SHA256(secret, counter as u64 little-endian)  =  r1 (16 bytes) || s (16 bytes)
 * </pre>
 *
 * The secret has 32 bytes and no other use. The counter goes to the buyer beside the ask and comes
 * back beside the ticket; the merchant trusts it because the opening at that counter must hash to
 * the ticket's commitment. A counter must never be asked with twice: the opening of a losing ticket
 * is given back, and a buyer who knows r1 can choose an r2 that loses.
 *
 * <p>One instance belongs to one thread. The secret stays inside {@link Mac} and the caller's
 * array, which the caller may zero after construction.
 */
public final class FastOpenings {
  /** Length of the secret in bytes. */
  public static final int SECRET_LENGTH = 32;

  private static final String ALGORITHM = "HmacSHA256";

  private final Mac mac;
  private final byte[] message = new byte[Long.BYTES];

  private FastOpenings(Mac mac) {
    this.mac = mac;
  }

  /** Openings from this secret of 32 random bytes. */
  public static FastOpenings of(byte[] secret) {
    if (secret.length != SECRET_LENGTH) {
      throw new IllegalArgumentException(
          "the secret has " + secret.length + " bytes; draw 32 from a CSPRNG");
    }
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(secret, ALGORITHM));
      return new FastOpenings(mac);
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("every Java platform has HmacSHA256", e);
    }
  }

  /** r1 and s of this counter, an unsigned 64-bit number. */
  public Opening at(long counter) {
    Bytes.putLongLe(message, 0, counter);
    return Opening.decode(mac.doFinal(message));
  }

  @Override
  public String toString() {
    return "FastOpenings[hidden]";
  }
}
