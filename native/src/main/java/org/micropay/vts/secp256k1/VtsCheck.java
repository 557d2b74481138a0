package org.micropay.vts.secp256k1;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The data of a full VTS check over a batch of claims, for measurements: per claim a buyer's key of
 * its own, two digests with the buyer's signatures, and one digest that the VTS counter-signs and
 * checks. Generated, all valid. Owns its memory; one thread at a time.
 */
final class VtsCheck implements AutoCloseable {
  /** Signatures under each claim's key: one over the ticket, one over the Bitcoin spend. */
  static final int SIGNATURES_PER_CLAIM = 2;

  final Arena arena = Arena.ofShared();
  final int claims;

  /** 2 x claims, 32 bytes each. */
  final MemorySegment digests;

  /** 2 x claims, 64 bytes each. */
  final MemorySegment signatures;

  /** The first digest of each claim alone, for measuring one signature a key. */
  final MemorySegment firstDigests;

  /** The first signature of each claim alone. */
  final MemorySegment firstSignatures;

  /** One per claim, 33 bytes each. */
  final MemorySegment publicKeys;

  /** 2 x claims, a byte each. */
  final MemorySegment verdicts;

  /** One per claim, 32 bytes each: what is counter-signed. */
  final MemorySegment spendDigests;

  /** One per claim, 64 bytes each. */
  final MemorySegment counterSignatures;

  /** One per claim, a byte each. */
  final MemorySegment counterVerdicts;

  private VtsCheck(int claims) {
    this.claims = claims;
    this.digests = arena.allocate(2L * claims * Ecdsa.DIGEST_BYTES, 64);
    this.signatures = arena.allocate(2L * claims * Ecdsa.SIGNATURE_BYTES, 64);
    this.firstDigests = arena.allocate((long) claims * Ecdsa.DIGEST_BYTES, 64);
    this.firstSignatures = arena.allocate((long) claims * Ecdsa.SIGNATURE_BYTES, 64);
    this.publicKeys = arena.allocate((long) claims * Ecdsa.PUBLIC_KEY_BYTES, 64);
    this.verdicts = arena.allocate(2L * claims, 64);
    this.spendDigests = arena.allocate((long) claims * Ecdsa.DIGEST_BYTES, 64);
    this.counterSignatures = arena.allocate((long) claims * Ecdsa.SIGNATURE_BYTES, 64);
    this.counterVerdicts = arena.allocate(claims, 64);
  }

  /** Fresh random claims. */
  static VtsCheck generate(int claims) {
    VtsCheck check = new VtsCheck(claims);
    Libc.random(check.digests);
    Libc.random(check.spendDigests);
    for (int claim = 0; claim < claims; claim++) {
      try (SecretKey buyer = SecretKey.generate()) {
        byte[] publicKey = buyer.publicKey();
        MemorySegment.copy(
            publicKey, 0, check.publicKeys, ValueLayout.JAVA_BYTE, claim * 33L, publicKey.length);
        for (int i = 2 * claim; i < 2 * claim + SIGNATURES_PER_CLAIM; i++) {
          byte[] signature = Ecdsa.sign(buyer, bytes(check.digests, i, Ecdsa.DIGEST_BYTES));
          MemorySegment.copy(
              signature, 0, check.signatures, ValueLayout.JAVA_BYTE, i * 64L, signature.length);
        }
        MemorySegment.copy(check.digests, claim * 64L, check.firstDigests, claim * 32L, 32);
        MemorySegment.copy(check.signatures, claim * 128L, check.firstSignatures, claim * 64L, 64);
      }
    }
    return check;
  }

  /** Item {@code index} of a column, copied. */
  static byte[] bytes(MemorySegment column, int index, int itemBytes) {
    return column.asSlice((long) index * itemBytes, itemBytes).toArray(ValueLayout.JAVA_BYTE);
  }

  /** Forgets all verdicts, so that the next check of them is about the next run. */
  void reset() {
    verdicts.fill((byte) 0);
    counterVerdicts.fill((byte) 0);
  }

  /** Throws unless the first {@code verified} and {@code signed} verdicts are all 1. */
  void requireValid(int verified, int signed, String who) {
    for (int i = 0; i < verified; i++) {
      if (verdicts.get(ValueLayout.JAVA_BYTE, i) != 1) {
        throw new IllegalStateException(who + " refused valid signature " + i);
      }
    }
    for (int i = 0; i < signed; i++) {
      if (counterVerdicts.get(ValueLayout.JAVA_BYTE, i) != 1) {
        throw new IllegalStateException(who + " failed to sign digest " + i);
      }
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
