package org.micropay.vts.simulation;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.micropay.vts.pipeline.CounterSigner;
import org.micropay.vts.pipeline.SignatureVerifier;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.PublicKey;

/**
 * A signature scheme of ECDSA's shape and no security: a signature is a mix of public key and
 * digest. Deterministic and consistent, so that a million claims take minutes.
 */
final class ToyCrypto implements CryptoSuite {
  private static final int KEY = 33;
  private static final int DIGEST = 32;
  private static final int SIGNATURE = 64;
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  /** Keeps r and s above zero, and below the group's order and its half, whatever follows. */
  private static final long TOP_MASK = 0x3FFF_FFFF_FFFF_FFFFL;

  private final MemorySegment vtsKey;

  ToyCrypto(PublicKey vts) {
    vtsKey = MemorySegment.ofArray(vts.toArray());
  }

  @Override
  public boolean isReal() {
    return false;
  }

  @Override
  public SignatureVerifier verifier() {
    return (digests, signatures, publicKeys, verdicts, keys, signaturesPerKey) -> {
      for (int i = 0; i < keys * signaturesPerKey; i++) {
        long state =
            hash(publicKeys, (long) (i / signaturesPerKey) * KEY, digests, (long) i * DIGEST);
        byte verdict = 1;
        for (int word = 0; word < SIGNATURE / 8; word++) {
          if (signatures.get(LONG, (long) i * SIGNATURE + word * 8) != word(state, word)) {
            verdict = 0;
          }
        }
        verdicts.set(ValueLayout.JAVA_BYTE, i, verdict);
      }
    };
  }

  @Override
  public CounterSigner signer() {
    return (digests, signatures, verdicts, count) -> {
      for (int i = 0; i < count; i++) {
        write(hash(vtsKey, 0, digests, (long) i * DIGEST), signatures, (long) i * SIGNATURE);
        verdicts.set(ValueLayout.JAVA_BYTE, i, (byte) 1);
      }
    };
  }

  @Override
  public CompactSignature sign(Keys keys, Bytes32 digest) {
    return sign(keys.publicKey(), digest);
  }

  /** The signature that belongs to a public key. */
  static CompactSignature sign(PublicKey key, Bytes32 digest) {
    byte[] signature = new byte[SIGNATURE];
    long state =
        hash(MemorySegment.ofArray(key.toArray()), 0, MemorySegment.ofArray(digest.toArray()), 0);
    write(state, MemorySegment.ofArray(signature), 0);
    return CompactSignature.of(signature);
  }

  @Override
  public void close() {
    // Nothing was opened.
  }

  private static void write(long state, MemorySegment to, long at) {
    for (int word = 0; word < SIGNATURE / 8; word++) {
      to.set(LONG, at + word * 8, word(state, word));
    }
  }

  private static long word(long state, int i) {
    long word = mix(state + i);
    return i % 4 == 0 ? word & TOP_MASK | 1 : word;
  }

  private static long hash(MemorySegment key, long keyAt, MemorySegment digest, long digestAt) {
    long state = key.get(ValueLayout.JAVA_BYTE, keyAt);
    for (int i = 0; i < DIGEST / 8; i++) {
      state = mix(state ^ key.get(LONG, keyAt + 1 + i * 8));
      state = mix(state ^ digest.get(LONG, digestAt + i * 8));
    }
    return state;
  }

  private static long mix(long z) {
    long x = (z + 0x9E37_79B9_7F4A_7C15L) * 0xBF58_476D_1CE4_E5B9L;
    x = (x ^ x >>> 30) * 0x94D0_49BB_1331_11EBL;
    return x ^ x >>> 31;
  }
}
