package org.micropay.vts.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.micropay.vts.journal.JournalFiles.Epoch;
import org.micropay.vts.journal.QueueFile.Found;

/**
 * What lies in a journal's folder, without reading it all: works on a journal that is being
 * written, and never writes.
 *
 * @param identity of the journal, hex
 * @param first position that the folder holds
 * @param last position of the last whole record
 * @param durable position up to which the writer has noted durability
 * @param archived position up to which records were moved to an archive; 0: none
 * @param epochs one for each opening by a writer
 * @param snapshots the newest first
 * @param tornBytes of an interrupted write at the end; -1 while a writer is at work
 */
public record JournalListing(
    String identity,
    long first,
    long last,
    long durable,
    long archived,
    List<EpochFiles> epochs,
    List<SnapshotEntry> snapshots,
    long tornBytes) {

  /**
   * An epoch.
   *
   * @param epoch its number
   * @param first position at which it begins
   * @param files in order of time
   */
  public record EpochFiles(int epoch, long first, List<CycleFile> files) {}

  /**
   * A cycle's file.
   *
   * @param name in the epoch's folder
   * @param first position of its first record; 0 when it has none
   * @param bytes on the disk
   */
  public record CycleFile(String name, long first, long bytes) {}

  /**
   * A snapshot.
   *
   * @param name of the file
   * @param position of the last record in it
   * @param floor the lowest position that going on from it needs
   * @param timeMillis of that record
   * @param bytes of the file
   * @param fault what is wrong with its head or table; empty when nothing is
   */
  public record SnapshotEntry(
      String name, long position, long floor, long timeMillis, long bytes, String fault) {}

  /**
   * Lists a journal, or an archive.
   *
   * @throws JournalException when there is none, or its end is damaged
   */
  public static JournalListing of(Path directory) {
    List<Path> roots = List.of(directory);
    List<Epoch> epochs = JournalFiles.epochs(roots);
    if (epochs.isEmpty()) {
      throw new JournalException(
          JournalException.Reason.NOT_ACCESSIBLE, "no journal in " + directory);
    }
    try {
      List<EpochFiles> listed = new ArrayList<>();
      for (Epoch epoch : epochs) {
        listed.add(list(epoch));
      }
      JournalPoint archived = ArchivedMark.read(directory);
      long durable = JournalFiles.durablePosition(roots);
      long first = JournalFiles.firstPosition(roots);
      long last;
      long torn = -1;
      try (FileJournalReader reader = FileJournalReader.openNear(roots, Math.max(first, durable))) {
        while (reader.next(FrameHandler.NONE)) {
          // To the end; what is durable was stepped over.
        }
        if (!JournalWalk.isLocked(directory.resolve(JournalFiles.LOCK))) {
          torn = reader.tail().tornBytes();
        }
        last = reader.position();
      }
      return new JournalListing(
          HexFormat.of().formatHex(JournalFiles.identity(roots)),
          first,
          last,
          durable,
          archived == null ? 0 : archived.position(),
          listed,
          snapshots(directory),
          torn);
    } catch (IOException e) {
      throw new JournalException(
          JournalException.Reason.NOT_ACCESSIBLE, "cannot list " + directory + ": " + e, e);
    }
  }

  private static EpochFiles list(Epoch epoch) throws IOException {
    List<CycleFile> files = new ArrayList<>();
    for (Path path : epoch.files()) {
      try (QueueFile file = QueueFile.open(path)) {
        boolean begun =
            file.look() == Found.DATA && file.frameLength() >= FrameLayout.MIN_FRAME_LENGTH;
        files.add(
            new CycleFile(
                path.getFileName().toString(),
                begun ? FrameCodec.positionAt(file.mapping(), file.frameOffset()) : 0,
                Files.size(path)));
      }
    }
    return new EpochFiles(epoch.number(), epoch.head().firstPosition(), files);
  }

  private static List<SnapshotEntry> snapshots(Path directory) throws IOException {
    List<SnapshotEntry> entries = new ArrayList<>();
    for (Path path : new SnapshotStore(directory).newestFirst()) {
      String name = path.getFileName().toString();
      try {
        SnapshotHead head = SnapshotFile.open(path).head();
        entries.add(
            new SnapshotEntry(
                name,
                head.point().position(),
                head.floor(),
                head.timeMillis(),
                Files.size(path),
                ""));
      } catch (JournalException e) {
        entries.add(new SnapshotEntry(name, 0, 0, 0, Files.size(path), e.getMessage()));
      }
    }
    return entries;
  }
}
