package org.micropay.vts.ledger;

import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.micropay.vts.ticket.Bytes32;

/**
 * A 128-bit digest of everything in the ledger that is kept up to date with every change and does
 * not depend on the order of the changes: the sum, modulo 2^64 in each half, of two SipHashes of
 * every component (an escrow's terms, its grant, its proof, its chain state ...).
 *
 * <p>It is a check of determinism: two ledgers that applied the same records have the same digest,
 * and a difference shows with overwhelming probability. It is not a cryptographic commitment; its
 * keys are public and sums of hashes can be forged. The journal's hash chain and the public log are
 * what an operator is held to.
 *
 * <p>A replay may have its components hashed many at a time ({@link #hashInLots}).
 *
 * <p>Belongs to the writer; allocation-free.
 */
final class StateDigest {
  /** Bytes of the encoded digest: low half, high half, both little-endian. */
  static final int LENGTH = 16;

  private static final VarHandle LONG_LE =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN)
          .withInvokeExactBehavior();

  // Four words of the fraction of pi: public, and nobody's choice.
  private static final long LOW_KEY_0 = 0x243f6a8885a308d3L;
  private static final long LOW_KEY_1 = 0x13198a2e03707344L;
  private static final long HIGH_KEY_0 = 0xa4093822299f31d0L;
  private static final long HIGH_KEY_1 = 0x082efa98ec4e6c89L;

  private final SipHashPair hash = new SipHashPair(LOW_KEY_0, LOW_KEY_1, HIGH_KEY_0, HIGH_KEY_1);
  private final byte[] component = new byte[256];
  private int length;
  private DigestLots lots;
  private long low;
  private long high;

  /**
   * From now on components of these lengths wait, until there are many of them or the digest is
   * asked for.
   */
  void hashInLots(KeyedHashes hashes, Arena arena, int... lengths) {
    settle();
    lots =
        new DigestLots(
            hashes, arena, new long[] {LOW_KEY_0, LOW_KEY_1, HIGH_KEY_0, HIGH_KEY_1}, lengths);
  }

  /** From now on each component is hashed at once again. */
  void hashAtOnce() {
    settle();
    lots = null;
  }

  /** Adds what waits to the sums. */
  private void settle() {
    if (lots != null) {
      lots.hashAll();
      low += lots.takeLow();
      high += lots.takeHigh();
    }
  }

  /** Starts a component; the tag keeps kinds of components apart. */
  StateDigest component(long tag) {
    length = 0;
    return with(tag);
  }

  StateDigest with(long value) {
    LONG_LE.set(component, length, value);
    length += Long.BYTES;
    return this;
  }

  StateDigest with(OffHeap memory, long offset, int bytes) {
    memory.copyTo(offset, component, length, bytes);
    length += bytes;
    return this;
  }

  StateDigest with(byte[] source, int offset, int bytes) {
    System.arraycopy(source, offset, component, length, bytes);
    length += bytes;
    return this;
  }

  StateDigest with(Bytes32 value) {
    value.copyTo(component, length);
    length += Bytes32.LENGTH;
    return this;
  }

  /** Adds the component to the sum. */
  void add() {
    if (lots != null && lots.take(component, length, 1)) {
      return;
    }
    hash.hash(component, length);
    low += hash.first();
    high += hash.second();
  }

  /** Takes the component, added before, out of the sum. */
  void subtract() {
    if (lots != null && lots.take(component, length, -1)) {
      return;
    }
    hash.hash(component, length);
    low -= hash.first();
    high -= hash.second();
  }

  /** The low half of the sum with the component added, which stays out of the sum. */
  long lowWithComponent() {
    settle();
    hash.hash(component, length);
    return low + hash.first();
  }

  /** The high half of the sum with the component added, which stays out of the sum. */
  long highWithComponent() {
    settle();
    hash.hash(component, length);
    return high + hash.second();
  }
}
