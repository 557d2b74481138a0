package org.micropay.vts.transparency;

import java.util.LinkedHashMap;
import java.util.Map;
import org.micropay.vts.ticket.Bytes32;

/**
 * The hashes of a tree, out of the tiles of a published log. They serve for every smaller size of
 * it as well: its perfect subtrees are this one's. Keeps the tiles that it read last; one thread at
 * a time.
 */
public final class TileNodes implements NodeSource {
  private static final int KEPT = 64;
  private static final int HASH = TreeHasher.LENGTH;

  private final LogSource source;
  private final long size;
  private final TreeHasher hasher = new TreeHasher();
  private final Map<TilePath, byte[]> kept =
      new LinkedHashMap<>(2 * KEPT, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<TilePath, byte[]> eldest) {
          return size() > KEPT;
        }
      };

  /** Nodes of the tree of {@code size} leaves that {@code source} publishes. */
  public TileNodes(LogSource source, long size) {
    this.source = source;
    this.size = size;
  }

  @Override
  public Bytes32 node(int height, long index) {
    if (height > 62 || index < 0 || index + 1 > size >>> height) {
      throw new LogDataException(
          "a tree of %d leaves has no node %d of height %d".formatted(size, index, height));
    }
    int level = height / TilePath.HEIGHT;
    int within = height % TilePath.HEIGHT;
    long first = index << within;
    TilePath path = TilePath.in(size, level, first / TilePath.FULL);
    byte[] tile = kept.computeIfAbsent(path, source::tile);
    int count = 1 << within;
    byte[] hashes = new byte[count * HASH];
    System.arraycopy(tile, (int) (first % TilePath.FULL) * HASH, hashes, 0, hashes.length);
    for (int n = count; n > 1; n /= 2) {
      for (int i = 0; i < n; i += 2) {
        hasher.node(hashes, i * HASH, hashes, (i + 1) * HASH, hashes, i / 2 * HASH);
      }
    }
    return Bytes32.copyOf(hashes, 0);
  }
}
