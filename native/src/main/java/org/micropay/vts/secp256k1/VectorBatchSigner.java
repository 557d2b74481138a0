package org.micropay.vts.secp256k1;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The vector kernel: eight signatures side by side in constant time, each verified. Only {@link
 * Kernels} makes it, after the self-test. Owns the tables for its key, a few MiB, nothing secret.
 */
final class VectorBatchSigner implements BatchSigner {
  private final Arena arena;
  private final MemorySegment tables;
  private final SecretKey secretKey;

  private VectorBatchSigner(Arena arena, MemorySegment tables, SecretKey secretKey) {
    this.arena = arena;
    this.tables = tables;
    this.secretKey = secretKey;
  }

  static VectorBatchSigner create(SecretKey secretKey) {
    Arena arena = Arena.ofShared();
    try {
      MemorySegment tables = VectorLibrary.allocateSigner(arena);
      MemorySegment publicKey = arena.allocateFrom(ValueLayout.JAVA_BYTE, secretKey.publicKey());
      VectorLibrary.initializeSigner(tables, publicKey, secretKey.segment());
      return new VectorBatchSigner(arena, tables, secretKey);
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  @Override
  public void sign(
      MemorySegment digests, MemorySegment signatures, MemorySegment verdicts, int count) {
    int items = Columns.count(count);
    Columns.input(digests, items, Ecdsa.DIGEST_BYTES, "digests");
    Columns.output(signatures, items, Ecdsa.SIGNATURE_BYTES, "signatures");
    Columns.output(verdicts, items, 1, "verdicts");
    VectorLibrary.sign(tables, secretKey.segment(), digests, signatures, verdicts, items);
  }

  @Override
  public byte[] publicKey() {
    return secretKey.publicKey();
  }

  @Override
  public String name() {
    return Kernels.VECTOR;
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
