package org.micropay.vts.audit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.micropay.vts.journal.JournalException;
import org.micropay.vts.journal.JournalPlaces;
import org.micropay.vts.journal.SnapshotFile;
import org.micropay.vts.journal.SnapshotStore;

/**
 * The snapshots that lie beside a journal. One that is damaged, or another journal's, is a finding:
 * a server would leave it aside, but whoever relies on it for the archive must know. One thread.
 */
final class Snapshots {
  private static final Pattern POSITION = Pattern.compile("snapshot-(\\d{1,18})\\.vts");

  private final List<SnapshotFile> files = new ArrayList<>();
  private final List<Finding> findings = new ArrayList<>();

  private Snapshots() {}

  /** Every snapshot of the journal, each byte of it checked, and the one that was named. */
  static Snapshots of(JournalPlaces places, Optional<Path> named, byte[] identity) {
    Snapshots snapshots = new Snapshots();
    List<Path> paths = new ArrayList<>(new SnapshotStore(places.journal()).newestFirst());
    named.filter(path -> !paths.contains(path)).ifPresent(paths::add);
    for (Path path : paths) {
      snapshots.add(path, identity);
    }
    snapshots.files.sort(Comparator.comparingLong(file -> file.head().point().position()));
    return snapshots;
  }

  private void add(Path path, byte[] identity) {
    try {
      SnapshotFile file = SnapshotFile.open(path);
      file.verify();
      if (Arrays.equals(file.head().identity(), identity)) {
        files.add(file);
      } else {
        find(path, "it is another journal's");
      }
    } catch (JournalException e) {
      if (Files.exists(path)) { // else a newer one has taken its place
        find(path, e.getMessage());
      }
    }
  }

  private void find(Path path, String detail) {
    Matcher name = POSITION.matcher(path.getFileName().toString());
    long position = name.matches() ? Long.parseLong(name.group(1)) : 0;
    findings.add(new Finding(AuditFinding.SNAPSHOT, position, path.toString(), 0, detail));
  }

  /** Those that are whole, the oldest first. */
  List<SnapshotFile> files() {
    return files;
  }

  /** What is wrong with the others. */
  List<Finding> findings() {
    return findings;
  }

  /** The oldest whole one that a walk from {@code first} on comes by. */
  Optional<SnapshotFile> oldestFrom(long first) {
    return files.stream().filter(file -> file.head().point().position() >= first - 1).findFirst();
  }

  /** The one with this name, if it is whole. */
  Optional<SnapshotFile> at(Path path) {
    return files.stream().filter(file -> file.path().equals(path)).findFirst();
  }
}
