package org.micropay.vts.transparency;

import org.micropay.vts.ticket.Bytes;
import org.micropay.vts.ticket.Bytes32;

/**
 * An append-only Merkle tree (RFC 6962) reduced to what its root and its future need: one hash per
 * perfect subtree, as many as its size has one bits. 2 KiB for any size, two hashes an append on
 * average.
 *
 * <pre>
 *  size 11 = 1011b:        h3              h1      h0
 *                   [0 1 2 3 4 5 6 7]    [8 9]    [10]
 * </pre>
 *
 * <p>Encoded, for a snapshot: size u64 little-endian, then the hashes from the largest subtree to
 * the smallest, 32 bytes each; 8 to 2,024 bytes.
 *
 * <p>One thread at a time. {@link #append} allocates nothing.
 */
public final class Frontier {
  private static final int HASH = TreeHasher.LENGTH;
  private static final int HEIGHTS = 63;

  private final TreeHasher hasher = new TreeHasher();

  /** Hash of the subtree of height h at 32 h; meaningful where bit h of the size is set. */
  private final byte[] hashes = new byte[(HEIGHTS + 1) * HASH];

  private final byte[] scratch = new byte[HASH];
  private long size;

  /** The empty tree. */
  public Frontier() {}

  /** Number of leaves. */
  public long size() {
    return size;
  }

  /** Appends the leaf whose bytes these are. */
  public void appendLeaf(byte[] leaf, int offset, int length) {
    hasher.leaf(leaf, offset, length, scratch, 0);
    append(scratch, 0);
  }

  /** Appends a leaf by its hash, the 32 bytes at {@code offset}. */
  public void append(byte[] leafHash, int offset) {
    if (size == Long.MAX_VALUE) {
      throw new IllegalStateException("a tree holds at most 2^63 - 1 leaves");
    }
    int height = Long.numberOfTrailingZeros(~size);
    if (height == 0) {
      System.arraycopy(leafHash, offset, hashes, 0, HASH);
    } else {
      hasher.node(hashes, 0, leafHash, offset, scratch, 0);
      for (int h = 1; h < height; h++) {
        hasher.node(hashes, h * HASH, scratch, 0, scratch, 0);
      }
      System.arraycopy(scratch, 0, hashes, height * HASH, HASH);
    }
    size++;
  }

  /** Writes the root, 32 bytes. */
  public void root(byte[] target, int at) {
    if (size == 0) {
      TreeHasher.EMPTY_ROOT.copyTo(target, at);
      return;
    }
    int lowest = Long.numberOfTrailingZeros(size);
    System.arraycopy(hashes, lowest * HASH, scratch, 0, HASH);
    for (int h = lowest + 1; h <= HEIGHTS; h++) {
      if ((size >>> h & 1) != 0) {
        hasher.node(hashes, h * HASH, scratch, 0, scratch, 0);
      }
    }
    System.arraycopy(scratch, 0, target, at, HASH);
  }

  /** The root. */
  public Bytes32 root() {
    byte[] root = new byte[HASH];
    root(root, 0);
    return Bytes32.copyOf(root, 0);
  }

  /** The bytes for a snapshot. */
  public byte[] encode() {
    byte[] bytes = new byte[8 + Long.bitCount(size) * HASH];
    Bytes.putLongLe(bytes, 0, size);
    int at = 8;
    for (int h = HEIGHTS; h >= 0; h--) {
      if ((size >>> h & 1) != 0) {
        System.arraycopy(hashes, h * HASH, bytes, at, HASH);
        at += HASH;
      }
    }
    return bytes;
  }

  /**
   * The tree that {@link #encode} wrote.
   *
   * @throws LogDataException when the length does not agree with the size
   */
  public static Frontier decode(byte[] bytes) {
    if (bytes.length < 8) {
      throw new LogDataException("a frontier has at least 8 bytes, not " + bytes.length);
    }
    Frontier frontier = new Frontier();
    frontier.size = Bytes.getLongLe(bytes, 0);
    if (frontier.size < 0 || bytes.length != 8 + Long.bitCount(frontier.size) * HASH) {
      throw new LogDataException(
          "a frontier of size %d has %d bytes, not %d"
              .formatted(frontier.size, 8 + Long.bitCount(frontier.size) * HASH, bytes.length));
    }
    int at = 8;
    for (int h = HEIGHTS; h >= 0; h--) {
      if ((frontier.size >>> h & 1) != 0) {
        System.arraycopy(bytes, at, frontier.hashes, h * HASH, HASH);
        at += HASH;
      }
    }
    return frontier;
  }

  /**
   * The tree of {@code size} leaves whose subtree hashes {@code nodes} knows.
   *
   * @throws LogDataException when a node cannot be had
   */
  public static Frontier of(long size, NodeSource nodes) {
    Frontier frontier = new Frontier();
    frontier.size = size;
    long start = 0;
    for (int h = HEIGHTS; h >= 0; h--) {
      if ((size >>> h & 1) != 0) {
        nodes.node(h, start >>> h).copyTo(frontier.hashes, h * HASH);
        start += 1L << h;
      }
    }
    return frontier;
  }
}
