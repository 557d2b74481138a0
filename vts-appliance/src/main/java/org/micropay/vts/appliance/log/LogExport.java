package org.micropay.vts.appliance.log;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.micropay.vts.transparency.Checkpoint;
import org.micropay.vts.transparency.LogDataException;
import org.micropay.vts.transparency.LogFiles;
import org.micropay.vts.transparency.LogSource;
import org.micropay.vts.transparency.SignedNote;
import org.micropay.vts.transparency.TilePath;

/**
 * Copies what the newest checkpoint needs, and the checkpoint last: whoever reads the copy at any
 * moment finds a whole log. Full tiles that are there already are left.
 */
public final class LogExport {
  private static final int GROUP = 64;

  private LogExport() {}

  /**
   * What was copied.
   *
   * @param checkpoint of the copy
   * @param written files
   * @param kept files that were there
   */
  public record Result(Checkpoint checkpoint, long written, long kept) {}

  /** Files that a tree of this size has. */
  public static long fileCount(long size) {
    return paths(size).size() + 1L;
  }

  /**
   * Copies.
   *
   * @throws LogDataException when the source has no checkpoint or lacks a file
   */
  public static Result run(LogSource source, LogFiles target, LongConsumer progress) {
    byte[] note =
        source
            .read(LogSource.CHECKPOINT)
            .orElseThrow(() -> new LogDataException(source + " has no checkpoint yet"));
    Checkpoint checkpoint = Checkpoint.parse(SignedNote.parse(note).text());
    List<LogFiles.NewFile> group = new ArrayList<>();
    long written = 1;
    long kept = 0;
    for (TilePath path : paths(checkpoint.size())) {
      if (target.read(path.toString()).isPresent()) {
        kept++;
      } else {
        group.add(new LogFiles.NewFile(path.toString(), source.tile(path)));
        written++;
      }
      if (group.size() == GROUP) {
        target.write(group);
        group.clear();
      }
      progress.accept(1);
    }
    target.write(group);
    target.write(List.of(new LogFiles.NewFile(LogSource.CHECKPOINT, note)));
    progress.accept(1);
    return new Result(checkpoint, written, kept);
  }

  private static List<TilePath> paths(long size) {
    List<TilePath> paths = new ArrayList<>();
    for (int level = TilePath.ENTRIES; level < Long.BYTES; level++) {
      long hashes = level <= 0 ? size : size >>> Long.BYTES * level;
      for (long i = 0; i * TilePath.FULL < hashes; i++) {
        paths.add(TilePath.in(size, level, i));
      }
    }
    return paths;
  }
}
