package org.micropay.vts.merchant;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.micropay.vts.secp256k1.BatchVerifier;
import org.micropay.vts.secp256k1.Ecdsa;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.secp256k1.Kernels;
import org.micropay.vts.secp256k1.ScalarBatchVerifier;

/**
 * The signatures of many tickets in few kernel calls. The vector kernel's call costs the same for
 * one signature as for sixteen, so what is verified together is chosen by that:
 *
 * <ul>
 *   <li>tickets with both signatures to verify go two to a key, which is cheapest, if they fill
 *       that call; a few of them go beside those with one, with their key twice;
 *   <li>a lone signature is verified by libsecp256k1, at half of such a call.
 * </ul>
 *
 * Owns its memory and the verifiers; one thread, whose stack has {@link Kernel#STACK_BYTES}. Any
 * thread may close it once it is idle.
 */
final class TicketVerifier implements AutoCloseable {
  /** Tickets in one batch at most. */
  static final int CAPACITY = 512;

  /** Signatures that the vector kernel verifies side by side: two streams of eight lanes. */
  private static final int LANES = 16;

  /** Tickets with two signatures each that fill them; fewer go with the others. */
  private static final int FULL_OF_PAIRS = LANES / 2;

  private final Arena arena = Arena.ofShared();
  private final BatchVerifier verifier;
  private final BatchVerifier lone = ScalarBatchVerifier.create();
  private final boolean vector;
  private final Columns pairs;
  private final Columns singles;

  /** Which column a ticket is in, and where: pairs, or complement of the place in singles. */
  private final int[] places = new int[CAPACITY];

  /** Where the pairs begin in singles, when they went there; negative when not. */
  private int pairsAt;

  private int count;

  TicketVerifier(Kernel kernel) {
    verifier = kernel.newVerifier();
    vector = verifier.name().equals(Kernels.VECTOR);
    pairs = new Columns(2, CAPACITY);
    singles = new Columns(1, CAPACITY + LANES);
  }

  /**
   * How many signatures cost as much as one.
   *
   * @return 1 where each is verified by itself
   */
  int lanes() {
    return vector ? LANES : 1;
  }

  /** Begins a new batch. */
  void clear() {
    count = 0;
    pairs.count = 0;
    singles.count = 0;
    pairsAt = -1;
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
    if (vector && pairs.count > 0 && pairs.count < FULL_OF_PAIRS) {
      pairsAt = singles.count;
      singles.takeApart(pairs);
    } else if (pairs.count > 0) {
      pairs.verify(verifier);
    }
    if (singles.count > 0) {
      singles.verify(singles.count == 1 ? lone : verifier);
    }
  }

  /** Whether sigTicket of the batch's ticket {@code index} is valid. */
  boolean isTicketValid(int index) {
    int place = places[index];
    return place < 0 ? singles.isValid(~place) : isPairValid(place, 0);
  }

  /** Whether sigSpend of the batch's ticket {@code index} is valid, now or before. */
  boolean isSpendValid(int index) {
    int place = places[index];
    return place < 0 || isPairValid(place, 1);
  }

  private boolean isPairValid(int place, int which) {
    int item = 2 * place + which;
    return pairsAt < 0 ? pairs.isValid(item) : singles.isValid(pairsAt + item);
  }

  @Override
  public void close() {
    verifier.close();
    lone.close();
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

    Columns(int perKey, int capacity) {
      this.perKey = perKey;
      long items = (long) perKey * capacity;
      digests = arena.allocate(items * Ecdsa.DIGEST_BYTES, 64);
      signatures = arena.allocate(items * Ecdsa.SIGNATURE_BYTES, 64);
      keys = arena.allocate((long) capacity * Ecdsa.PUBLIC_KEY_BYTES, 64);
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

    /** Appends another's items, each with its key. */
    void takeApart(Columns other) {
      int items = other.perKey * other.count;
      for (int item = 0; item < items; item++) {
        append(other.digests, item, digests, Ecdsa.DIGEST_BYTES);
        append(other.signatures, item, signatures, Ecdsa.SIGNATURE_BYTES);
        append(other.keys, item / other.perKey, keys, Ecdsa.PUBLIC_KEY_BYTES);
        count++;
      }
    }

    private void append(MemorySegment from, int item, MemorySegment to, int bytes) {
      MemorySegment.copy(from, (long) item * bytes, to, (long) count * bytes, bytes);
    }

    void verify(BatchVerifier by) {
      by.verify(digests, signatures, keys, verdicts, count, perKey);
    }

    boolean isValid(int item) {
      return verdicts.get(ValueLayout.JAVA_BYTE, item) == 1;
    }
  }
}
