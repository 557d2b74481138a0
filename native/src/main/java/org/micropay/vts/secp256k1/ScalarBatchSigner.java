package org.micropay.vts.secp256k1;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * libsecp256k1, one signature after the other, in a context blinded with fresh entropy: the
 * reference, and the path on CPUs without the vector instructions.
 */
public final class ScalarBatchSigner implements BatchSigner {
  private final Secp256k1 secp256k1;
  private final SecretKey secretKey;
  private final MemorySegment parsedKey;
  private final MemorySegment parsedSignature;

  private ScalarBatchSigner(Secp256k1 secp256k1, SecretKey secretKey) {
    this.secp256k1 = secp256k1;
    this.secretKey = secretKey;
    this.parsedKey = secp256k1.arena().allocate(Secp256k1.PARSED_KEY_BYTES, Long.BYTES);
    this.parsedSignature = secp256k1.arena().allocate(Secp256k1.PARSED_SIGNATURE_BYTES, Long.BYTES);
  }

  /** A signer with a context of its own. */
  public static ScalarBatchSigner create(SecretKey secretKey) {
    return create(secretKey, secretKey.publicKey());
  }

  /** Signs with one key and verifies under another: for the test that this is noticed. */
  static ScalarBatchSigner create(SecretKey secretKey, byte[] publicKey) {
    Secp256k1 secp256k1 = Secp256k1.create(Arena.ofShared());
    ScalarBatchSigner signer = new ScalarBatchSigner(secp256k1, secretKey);
    MemorySegment compressed = secp256k1.arena().allocateFrom(ValueLayout.JAVA_BYTE, publicKey);
    if (!secp256k1.parsePublicKey(signer.parsedKey.address(), compressed.address())) {
      signer.close();
      throw new IllegalStateException("libsecp256k1 refused a public key that it made itself");
    }
    return signer;
  }

  @Override
  public void sign(
      MemorySegment digests, MemorySegment signatures, MemorySegment verdicts, int count) {
    int items = Columns.count(count);
    long digest = Columns.input(digests, items, Ecdsa.DIGEST_BYTES, "digests");
    long signature = Columns.output(signatures, items, Ecdsa.SIGNATURE_BYTES, "signatures");
    Columns.output(verdicts, items, 1, "verdicts");
    for (int item = 0; item < items; item++) {
      boolean signed = signOne(digest);
      if (signed) {
        secp256k1.serializeSignature(signature, parsedSignature.address());
      } else {
        clear(signatures, (long) item * Ecdsa.SIGNATURE_BYTES);
      }
      verdicts.set(ValueLayout.JAVA_BYTE, item, (byte) (signed ? 1 : 0));
      digest += Ecdsa.DIGEST_BYTES;
      signature += Ecdsa.SIGNATURE_BYTES;
    }
    secp256k1.requireNoFault();
  }

  private boolean signOne(long digest) {
    long parsed = parsedSignature.address();
    return secp256k1.sign(parsed, digest, secretKey.segment())
        && secp256k1.verify(parsed, digest, parsedKey.address());
  }

  private static void clear(MemorySegment signatures, long at) {
    for (int i = 0; i < Ecdsa.SIGNATURE_BYTES; i += Long.BYTES) {
      signatures.set(ValueLayout.JAVA_LONG_UNALIGNED, at + i, 0L);
    }
  }

  @Override
  public byte[] publicKey() {
    return secretKey.publicKey();
  }

  @Override
  public String name() {
    return Kernels.SCALAR;
  }

  @Override
  public void close() {
    if (secp256k1.arena().scope().isAlive()) {
      secp256k1.arena().close();
    }
  }
}
