package org.micropay.vts.transparency;

import java.util.Arrays;
import java.util.Optional;
import org.micropay.vts.ticket.Bytes32;

/**
 * The right edge of a tiled log: the bundle and the tiles that are not full yet, one per level.
 * Entries go in, full tiles come out; {@link #flush} gives the partial ones of the present size.
 *
 * <p>The root is computed from the tiles, not from a {@link Frontier}, so that the two can be
 * compared. One thread at a time. 72 KiB and the bundle's bytes for any size.
 */
public final class TileTree {
  private static final int HASH = TreeHasher.LENGTH;
  private static final int TILE = TilePath.FULL * HASH;
  private static final int LEVELS = 8;
  private static final int FIRST_BUNDLE = 16 * 1024;

  private final TreeHasher hasher = new TreeHasher();
  private final byte[][] tiles = new byte[LEVELS][TILE];
  private final byte[] scratch = new byte[TILE];
  private final byte[] hash = new byte[HASH];
  private final TileSink sink;
  private byte[] bundle = new byte[FIRST_BUNDLE];
  private int bundleLength;
  private long size;

  /** The empty tree. */
  public TileTree(TileSink sink) {
    this.sink = sink;
  }

  /**
   * A tree that goes on at {@code size}, from the partial tiles of a published log.
   *
   * @throws LogDataException when the log lacks one of them
   */
  public static TileTree resume(long size, LogSource source, TileSink sink) {
    TileTree tree = new TileTree(sink);
    tree.size = size;
    for (int level = 0; level < LEVELS; level++) {
      int width = tree.width(level);
      if (width > 0) {
        TilePath path = new TilePath(level, tree.index(level), width);
        byte[] bytes = source.tile(path);
        System.arraycopy(bytes, 0, tree.tiles[level], 0, bytes.length);
      }
    }
    if (tree.width(0) > 0) {
      byte[] bytes = source.tile(new TilePath(TilePath.ENTRIES, tree.index(0), tree.width(0)));
      tree.bundle = Arrays.copyOf(bytes, Math.max(FIRST_BUNDLE, bytes.length));
      tree.bundleLength = bytes.length;
      tree.requireBundleMatches();
    }
    return tree;
  }

  private void requireBundleMatches() {
    TileBytes.forEach(
        Arrays.copyOf(bundle, bundleLength),
        (number, bytes, offset, length) -> {
          hasher.leaf(bytes, offset, length, hash, 0);
          int at = number * HASH;
          if (!Arrays.equals(hash, 0, HASH, tiles[0], at, at + HASH)) {
            throw new LogDataException(
                "entry %d does not have the hash in the tile"
                    .formatted(index(0) * TilePath.FULL + number));
          }
        });
  }

  /** Number of leaves. */
  public long size() {
    return size;
  }

  /** Hashes in the partial tile of a level. */
  private int width(int level) {
    return (int) (TilePath.hashes(size, level) % TilePath.FULL);
  }

  /** Which tile of a level is the partial one. */
  private long index(int level) {
    return TilePath.hashes(size, level) / TilePath.FULL;
  }

  /** Appends an entry. */
  public void append(byte[] entry, int offset, int length) {
    int end = bundleLength + TileBytes.framed(length);
    if (end > bundle.length) {
      bundle = Arrays.copyOf(bundle, Math.max(end, 2 * bundle.length));
    }
    bundleLength = TileBytes.putEntry(bundle, bundleLength, entry, offset, length);
    hasher.leaf(entry, offset, length, tiles[0], width(0) * HASH);
    size++;
    if (width(0) == 0) {
      complete();
    }
  }

  /** Hands out what the last entry has made full, from the entries up. */
  private void complete() {
    sink.onTile(
        new TilePath(TilePath.ENTRIES, index(0) - 1, TilePath.FULL),
        Arrays.copyOf(bundle, bundleLength));
    bundleLength = 0;
    for (int level = 0; width(level) == 0; level++) {
      sink.onTile(new TilePath(level, index(level) - 1, TilePath.FULL), tiles[level].clone());
      fold(tiles[level], TilePath.FULL);
      // The parent's width already counts this hash.
      int at = Math.floorMod(width(level + 1) - 1, TilePath.FULL) * HASH;
      System.arraycopy(hash, 0, tiles[level + 1], at, HASH);
    }
  }

  /** Hands out the partial bundle and tiles of the present size. */
  public void flush() {
    if (width(0) > 0) {
      sink.onTile(
          new TilePath(TilePath.ENTRIES, index(0), width(0)), Arrays.copyOf(bundle, bundleLength));
    }
    for (int level = 0; level < LEVELS; level++) {
      if (width(level) > 0) {
        sink.onTile(
            new TilePath(level, index(level), width(level)),
            Arrays.copyOf(tiles[level], width(level) * HASH));
      }
    }
  }

  /** The hashes of a level's partial tile; empty when {@code index} is another tile. */
  Optional<byte[]> partial(int level, long index) {
    return level >= 0 && level < LEVELS && index == index(level) && width(level) > 0
        ? Optional.of(Arrays.copyOf(tiles[level], width(level) * HASH))
        : Optional.empty();
  }

  /** The root of the present size. */
  public Bytes32 root() {
    if (size == 0) {
      return TreeHasher.EMPTY_ROOT;
    }
    byte[] root = null;
    for (int level = 0; level < LEVELS; level++) {
      int width = width(level);
      int left = width;
      // From the right: the perfect subtrees of a tile, the smallest first.
      while (left > 0) {
        int count = Integer.lowestOneBit(left);
        left -= count;
        System.arraycopy(tiles[level], left * HASH, scratch, 0, count * HASH);
        foldScratch(count);
        if (root == null) {
          root = hash.clone();
        } else {
          hasher.node(hash, 0, root, 0, root, 0);
        }
      }
    }
    return Bytes32.copyOf(root, 0);
  }

  /** Root of {@code count} hashes, a power of two, into {@link #hash}. */
  private void fold(byte[] hashes, int count) {
    System.arraycopy(hashes, 0, scratch, 0, count * HASH);
    foldScratch(count);
  }

  private void foldScratch(int count) {
    for (int n = count; n > 1; n /= 2) {
      for (int i = 0; i < n; i += 2) {
        hasher.node(scratch, i * HASH, scratch, (i + 1) * HASH, scratch, i / 2 * HASH);
      }
    }
    System.arraycopy(scratch, 0, hash, 0, HASH);
  }
}
