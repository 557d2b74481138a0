package org.micropay.vts.transparency;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/**
 * Reads a whole published log and computes everything in it again: each entry's hash, each tile of
 * each level, the root, and the root at each size that was seen before. One thread.
 */
public final class TreeChecker {
  private static final int AHEAD = 32;

  private final LogSource source;
  private final Checkpoint checkpoint;
  private final List<Checkpoint> earlier;
  private final Consumer<Finding> findings;
  private final TileTree tree = new TileTree(this::compare);

  /** Takes the entries. */
  @FunctionalInterface
  public interface LeafHandler {
    /** One entry; the array must not be changed, and is not used again. */
    void onLeaf(long index, byte[] bundle, int offset, int length);
  }

  /**
   * A checker.
   *
   * @param checkpoint verified against the log's key
   * @param earlier checkpoints of the same log that were seen before, verified likewise
   * @param findings takes what is wrong with the tree
   */
  public TreeChecker(
      LogSource source,
      Checkpoint checkpoint,
      List<Checkpoint> earlier,
      Consumer<Finding> findings) {
    this.source = source;
    this.checkpoint = checkpoint;
    this.earlier = earlier.stream().sorted(Comparator.comparingLong(Checkpoint::size)).toList();
    this.findings = findings;
  }

  /**
   * Reads and compares everything.
   *
   * @throws MissingFileException when the log lacks a file
   * @throws java.io.UncheckedIOException when one cannot be read
   */
  public void run(LeafHandler handler) {
    List<Checkpoint> left = new ArrayList<>(earlier);
    compareSizes(left);
    long bundles = (checkpoint.size() + TilePath.FULL - 1) / TilePath.FULL;
    hint(0, Math.min(AHEAD, bundles));
    for (long i = 0; i < bundles; i++) {
      hint(i + AHEAD, Math.min(i + AHEAD + 1, bundles));
      if (!readBundle(i, handler, left)) {
        return;
      }
    }
    compareRoots(left);
    tree.flush();
    if (!tree.root().equals(checkpoint.root())) {
      report(
          Finding.Code.WRONG_ROOT,
          "%d leaves hash to %s, the checkpoint says %s"
              .formatted(tree.size(), tree.root(), checkpoint.root()));
    }
  }

  private void hint(long from, long to) {
    for (long i = from; i < to; i++) {
      source.willRead(TilePath.in(checkpoint.size(), TilePath.ENTRIES, i).toString());
      source.willRead(TilePath.in(checkpoint.size(), 0, i).toString());
    }
  }

  private void compareSizes(List<Checkpoint> left) {
    for (Checkpoint old : earlier) {
      if (old.size() > checkpoint.size()) {
        left.remove(old);
        report(
            Finding.Code.ROLLBACK,
            "the log shows %d leaves; it showed %d before (root %s)"
                .formatted(checkpoint.size(), old.size(), old.root()));
      } else if (old.size() == checkpoint.size()) {
        left.remove(old);
        if (!old.root().equals(checkpoint.root())) {
          report(
              Finding.Code.SPLIT_VIEW,
              "at %d leaves the log shows the root %s; it showed %s before"
                  .formatted(old.size(), checkpoint.root(), old.root()));
        }
      }
    }
  }

  /** False when the bundle cannot be taken apart: nothing behind it can be computed. */
  private boolean readBundle(long index, LeafHandler handler, List<Checkpoint> left) {
    byte[] bundle;
    try {
      bundle = source.tile(TilePath.in(checkpoint.size(), TilePath.ENTRIES, index));
    } catch (MissingFileException e) {
      throw e;
    } catch (LogDataException e) {
      report(Finding.Code.BAD_BUNDLE, e.getMessage());
      return false;
    }
    TileBytes.forEach(
        bundle,
        (number, bytes, offset, length) -> {
          compareRoots(left);
          handler.onLeaf(tree.size(), bytes, offset, length);
          tree.append(bytes, offset, length);
        });
    return true;
  }

  /** Compares the tree with those that were seen at this very size. */
  private void compareRoots(List<Checkpoint> left) {
    while (!left.isEmpty() && left.getFirst().size() == tree.size()) {
      Checkpoint old = left.removeFirst();
      if (!old.root().equals(tree.root())) {
        report(
            Finding.Code.INCONSISTENT,
            "the first %d leaves hash to %s; the log showed the root %s for them before"
                .formatted(old.size(), tree.root(), old.root()));
      }
    }
  }

  /** A tile that the entries make, against the published one. */
  private void compare(TilePath path, byte[] bytes) {
    if (path.level() == TilePath.ENTRIES) {
      return;
    }
    try {
      if (!Arrays.equals(source.tile(path), bytes)) {
        report(Finding.Code.BAD_TILE, path + " does not hold what the entries hash to");
      }
    } catch (MissingFileException e) {
      throw e;
    } catch (LogDataException e) {
      report(Finding.Code.BAD_TILE, e.getMessage());
    }
  }

  private void report(Finding.Code code, String detail) {
    findings.accept(Finding.ofTree(code, detail));
  }
}
