package org.micropay.vts.transparency;

import java.util.Arrays;

/**
 * The bytes of tiles and bundles: hashes one after another; entries one after another, each behind
 * its length, u16 big-endian (C2SP tlog-tiles).
 */
public final class TileBytes {
  private static final int LENGTH_BYTES = 2;

  private TileBytes() {}

  /** Takes the entries of a bundle, in order. */
  @FunctionalInterface
  public interface EntryHandler {
    /** One entry: its number within the bundle, and where its bytes are. */
    void onEntry(int number, byte[] bundle, int offset, int length);
  }

  /**
   * The first hashes or entries of a tile that may have more, exactly as many as {@code path} has.
   *
   * @throws LogDataException when there are fewer
   */
  public static byte[] prefix(TilePath path, byte[] bytes) {
    int length =
        path.level() == TilePath.ENTRIES
            ? entriesLength(path, bytes)
            : path.width() * TreeHasher.LENGTH;
    if (length < 0 || length > bytes.length) {
      throw new LogDataException(
          "%s has %d bytes, too few for %d %s"
              .formatted(
                  path,
                  bytes.length,
                  path.width(),
                  path.level() == TilePath.ENTRIES ? "entries" : "hashes"));
    }
    return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
  }

  private static int entriesLength(TilePath path, byte[] bundle) {
    int at = 0;
    for (int i = 0; i < path.width(); i++) {
      if (at + LENGTH_BYTES > bundle.length) {
        return -1;
      }
      at += LENGTH_BYTES + entryLength(bundle, at);
    }
    return at;
  }

  private static int entryLength(byte[] bundle, int at) {
    return (bundle[at] & 0xFF) << 8 | bundle[at + 1] & 0xFF;
  }

  /** Hands over the entries of a bundle that {@link #prefix} has checked. */
  public static void forEach(byte[] bundle, EntryHandler handler) {
    int number = 0;
    for (int at = 0; at < bundle.length; number++) {
      int length = entryLength(bundle, at);
      handler.onEntry(number, bundle, at + LENGTH_BYTES, length);
      at += LENGTH_BYTES + length;
    }
  }

  /** Bytes that an entry of {@code length} takes in a bundle. */
  static int framed(int length) {
    return LENGTH_BYTES + length;
  }

  /** Writes an entry with its length; returns the offset behind it. */
  static int putEntry(byte[] bundle, int at, byte[] entry, int offset, int length) {
    if (length >>> 16 != 0) {
      throw new IllegalArgumentException("an entry has at most 65535 bytes, not " + length);
    }
    bundle[at] = (byte) (length >>> 8);
    bundle[at + 1] = (byte) length;
    System.arraycopy(entry, offset, bundle, at + LENGTH_BYTES, length);
    return at + LENGTH_BYTES + length;
  }
}
