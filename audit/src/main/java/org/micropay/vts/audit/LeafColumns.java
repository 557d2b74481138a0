package org.micropay.vts.audit;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.ClaimLayout;
import org.micropay.vts.transparency.LeafLayout;

/**
 * The leaf hashes of one range's grants and double-spend proofs: SHA-256(00 || leaf), RFC 6962. A
 * leaf's bytes are put together here from {@link LeafLayout}, not by the log's own encoder. One
 * thread; no allocation.
 */
final class LeafColumns {
  private static final int LOT = 64;
  private static final int STRIDE = 448;
  private static final int PREFIX = 1;

  private final MessageHashes hashes;
  private final Column leaves;
  private final Column digests;
  private int gathered;

  LeafColumns(Arena arena, MessageHashes.Hasher hasher, int capacity) {
    hashes = new MessageHashes(arena, hasher, LOT);
    leaves = new Column(arena, LOT, STRIDE); // with zeros where the prefix stands
    digests = new Column(arena, capacity, Bytes32.LENGTH);
  }

  /**
   * Takes a grant or a proof whose payload's length is that of one.
   *
   * @param item where its hash will be
   * @param payload offset of {@code length} bytes: claim id, position of the grant in a proof,
   *     claim
   */
  void add(
      int item,
      RecordType type,
      long position,
      long timeMillis,
      UnsafeBuffer memory,
      int payload,
      int length) {
    if (gathered == LOT) {
      run();
    }
    int at = gathered++ * STRIDE;
    int leaf = at + PREFIX;
    int claim = Bytes32.LENGTH;
    UnsafeBuffer target = leaves.buffer;
    target.putByte(leaf + LeafLayout.VERSION, LeafLayout.VERSION_1);
    target.putByte(leaf + LeafLayout.KIND, (byte) type.number());
    target.putLong(leaf + LeafLayout.POSITION, position);
    target.putLong(leaf + LeafLayout.TIME, timeMillis);
    long grant = position;
    if (type == RecordType.DOUBLE_SPEND) {
      grant = memory.getLong(payload + claim);
      claim += Long.BYTES;
    }
    target.putLong(leaf + LeafLayout.GRANT_POSITION, grant);
    target.putBytes(leaf + LeafLayout.CLAIM_ID, memory, payload, Bytes32.LENGTH);
    target.putBytes(leaf + LeafLayout.CLAIM, memory, payload + claim, length - claim);
    hashes.add(at, PREFIX + LeafLayout.CLAIM + length - claim, item * Bytes32.LENGTH);
  }

  /** Whether a claim of this length can be in a leaf. */
  static boolean fits(int claimLength) {
    return claimLength >= ClaimLayout.MIN_LENGTH && claimLength <= ClaimLayout.MAX_LENGTH;
  }

  /** Hashes what is left. */
  void run() {
    hashes.run(MemorySegment.NULL, leaves.segment, digests.segment);
    gathered = 0;
  }

  /** The hashes, by item. */
  Column digests() {
    return digests;
  }
}
