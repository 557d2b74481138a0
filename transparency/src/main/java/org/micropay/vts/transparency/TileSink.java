package org.micropay.vts.transparency;

/** Takes the tiles and bundles of a growing tree. */
@FunctionalInterface
public interface TileSink {
  /**
   * A full one once it is full; a partial one at {@link TileTree#flush}.
   *
   * @param bytes the sink's own from here on
   */
  void onTile(TilePath path, byte[] bytes);
}
