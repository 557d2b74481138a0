package org.micropay.vts.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.micropay.vts.journal.JournalException.Reason;

/**
 * The snapshots of one journal: files {@code snapshots/snapshot-<position>.vts} in its folder. One
 * writer at a time, which whoever takes snapshots sees to.
 */
public final class SnapshotStore {
  private static final Pattern NAME = Pattern.compile("snapshot-(\\d{12,19})\\.vts");

  private final Path folder;

  /** The snapshots of the journal in {@code journal}; nothing needs to be there. */
  public SnapshotStore(Path journal) {
    folder = journal.resolve(JournalFiles.SNAPSHOTS);
  }

  /** Position in the name of a file. */
  private record Named(long position, Path path) {}

  /** The folder. */
  public Path folder() {
    return folder;
  }

  /** Where a snapshot at this position belongs. */
  public Path fileFor(long position) {
    return folder.resolve(String.format(Locale.ROOT, "snapshot-%012d.vts", position));
  }

  /** Files, the newest first, unread. */
  public List<Path> newestFirst() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Named> found = new ArrayList<>();
    try (Stream<Path> paths = Files.list(folder)) {
      paths.forEach(
          path -> {
            Matcher matcher = NAME.matcher(path.getFileName().toString());
            if (matcher.matches()) {
              found.add(new Named(Long.parseLong(matcher.group(1)), path));
            }
          });
    } catch (IOException e) {
      throw new JournalException(Reason.NOT_ACCESSIBLE, "cannot list " + folder + ": " + e, e);
    }
    found.sort(Comparator.comparingLong(Named::position).reversed());
    return found.stream().map(Named::path).toList();
  }

  /** Puts all snapshots aside, under names that nothing reads. */
  public void reject() {
    try {
      for (Path file : newestFirst()) {
        Files.move(file, file.resolveSibling(file.getFileName() + ".rejected"));
      }
      if (Files.isDirectory(folder)) {
        DurableFiles.force(folder);
      }
    } catch (IOException e) {
      throw new JournalException(
          Reason.IO, "cannot put aside the snapshots in " + folder + ": " + e, e);
    }
  }

  /** Deletes all but the newest {@code kept}, and what an interrupted writer left. */
  public void keep(int kept) {
    try {
      List<Path> files = newestFirst();
      for (Path old : files.subList(Math.min(kept, files.size()), files.size())) {
        Files.deleteIfExists(old);
      }
      if (Files.isDirectory(folder)) {
        DurableFiles.force(folder);
      }
    } catch (IOException e) {
      throw new JournalException(
          Reason.IO, "cannot delete an old snapshot in " + folder + ": " + e, e);
    }
  }
}
