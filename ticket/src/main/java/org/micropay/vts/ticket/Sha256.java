package org.micropay.vts.ticket;

import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * SHA-256 (FIPS 180-4) from array to array, allocation-free in steady state.
 *
 * <p>One instance belongs to one thread. The static methods may be called by any.
 */
public final class Sha256 {
  /** Length of a digest in bytes. */
  public static final int LENGTH = 32;

  private final MessageDigest digest = newDigest();

  /** An instance for the calling thread. */
  public Sha256() {}

  private static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** SHA256 of {@code length} bytes at {@code offset}, 32 bytes into {@code target}. */
  public void hash(byte[] source, int offset, int length, byte[] target, int targetOffset) {
    digest.update(source, offset, length);
    finish(target, targetOffset);
  }

  /** SHA256(SHA256(x)), as Bitcoin hashes transactions; {@code target} may be {@code source}. */
  public void hashTwice(byte[] source, int offset, int length, byte[] target, int targetOffset) {
    hash(source, offset, length, target, targetOffset);
    hash(target, targetOffset, LENGTH, target, targetOffset);
  }

  private void finish(byte[] target, int targetOffset) {
    try {
      digest.digest(target, targetOffset, LENGTH);
    } catch (DigestException e) {
      throw new IllegalArgumentException(
          "no room for 32 bytes at " + targetOffset + " of " + target.length, e);
    }
  }

  /** SHA256 of the parts one after another. */
  public static Bytes32 of(byte[]... parts) {
    MessageDigest digest = newDigest();
    for (byte[] part : parts) {
      digest.update(part);
    }
    return Bytes32.of(digest.digest());
  }

  /** SHA256(SHA256(x)) of the parts one after another, as Bitcoin hashes transactions. */
  public static Bytes32 twice(byte[]... parts) {
    return of(of(parts).toArray());
  }
}
