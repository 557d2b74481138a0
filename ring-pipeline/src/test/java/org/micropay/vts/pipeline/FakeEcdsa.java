package org.micropay.vts.pipeline;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A signature scheme of the right shape and no security: a signature is a mix of key and digest.
 * Deterministic, fast, and without allocation, so that tests see the pipeline and not a kernel.
 */
final class FakeEcdsa {
  private static final int WORDS = 8;

  /** Below the group order and below its half, whatever follows. */
  private static final long TOP_MASK = 0x3FFF_FFFF_FFFF_FFFFL;

  private FakeEcdsa() {}

  static byte[] sign(byte[] key, byte[] digest) {
    byte[] signature = new byte[64];
    sign(new UnsafeBuffer(key), 0, new UnsafeBuffer(digest), 0, new UnsafeBuffer(signature), 0);
    return signature;
  }

  static void sign(
      DirectBuffer key,
      int keyAt,
      DirectBuffer digest,
      int digestAt,
      MutableDirectBuffer to,
      int at) {
    long state = hash(key, keyAt, digest, digestAt);
    for (int i = 0; i < WORDS; i++) {
      to.putLong(at + i * 8, word(state, i), ByteOrder.BIG_ENDIAN);
    }
  }

  static boolean verify(
      DirectBuffer key, int keyAt, DirectBuffer digest, int digestAt, DirectBuffer sig, int at) {
    long state = hash(key, keyAt, digest, digestAt);
    for (int i = 0; i < WORDS; i++) {
      if (sig.getLong(at + i * 8, ByteOrder.BIG_ENDIAN) != word(state, i)) {
        return false;
      }
    }
    return true;
  }

  private static long word(long state, int i) {
    long word = mix(state + i);
    return i % 4 == 0 ? word & TOP_MASK | 1 : word;
  }

  private static long hash(DirectBuffer key, int keyAt, DirectBuffer digest, int digestAt) {
    long state = key.getByte(keyAt);
    for (int i = 0; i < 4; i++) {
      state = mix(state ^ key.getLong(keyAt + 1 + i * 8));
      state = mix(state ^ digest.getLong(digestAt + i * 8));
    }
    return state;
  }

  private static long mix(long z) {
    long x = (z + 0x9E37_79B9_7F4A_7C15L) * 0xBF58_476D_1CE4_E5B9L;
    x = (x ^ x >>> 30) * 0x94D0_49BB_1331_11EBL;
    return x ^ x >>> 31;
  }

  /** Verifier of the fake scheme. */
  static final class Verifier implements SignatureVerifier {
    private final UnsafeBuffer digest = new UnsafeBuffer(0, 0);
    private final UnsafeBuffer signature = new UnsafeBuffer(0, 0);
    private final UnsafeBuffer key = new UnsafeBuffer(0, 0);
    private final UnsafeBuffer verdict = new UnsafeBuffer(0, 0);
    long calls;
    int largestBatch;

    @Override
    public void verify(
        MemorySegment digests,
        MemorySegment signatures,
        MemorySegment publicKeys,
        MemorySegment verdicts,
        int keys,
        int signaturesPerKey) {
      calls++;
      largestBatch = Math.max(largestBatch, keys);
      digest.wrap(digests.address(), (int) digests.byteSize());
      signature.wrap(signatures.address(), (int) signatures.byteSize());
      key.wrap(publicKeys.address(), (int) publicKeys.byteSize());
      verdict.wrap(verdicts.address(), (int) verdicts.byteSize());
      for (int i = 0; i < keys * signaturesPerKey; i++) {
        boolean valid =
            FakeEcdsa.verify(key, i / signaturesPerKey * 33, digest, i * 32, signature, i * 64);
        verdict.putByte(i, (byte) (valid ? 1 : 0));
      }
    }
  }

  /** Signer of the fake scheme; can be told to fail its own verification from some call on. */
  static final class Signer implements CounterSigner {
    private final UnsafeBuffer digest = new UnsafeBuffer(0, 0);
    private final UnsafeBuffer signature = new UnsafeBuffer(0, 0);
    private final UnsafeBuffer verdict = new UnsafeBuffer(0, 0);
    private final UnsafeBuffer key;
    private long failAfter = Long.MAX_VALUE;
    private long signed;

    Signer(byte[] vtsKey) {
      this.key = new UnsafeBuffer(vtsKey);
    }

    /** The signature after the next {@code count} does not verify. */
    Signer failAfter(long count) {
      failAfter = count;
      return this;
    }

    @Override
    public void sign(
        MemorySegment digests, MemorySegment signatures, MemorySegment verdicts, int count) {
      digest.wrap(digests.address(), (int) digests.byteSize());
      signature.wrap(signatures.address(), (int) signatures.byteSize());
      verdict.wrap(verdicts.address(), (int) verdicts.byteSize());
      for (int i = 0; i < count; i++) {
        if (signed++ >= failAfter) {
          signature.setMemory(i * 64, 64, (byte) 0);
          verdict.putByte(i, (byte) 0);
        } else {
          FakeEcdsa.sign(key, 0, digest, i * 32, signature, i * 64);
          verdict.putByte(i, (byte) 1);
        }
      }
    }
  }
}
