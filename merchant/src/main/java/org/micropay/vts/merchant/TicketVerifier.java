package org.micropay.vts.merchant;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.micropay.vts.secp256k1.BatchVerifier;
import org.micropay.vts.secp256k1.Ecdsa;
import org.micropay.vts.secp256k1.Kernel;

/**
 * Both signatures of many tickets in one kernel call: columns of two digests and two signatures per
 * key. Owns its memory and the kernel's verifier; one thread, whose stack has {@link
 * Kernel#STACK_BYTES}.
 */
final class TicketVerifier implements AutoCloseable {
  /** Tickets in one call at most. */
  static final int CAPACITY = 512;

  private static final int SIGNATURES = 2;

  private final Arena arena = Arena.ofShared();
  private final BatchVerifier verifier;
  private final MemorySegment digests;
  private final MemorySegment signatures;
  private final MemorySegment keys;
  private final MemorySegment verdicts;
  private int count;

  TicketVerifier(Kernel kernel) {
    verifier = kernel.newVerifier();
    digests = arena.allocate((long) SIGNATURES * CAPACITY * Ecdsa.DIGEST_BYTES, 64);
    signatures = arena.allocate((long) SIGNATURES * CAPACITY * Ecdsa.SIGNATURE_BYTES, 64);
    keys = arena.allocate((long) CAPACITY * Ecdsa.PUBLIC_KEY_BYTES, 64);
    verdicts = arena.allocate((long) SIGNATURES * CAPACITY, 64);
  }

  /** Begins a new batch. */
  void clear() {
    count = 0;
  }

  /** Adds one ticket: 32, 32, 64, 64 and 33 bytes. */
  void add(byte[] ticketDigest, byte[] spendDigest, byte[] sigTicket, byte[] sigSpend, byte[] key) {
    long first = (long) SIGNATURES * count;
    put(ticketDigest, digests, first * Ecdsa.DIGEST_BYTES);
    put(spendDigest, digests, (first + 1) * Ecdsa.DIGEST_BYTES);
    put(sigTicket, signatures, first * Ecdsa.SIGNATURE_BYTES);
    put(sigSpend, signatures, (first + 1) * Ecdsa.SIGNATURE_BYTES);
    put(key, keys, (long) count * Ecdsa.PUBLIC_KEY_BYTES);
    count++;
  }

  private static void put(byte[] bytes, MemorySegment column, long offset) {
    MemorySegment.copy(bytes, 0, column, ValueLayout.JAVA_BYTE, offset, bytes.length);
  }

  /** Verifies the batch. */
  void verify() {
    verifier.verify(digests, signatures, keys, verdicts, count, SIGNATURES);
  }

  /** Whether sigTicket of the batch's ticket {@code index} is valid. */
  boolean isTicketValid(int index) {
    return verdicts.get(ValueLayout.JAVA_BYTE, (long) SIGNATURES * index) == 1;
  }

  /** Whether sigSpend of the batch's ticket {@code index} is valid. */
  boolean isSpendValid(int index) {
    return verdicts.get(ValueLayout.JAVA_BYTE, (long) SIGNATURES * index + 1) == 1;
  }

  @Override
  public void close() {
    verifier.close();
    arena.close();
  }
}
