package org.micropay.vts.secp256k1;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * One signature at a time, for buyers, merchants and tools; servers use {@link BatchVerifier} and
 * {@link BatchSigner}, whose semantics these methods share. Thread-safe.
 */
public final class Ecdsa {
  /** Length of a message digest. */
  public static final int DIGEST_BYTES = 32;

  /** Length of a compact signature: r || s, each 32 bytes big-endian. */
  public static final int SIGNATURE_BYTES = 64;

  /** Length of a compressed public key. */
  public static final int PUBLIC_KEY_BYTES = 33;

  private Ecdsa() {}

  /**
   * Signs with the nonce of RFC 6979, s in the lower half, and verifies the result.
   *
   * @param digest 32 bytes
   * @return 64 bytes, r || s
   * @throws IllegalArgumentException when the digest has another length
   * @throws IllegalStateException when the key is closed, or the computation went wrong
   */
  public static byte[] sign(SecretKey secretKey, byte[] digest) {
    requireLength(digest, DIGEST_BYTES, "digest");
    Secp256k1 secp256k1 = Secp256k1.shared();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment message = arena.allocateFrom(ValueLayout.JAVA_BYTE, digest);
      MemorySegment key = arena.allocateFrom(ValueLayout.JAVA_BYTE, secretKey.publicKey());
      MemorySegment parsedKey = arena.allocate(Secp256k1.PARSED_KEY_BYTES, Long.BYTES);
      MemorySegment parsed = arena.allocate(Secp256k1.PARSED_SIGNATURE_BYTES, Long.BYTES);
      if (!secp256k1.sign(parsed.address(), message.address(), secretKey.segment())
          || !secp256k1.parsePublicKey(parsedKey.address(), key.address())
          || !secp256k1.verify(parsed.address(), message.address(), parsedKey.address())) {
        throw new IllegalStateException("a new signature does not verify; suspect the hardware");
      }
      MemorySegment signature = arena.allocate(SIGNATURE_BYTES);
      secp256k1.serializeSignature(signature.address(), parsed.address());
      secp256k1.requireNoFault();
      return signature.toArray(ValueLayout.JAVA_BYTE);
    }
  }

  /**
   * True for a valid signature in the strict sense of {@link BatchVerifier}; anything malformed is
   * false.
   *
   * @param digest 32 bytes
   * @param signature 64 bytes, r || s
   * @param publicKey 33 bytes, compressed
   * @throws IllegalArgumentException when an argument has another length
   */
  public static boolean verify(byte[] digest, byte[] signature, byte[] publicKey) {
    requireLength(digest, DIGEST_BYTES, "digest");
    requireLength(signature, SIGNATURE_BYTES, "signature");
    requireLength(publicKey, PUBLIC_KEY_BYTES, "public key");
    Secp256k1 secp256k1 = Secp256k1.shared();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment message = arena.allocateFrom(ValueLayout.JAVA_BYTE, digest);
      MemorySegment compact = arena.allocateFrom(ValueLayout.JAVA_BYTE, signature);
      MemorySegment key = arena.allocateFrom(ValueLayout.JAVA_BYTE, publicKey);
      MemorySegment parsedKey = arena.allocate(Secp256k1.PARSED_KEY_BYTES, Long.BYTES);
      MemorySegment parsed = arena.allocate(Secp256k1.PARSED_SIGNATURE_BYTES, Long.BYTES);
      boolean valid =
          secp256k1.parsePublicKey(parsedKey.address(), key.address())
              && secp256k1.parseSignature(parsed.address(), compact.address())
              && secp256k1.verify(parsed.address(), message.address(), parsedKey.address());
      secp256k1.requireNoFault();
      return valid;
    }
  }

  /** True for a canonical compressed point of the curve: 33 bytes, first 2 or 3, x below p. */
  public static boolean isValidPublicKey(byte[] publicKey) {
    if (publicKey.length != PUBLIC_KEY_BYTES) {
      return false;
    }
    Secp256k1 secp256k1 = Secp256k1.shared();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment key = arena.allocateFrom(ValueLayout.JAVA_BYTE, publicKey);
      MemorySegment parsedKey = arena.allocate(Secp256k1.PARSED_KEY_BYTES, Long.BYTES);
      return secp256k1.parsePublicKey(parsedKey.address(), key.address());
    }
  }

  private static void requireLength(byte[] bytes, int length, String name) {
    if (bytes.length != length) {
      throw new IllegalArgumentException(
          "%s has %d bytes, needs %d".formatted(name, bytes.length, length));
    }
  }
}
