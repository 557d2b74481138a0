package org.micropay.vts.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Where things lie in a journal's directory.
 *
 * <pre>
 *  journal.lock             held with a file lock while a writer is open; names its process
 *  journal.fence            u64: number of the newest epoch, shared by mapping
 *  journal.ballast          disk space kept for a full disk, see {@link Ballast}
 *  journal.archived         {@link ArchivedMark}: what was moved to the archive, if anything
 *  snapshots/               {@link SnapshotStore}: the state at some positions
 *  epoch-00000001/epoch     {@link EpochFile}: where this epoch begins, and how far it is durable
 *  epoch-00000001/*.cq4     Chronicle Queue files, one per roll period, in order of their names
 *  epoch-00000002/...       one directory more for each time that a writer opened the journal
 * </pre>
 *
 * <p>Each opening begins a fresh Chronicle queue. So Chronicle never appends to a file that a crash
 * may have left half written (its lock, its index and its header recovery never come into play),
 * and what an earlier epoch wrote is never touched again.
 */
final class JournalFiles {
  static final String LOCK = "journal.lock";
  static final String FENCE = "journal.fence";
  static final String EPOCH = "epoch";
  static final String BALLAST = "journal.ballast";
  static final String QUEUE_SUFFIX = ".cq4";
  static final String GZIP_SUFFIX = ".gz";
  static final String ARCHIVED = "journal.archived";
  static final String SNAPSHOTS = "snapshots";

  private static final Pattern EPOCH_NAME = Pattern.compile("epoch-(\\d{8,10})");

  private JournalFiles() {}

  /**
   * One epoch: its directory in the journal, in the archive, or in both while files move.
   *
   * @param directories the journal's before the archive's
   */
  record Epoch(int number, List<Path> directories) {
    /** The directory that counts where there are two. */
    Path directory() {
      return directories.getFirst();
    }

    /** Queue files in order of time, plain or compressed. */
    List<Path> files() {
      Map<String, Path> byName = new TreeMap<>();
      for (Path directory : directories) {
        for (Path file : queueFiles(directory)) {
          byName.putIfAbsent(plainName(file), file);
        }
      }
      return List.copyOf(byName.values());
    }

    /** Reads and checks the epoch's head. */
    EpochFile.Head head() {
      for (Path directory : directories) {
        if (Files.exists(directory.resolve(EPOCH))) {
          return EpochFile.read(directory);
        }
      }
      return EpochFile.read(directory());
    }
  }

  /** Name of a queue file without what compression adds. */
  static String plainName(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(GZIP_SUFFIX)
        ? name.substring(0, name.length() - GZIP_SUFFIX.length())
        : name;
  }

  static Path epochDirectory(Path journal, int epoch) {
    return journal.resolve(String.format(Locale.ROOT, "epoch-%08d", epoch));
  }

  /** Epochs in ascending order; empty when the directory has none. */
  static List<Epoch> epochs(Path journal) {
    return epochs(List.of(journal));
  }

  /** Epochs of a journal and its archive, given in this order. */
  static List<Epoch> epochs(List<Path> roots) {
    Map<Integer, List<Path>> found = new TreeMap<>();
    for (Path root : roots) {
      for (Path path : list(root)) {
        Matcher matcher = EPOCH_NAME.matcher(path.getFileName().toString());
        if (matcher.matches()) {
          found
              .computeIfAbsent(Integer.parseInt(matcher.group(1)), number -> new ArrayList<>())
              .add(path);
        }
      }
    }
    List<Epoch> epochs = new ArrayList<>();
    found.forEach((number, directories) -> epochs.add(new Epoch(number, directories)));
    return epochs;
  }

  /** See {@link JournalReader#durablePosition}. */
  static long durablePosition(List<Path> roots) {
    return newestHead(roots).durableMark();
  }

  /** See {@link JournalReader#identity}. */
  static byte[] identity(List<Path> roots) {
    return newestHead(roots).identity();
  }

  private static EpochFile.Head newestHead(List<Path> roots) {
    List<Epoch> epochs = epochs(roots);
    if (epochs.isEmpty()) {
      throw new JournalException(
          JournalException.Reason.NOT_ACCESSIBLE, "no journal in " + roots.getFirst());
    }
    return epochs.getLast().head();
  }

  /** First position that a journal holds. */
  static long firstPosition(List<Path> roots) {
    List<Epoch> epochs = epochs(roots);
    if (epochs.isEmpty()) {
      throw new JournalException(
          JournalException.Reason.NOT_ACCESSIBLE, "no journal in " + roots.getFirst());
    }
    long first = epochs.getFirst().head().firstPosition();
    JournalPoint archived = roots.size() == 1 ? ArchivedMark.read(roots.getFirst()) : null;
    return archived == null ? first : Math.max(first, archived.position() + 1);
  }

  /** Queue files of an epoch in order of time. */
  static List<Path> queueFiles(Path epochDirectory) {
    List<Path> files = new ArrayList<>();
    for (Path path : list(epochDirectory)) {
      if (plainName(path).endsWith(QUEUE_SUFFIX)) {
        files.add(path);
      }
    }
    Collections.sort(files);
    return files;
  }

  /** File name that Chronicle gives to the period that begins at {@code startMillis}. */
  static String queueFileName(RollPeriod roll, long startMillis) {
    return DateTimeFormatter.ofPattern(roll.cycle().format(), Locale.ROOT)
            .withZone(ZoneOffset.UTC)
            .format(Instant.ofEpochMilli(startMillis))
        + QUEUE_SUFFIX;
  }

  private static List<Path> list(Path directory) {
    try (Stream<Path> paths = Files.list(directory)) {
      return paths.toList();
    } catch (NoSuchFileException | NotDirectoryException e) {
      throw new JournalException(
          JournalException.Reason.NOT_ACCESSIBLE, "no journal directory at " + directory, e);
    } catch (IOException e) {
      throw new JournalException(
          JournalException.Reason.NOT_ACCESSIBLE, "cannot list " + directory + ": " + e, e);
    }
  }
}
