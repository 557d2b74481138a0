package org.micropay.vts.transparency;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which file of a tiled log (C2SP tlog-tiles): a tile of hashes, or a bundle of entries.
 *
 * <pre>
 *  tile/L/N[.p/W]           hashes of level L, the N-th tile; W hashes when it is partial
 *  tile/entries/N[.p/W]     entries under the N-th tile of level 0
 *  N = 1234067              x001/x234/067
 * </pre>
 *
 * @param level 0 to 63, or {@link #ENTRIES}
 * @param index within the level
 * @param width 1 to 256 hashes or entries; 256 is full
 */
public record TilePath(int level, long index, int width) {
  /** Hashes of a full tile. */
  public static final int FULL = 256;

  /** Stands for the level of entry bundles. */
  public static final int ENTRIES = -1;

  /** Binary logarithm of {@link #FULL}. */
  static final int HEIGHT = 8;

  private static final int MAX_LEVEL = 63;
  private static final long GROUP = 1000;
  private static final Pattern FORM =
      Pattern.compile(
          "tile/(entries|[0-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\\.p/([1-9][0-9]{0,2}))?");

  /** Checks the ranges. */
  public TilePath {
    if (level < ENTRIES || level > MAX_LEVEL || index < 0 || width < 1 || width > FULL) {
      throw new IllegalArgumentException(
          "no tile has level %d, index %d, width %d".formatted(level, index, width));
    }
  }

  /**
   * The tile of this level and index in a tree of {@code size} leaves.
   *
   * @throws IllegalArgumentException when the tree has no such tile
   */
  public static TilePath in(long size, int level, long index) {
    long hashes = hashes(size, level);
    return new TilePath(level, index, (int) Math.min(FULL, hashes - index * FULL));
  }

  /** Hashes (or entries) that a tree of {@code size} leaves has at a level. */
  static long hashes(long size, int level) {
    int shift = Math.max(0, level) * HEIGHT;
    return shift >= Long.SIZE ? 0 : size >>> shift;
  }

  /** A path as {@link #toString} writes it; empty for any other text. */
  public static Optional<TilePath> parse(String path) {
    Matcher matcher = FORM.matcher(path);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    int level = matcher.group(1).equals("entries") ? ENTRIES : Integer.parseInt(matcher.group(1));
    long index = 0;
    for (String group : matcher.group(2).split("/")) {
      index = index * GROUP + Integer.parseInt(group.startsWith("x") ? group.substring(1) : group);
    }
    int width = matcher.group(3) == null ? FULL : Integer.parseInt(matcher.group(3));
    if (width > FULL || matcher.group(3) != null && width == FULL) {
      return Optional.empty();
    }
    // One path for each tile: no group of zeros before the first that counts.
    return Optional.of(new TilePath(level, index, width)).filter(t -> t.toString().equals(path));
  }

  /** Whether it is full, and so never changes. */
  public boolean isFull() {
    return width == FULL;
  }

  /** The full tile at the same place. */
  public TilePath full() {
    return new TilePath(level, index, FULL);
  }

  /** The folder that holds the partial tiles of this place. */
  public String partialFolder() {
    return full() + ".p";
  }

  @Override
  public String toString() {
    StringBuilder path = new StringBuilder("%03d".formatted(index % GROUP));
    for (long rest = index / GROUP; rest > 0; rest /= GROUP) {
      path.insert(0, "x%03d/".formatted(rest % GROUP));
    }
    path.insert(0, level == ENTRIES ? "tile/entries/" : "tile/" + level + "/");
    return isFull() ? path.toString() : path.append(".p/").append(width).toString();
  }
}
