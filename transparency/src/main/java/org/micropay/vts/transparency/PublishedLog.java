package org.micropay.vts.transparency;

import java.util.Arrays;
import java.util.Optional;
import org.micropay.vts.ticket.Bytes;

/**
 * Finds leaves in a published log by their journal positions, which rise with the index: by halving
 * over the bundles, whose first entries tell their positions. Any thread.
 */
public final class PublishedLog {
  private static final int HEAD = 2 + LeafLayout.MAX_LENGTH;
  private static final int ENTRY = 2;

  private final DirectoryFiles files;

  /** The log in a folder. */
  public PublishedLog(DirectoryFiles files) {
    this.files = files;
  }

  /**
   * A leaf and where it is.
   *
   * @param index from 0
   * @param leaf its bytes
   */
  public record Found(long index, byte[] leaf) {}

  /** The leaf of the journal record at {@code position}, in the tree of {@code size} leaves. */
  public Optional<Found> find(long position, long size) {
    if (size == 0) {
      return Optional.empty();
    }
    long low = 0;
    long high = (size - 1) / TilePath.FULL;
    while (low < high) {
      long middle = (low + high + 1) >>> 1;
      if (firstPosition(size, middle) <= position) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    byte[] bundle = files.tile(TilePath.in(size, TilePath.ENTRIES, low));
    long first = low * TilePath.FULL;
    Found[] found = new Found[1];
    TileBytes.forEach(
        bundle,
        (number, bytes, offset, length) -> {
          if (Bytes.getLongLe(bytes, offset + LeafLayout.POSITION) == position) {
            found[0] =
                new Found(first + number, Arrays.copyOfRange(bytes, offset, offset + length));
          }
        });
    return Optional.ofNullable(found[0]);
  }

  private long firstPosition(long size, long bundle) {
    TilePath path = TilePath.in(size, TilePath.ENTRIES, bundle);
    byte[] head =
        files
            .readHead(path.toString(), HEAD)
            .or(() -> files.readHead(path.full().toString(), HEAD))
            .orElseThrow(() -> new MissingFileException("the log has no file " + path));
    return Bytes.getLongLe(head, ENTRY + LeafLayout.POSITION);
  }

  /**
   * The proof that the leaf at {@code index} is in the tree that {@code note} signs.
   *
   * @param checkpoint what the note says
   */
  public TlogProof prove(long index, SignedNote note, Checkpoint checkpoint) {
    TileNodes nodes = new TileNodes(files, checkpoint.size());
    return new TlogProof(index, Proofs.inclusion(index, checkpoint.size(), nodes), note);
  }
}
