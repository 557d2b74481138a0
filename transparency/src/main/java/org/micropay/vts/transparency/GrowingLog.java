package org.micropay.vts.transparency;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.micropay.vts.ticket.Bytes32;

/**
 * A log's tree and the files of it, between the journal and the folder: leaves go in, full tiles
 * are collected and written in groups, and the tiles of the present size on request.
 *
 * <p>A failed write loses nothing: what was not written stays collected and goes with the next one.
 * The publisher's thread.
 */
final class GrowingLog {
  private static final int GROUP = 64;

  private final LogFiles files;
  private final TileTree tree;
  private final Frontier frontier;
  private final List<LogFiles.NewFile> unwritten = new ArrayList<>();

  private GrowingLog(LogFiles files, long size) {
    this.files = files;
    tree = size == 0 ? new TileTree(this::collect) : TileTree.resume(size, files, this::collect);
    frontier = Frontier.of(size, new TileNodes(files, size));
  }

  /** A log without leaves. */
  static GrowingLog empty(LogFiles files) {
    return new GrowingLog(files, 0);
  }

  /**
   * A log that goes on at a checkpoint, from the files of it.
   *
   * @throws LogDataException when the files are not of that tree
   */
  static GrowingLog resume(LogFiles files, Checkpoint checkpoint) {
    GrowingLog log = new GrowingLog(files, checkpoint.size());
    if (!log.root().equals(checkpoint.root())) {
      throw new LogDataException(
          "the tiles in %s have the root %s at size %d, the journal's checkpoint has %s"
              .formatted(files, log.root(), checkpoint.size(), checkpoint.root()));
    }
    return log;
  }

  private void collect(TilePath path, byte[] bytes) {
    unwritten.add(new LogFiles.NewFile(path.toString(), bytes));
  }

  long size() {
    return tree.size();
  }

  void append(byte[] leaf, int length) {
    tree.append(leaf, 0, length);
    frontier.appendLeaf(leaf, 0, length);
  }

  /** The root, computed in two ways. */
  Bytes32 root() {
    Bytes32 root = tree.root();
    if (!root.equals(frontier.root())) {
      throw new LogContradictionException(
          "the tiles of %d leaves have the root %s, the tree %s"
              .formatted(size(), root, frontier.root()));
    }
    return root;
  }

  /** The root that the tree had at an earlier size. */
  Bytes32 rootAt(long size) {
    return size == size() ? root() : Frontier.of(size, new TileNodes(new Present(), size())).root();
  }

  /** Writes what is full, when enough has gathered. */
  void writeGroups() {
    if (unwritten.size() >= GROUP) {
      write();
    }
  }

  /** Collects the partial tiles of the present size. */
  void collectPartial() {
    tree.flush();
  }

  /** Writes all that is collected. */
  void write() {
    if (!unwritten.isEmpty()) {
      files.write(unwritten);
      unwritten.clear();
    }
  }

  /** The tree as it is now, wherever its parts are. */
  private final class Present implements LogSource {
    @Override
    public Optional<byte[]> read(String path) {
      return unwritten.stream()
          .filter(file -> file.path().equals(path))
          .findFirst()
          .map(LogFiles.NewFile::bytes)
          .or(() -> files.read(path));
    }

    @Override
    public byte[] tile(TilePath path) {
      return tree.partial(path.level(), path.index())
          .map(bytes -> TileBytes.prefix(path, bytes))
          .orElseGet(() -> LogSource.super.tile(path));
    }
  }
}
