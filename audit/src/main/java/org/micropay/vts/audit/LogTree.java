package org.micropay.vts.audit;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.transparency.TreeHasher;

/**
 * An append-only Merkle tree (RFC 6962) that hashes many nodes in one call. Leaves gather; when
 * there are enough of them, all whole pairs are hashed, then all whole pairs of these, and so on.
 *
 * <pre>
 *  a pair, 65 bytes: | 01 | left 32 | right 32 |      the message of its node
 * </pre>
 *
 * <p>One thread; owns its memory until {@link #close}. Shares nothing with the log's own tree.
 */
final class LogTree implements AutoCloseable {
  private static final int HASH = Bytes32.LENGTH;
  private static final int PAIR = 1 + 2 * HASH;
  private static final int GATHERED = 512;
  private static final int HEIGHTS = 48;

  private final Arena arena = Arena.ofShared();
  private final MessageHashes hashes;
  private final Column memory;
  private final int[] base = new int[HEIGHTS];
  private final int[] waiting = new int[HEIGHTS];
  private final TreeHasher hasher = new TreeHasher();
  private long size;

  LogTree(MessageHashes.Hasher hasher) {
    hashes = new MessageHashes(arena, hasher, GATHERED);
    int pairs = 0;
    for (int height = 0; height < HEIGHTS; height++) {
      base[height] = pairs * PAIR;
      pairs += (GATHERED >> Math.min(height, 10)) / 2 + 2;
    }
    memory = new Column(arena, pairs, PAIR);
    for (int pair = 0; pair < pairs; pair++) {
      memory.buffer.putByte(pair * PAIR, (byte) 1);
    }
  }

  /** Number of leaves. */
  long size() {
    return size;
  }

  /** Where the hash number {@code index} of those that wait at a height stands. */
  private int at(int height, int index) {
    return base[height] + (index >> 1) * PAIR + 1 + (index & 1) * HASH;
  }

  /** Appends a leaf by its hash. */
  void append(UnsafeBuffer source, int offset) {
    if (waiting[0] >= GATHERED) {
      hashPairs();
    }
    memory.buffer.putBytes(at(0, waiting[0]++), source, offset, HASH);
    size++;
  }

  private void hashPairs() {
    for (int height = 0; height + 1 < HEIGHTS; height++) {
      int pairs = waiting[height] >> 1;
      for (int pair = 0; pair < pairs; pair++) {
        hashes.add(base[height] + pair * PAIR, PAIR, at(height + 1, waiting[height + 1]++));
      }
      hashes.run(MemorySegment.NULL, memory.segment, memory.segment);
      if ((waiting[height] & 1) != 0 && pairs > 0) {
        memory.buffer.putBytes(at(height, 0), memory.buffer, at(height, 2 * pairs), HASH);
      }
      waiting[height] &= 1;
    }
  }

  /** The root of all leaves. */
  Bytes32 root() {
    hashPairs();
    byte[] node = null;
    for (int height = 0; height < HEIGHTS; height++) {
      if (waiting[height] != 0) {
        byte[] left = new byte[HASH];
        memory.buffer.getBytes(at(height, 0), left);
        if (node == null) {
          node = left;
        } else {
          hasher.node(left, 0, node, 0, node, 0);
        }
      }
    }
    return node == null ? TreeHasher.EMPTY_ROOT : Bytes32.of(node);
  }

  @Override
  public void close() {
    arena.close();
  }
}
