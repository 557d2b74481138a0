package org.micropay.vts.journal;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.micropay.vts.journal.JournalException.Reason;

/**
 * Where the records of one journal are: its folder, and the archive that older files are moved to.
 * Readers that may be asked for old records open them here, so that archiving a file changes
 * nothing for them. Only reads; any thread.
 *
 * @param journal the journal's folder, of a running server or a copy
 * @param archive the archive's folder, which need not be there yet; null: none is known
 */
public record JournalPlaces(Path journal, Path archive) {
  /** A journal without an archive. */
  public static JournalPlaces of(Path journal) {
    return new JournalPlaces(journal, null);
  }

  /** The folders that are there, the journal's first: what it holds counts before the archive. */
  List<Path> roots() {
    return archive != null && Files.isDirectory(archive)
        ? List.of(journal, archive)
        : List.of(journal);
  }

  /** Up to which record the journal was moved to an archive, as its own mark says; or empty. */
  public Optional<JournalPoint> archivedTo() {
    return Optional.ofNullable(ArchivedMark.read(journal));
  }

  /** The first position that journal and archive hold. */
  public long firstPosition() {
    return JournalFiles.firstPosition(roots());
  }

  /**
   * Opens a reader whose first record will be {@code position}, see {@link JournalReader#open(Path,
   * long)}. The archive is looked at only when the journal does not go back that far.
   *
   * @throws JournalException NOT_ACCESSIBLE when neither holds the position
   */
  public JournalReader open(long position) {
    return open(position, FileJournalReader::open);
  }

  /** The same without checking what lies before, see {@link JournalReader#openNear}. */
  public JournalReader openNear(long position) {
    return open(position, FileJournalReader::openNear);
  }

  private interface Opener {
    JournalReader open(List<Path> roots, long position);
  }

  private JournalReader open(long position, Opener opener) {
    List<Path> roots = roots();
    if (roots.size() > 1) {
      try {
        if (position >= JournalFiles.firstPosition(List.of(journal))) {
          return opener.open(List.of(journal), position);
        }
      } catch (JournalException e) {
        // A file may have been moved between the two looks; then it is in the archive.
        if (e.reason() != Reason.NOT_ACCESSIBLE) {
          throw e;
        }
      }
    }
    return opener.open(roots, position);
  }
}
