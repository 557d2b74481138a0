package org.micropay.vts.merchant;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.micropay.vts.secp256k1.BatchVerifier;
import org.micropay.vts.secp256k1.Ecdsa;
import org.micropay.vts.secp256k1.Kernel;

/**
 * The signatures of many tickets in at most two kernel calls: one for tickets with both signatures
 * to verify, two to a key, and one for those whose release was verified before. Owns its memory and
 * the kernel's verifier; one thread, whose stack has {@link Kernel#STACK_BYTES}. Any thread may
 * close it once it is idle.
 */
final class TicketVerifier implements AutoCloseable {
  /** Tickets in one batch at most. */
  static final int CAPACITY = 512;

  private final Arena arena = Arena.ofShared();
  private final BatchVerifier verifier;
  private final Columns pairs;
  private final Columns singles;

  /** Which column a ticket is in, and where. */
  private final int[] places = new int[CAPACITY];

  private int count;

  TicketVerifier(Kernel kernel) {
    verifier = kernel.newVerifier();
    pairs = new Columns(2);
    singles = new Columns(1);
  }

  /** Begins a new batch. */
  void clear() {
    count = 0;
    pairs.count = 0;
    singles.count = 0;
  }

  /** Adds a ticket with both signatures: 32, 32, 64, 64 and 33 bytes. */
  void add(byte[] ticketDigest, byte[] spendDigest, byte[] sigTicket, byte[] sigSpend, byte[] key) {
    places[count++] = pairs.count;
    pairs.put(0, ticketDigest, sigTicket);
    pairs.put(1, spendDigest, sigSpend);
    pairs.end(key);
  }

  /** Adds a ticket whose sigSpend is known to be valid: 32, 64 and 33 bytes. */
  void add(byte[] ticketDigest, byte[] sigTicket, byte[] key) {
    places[count++] = ~singles.count;
    singles.put(0, ticketDigest, sigTicket);
    singles.end(key);
  }

  /** Verifies the batch. */
  void verify() {
    pairs.verify();
    singles.verify();
  }

  /** Whether sigTicket of the batch's ticket {@code index} is valid. */
  boolean isTicketValid(int index) {
    int place = places[index];
    return place >= 0 ? pairs.isValid(place, 0) : singles.isValid(~place, 0);
  }

  /** Whether sigSpend of the batch's ticket {@code index} is valid, now or before. */
  boolean isSpendValid(int index) {
    int place = places[index];
    return place < 0 || pairs.isValid(place, 1);
  }

  @Override
  public void close() {
    verifier.close();
    arena.close();
  }

  /** Columns of digests and signatures, some to each key. */
  private final class Columns {
    private final int perKey;
    private final MemorySegment digests;
    private final MemorySegment signatures;
    private final MemorySegment keys;
    private final MemorySegment verdicts;
    private int count;

    Columns(int perKey) {
      this.perKey = perKey;
      long items = (long) perKey * CAPACITY;
      digests = arena.allocate(items * Ecdsa.DIGEST_BYTES, 64);
      signatures = arena.allocate(items * Ecdsa.SIGNATURE_BYTES, 64);
      keys = arena.allocate((long) CAPACITY * Ecdsa.PUBLIC_KEY_BYTES, 64);
      verdicts = arena.allocate(items, 64);
    }

    void put(int which, byte[] digest, byte[] signature) {
      long item = (long) perKey * count + which;
      copy(digest, digests, item * Ecdsa.DIGEST_BYTES);
      copy(signature, signatures, item * Ecdsa.SIGNATURE_BYTES);
    }

    void end(byte[] key) {
      copy(key, keys, (long) count * Ecdsa.PUBLIC_KEY_BYTES);
      count++;
    }

    private void copy(byte[] bytes, MemorySegment column, long offset) {
      MemorySegment.copy(bytes, 0, column, ValueLayout.JAVA_BYTE, offset, bytes.length);
    }

    void verify() {
      if (count > 0) {
        verifier.verify(digests, signatures, keys, verdicts, count, perKey);
      }
    }

    boolean isValid(int ticket, int which) {
      return verdicts.get(ValueLayout.JAVA_BYTE, (long) perKey * ticket + which) == 1;
    }
  }
}
