package org.micropay.vts.secp256k1;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Columns for a batch, with guard bytes behind the verdicts. */
final class VerifyColumns implements AutoCloseable {
  private static final byte UNTOUCHED = 0x5a;
  private static final int GUARD = 64;

  final Arena arena = Arena.ofShared();
  final int keys;
  final int signaturesPerKey;
  final MemorySegment digests;
  final MemorySegment signatures;
  final MemorySegment publicKeys;
  final MemorySegment verdicts;

  VerifyColumns(int keys, int signaturesPerKey) {
    this.keys = keys;
    this.signaturesPerKey = signaturesPerKey;
    this.digests = arena.allocate(items() * 32L);
    this.signatures = arena.allocate(items() * 64L);
    this.publicKeys = arena.allocate(keys * 33L);
    this.verdicts = arena.allocate(items() + GUARD).fill(UNTOUCHED);
  }

  int items() {
    return keys * signaturesPerKey;
  }

  void put(int item, byte[] digest, byte[] signature) {
    MemorySegment.copy(digest, 0, digests, ValueLayout.JAVA_BYTE, item * 32L, 32);
    MemorySegment.copy(signature, 0, signatures, ValueLayout.JAVA_BYTE, item * 64L, 64);
  }

  void putKey(int key, byte[] publicKey) {
    MemorySegment.copy(publicKey, 0, publicKeys, ValueLayout.JAVA_BYTE, key * 33L, 33);
  }

  byte[] digest(int item) {
    return digests.asSlice(item * 32L, 32).toArray(ValueLayout.JAVA_BYTE);
  }

  byte[] signature(int item) {
    return signatures.asSlice(item * 64L, 64).toArray(ValueLayout.JAVA_BYTE);
  }

  byte[] key(int key) {
    return publicKeys.asSlice(key * 33L, 33).toArray(ValueLayout.JAVA_BYTE);
  }

  /** Runs the batch; fails when a verdict is neither 0 nor 1 or a guard byte was written. */
  byte[] run(BatchVerifier verifier) {
    return run(
        () -> verifier.verify(digests, signatures, publicKeys, verdicts, keys, signaturesPerKey));
  }

  /** The same by the loop in C. */
  byte[] run(SecpLoop loop) {
    return run(
        () -> loop.verify(digests, signatures, publicKeys, verdicts, keys, signaturesPerKey));
  }

  private byte[] run(Runnable batch) {
    verdicts.fill(UNTOUCHED);
    batch.run();
    for (int i = 0; i < GUARD; i++) {
      if (verdicts.get(ValueLayout.JAVA_BYTE, items() + i) != UNTOUCHED) {
        throw new AssertionError("wrote behind the verdicts at " + i);
      }
    }
    byte[] out = verdicts.asSlice(0, items()).toArray(ValueLayout.JAVA_BYTE);
    for (byte verdict : out) {
      if (verdict != 0 && verdict != 1) {
        throw new AssertionError("verdict " + verdict);
      }
    }
    return out;
  }

  @Override
  public void close() {
    arena.close();
  }
}
