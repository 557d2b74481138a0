package org.micropay.vts.transparency;

import java.util.Optional;

/**
 * The files of a published log, by their paths below its prefix: {@code checkpoint}, {@code
 * tile/…}.
 */
public interface LogSource {
  /** Path of the newest checkpoint. */
  String CHECKPOINT = "checkpoint";

  /**
   * The whole file; empty when there is none.
   *
   * @throws java.io.UncheckedIOException when it cannot be read
   */
  Optional<byte[]> read(String path);

  /** A hint that {@link #read} will be called with this path soon. */
  default void willRead(String path) {}

  /**
   * A tile or bundle: the partial one, or the beginning of the full one where that has taken its
   * place.
   *
   * @throws MissingFileException when the log does not have it
   * @throws LogDataException when it is shorter than it must be
   */
  default byte[] tile(TilePath path) {
    Optional<byte[]> found = read(path.toString());
    if (found.isEmpty() && !path.isFull()) {
      found = read(path.full().toString());
    }
    byte[] bytes =
        found.orElseThrow(
            () ->
                new MissingFileException(
                    "the log has no file " + path + ", which its size implies"));
    return TileBytes.prefix(path, bytes);
  }
}
