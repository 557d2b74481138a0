package org.micropay.vts.appliance.server;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.function.LongConsumer;
import org.micropay.vts.appliance.config.ConfigFile;
import org.micropay.vts.journal.JournalException;
import org.micropay.vts.journal.JournalPlaces;
import org.micropay.vts.journal.JournalPoint;
import org.micropay.vts.journal.JournalReader;
import org.micropay.vts.journal.SnapshotFile;
import org.micropay.vts.journal.SnapshotHead;
import org.micropay.vts.journal.SnapshotStore;
import org.micropay.vts.journal.SnapshotWriter;

/**
 * Takes snapshots without the running server: folds the journal a second time, from the snapshot
 * before, up to a durable record, and writes what comes out. The ring's threads and the server's
 * state are not touched; the price is a core's time at low priority and the state's memory once
 * more while it runs. On the way every record is checked and decided again, so that a disk that
 * lost or changed one, or a ledger that would not replay, is found out hours before a restart needs
 * it.
 *
 * <p>One at a time for a journal, over all processes; any thread.
 */
public final class Snapshotter {
  private static final int PROGRESS = 1 << 16;

  private final Path journal;
  private final Path archive;
  private final ServerState.StateSizes sizes;
  private final int kept;
  private final ReplayHashes hashes;

  /**
   * A snapshotter.
   *
   * @param archive where older files of the journal are, or null
   * @param escrows capacity of the ledger, at least as large as any in the journal
   * @param deposits the same of deposits
   * @param kept how many snapshots are kept
   * @param hashes for the hash chain and the ledger's keys
   */
  public Snapshotter(
      Path journal, Path archive, int escrows, int deposits, int kept, ReplayHashes hashes) {
    this.journal = journal;
    this.archive = archive;
    this.sizes = new ServerState.StateSizes(escrows, deposits);
    this.kept = kept;
    this.hashes = hashes;
  }

  /** As the configuration says. */
  public static Snapshotter of(ConfigFile file) {
    return StateSettings.snapshotter(file);
  }

  /**
   * What was taken.
   *
   * @param path of the file
   * @param position of the last record in it
   * @param from where the fold began: position of the snapshot before, or 0
   * @param bytes of the file
   */
  public record Taken(Path path, long position, long from, long bytes) {}

  /** Another process or thread is taking one. */
  public static final class BusyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BusyException(Path folder) {
      super("another snapshot is being taken in " + folder);
    }
  }

  /** Position of the newest snapshot file, 0 when there is none; unread. */
  public long newest() {
    SnapshotStore store = new SnapshotStore(journal);
    for (Path path : store.newestFirst()) {
      try {
        return SnapshotFile.open(path).head().point().position();
      } catch (JournalException e) {
        continue;
      }
    }
    return 0;
  }

  /**
   * Takes one.
   *
   * @param upTo the last durable record to fold; at least 1
   * @param known that record with the chain hash that its writer gave it, or null
   * @param progress told the position now and then
   * @throws JournalException when the journal is damaged or does not hold what was written to it
   * @throws RuntimeException when it does not replay
   */
  public Taken take(long upTo, JournalPoint known, LongConsumer progress) {
    SnapshotStore store = new SnapshotStore(journal);
    try {
      Files.createDirectories(store.folder());
      try (FileChannel channel =
              FileChannel.open(
                  store.folder().resolve("lock"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE);
          FileLock lock = tryLock(channel)) {
        if (lock == null) {
          throw new BusyException(store.folder());
        }
        return take(store, upTo, known, progress);
      }
    } catch (IOException e) {
      throw JournalException.io("cannot take a snapshot in " + store.folder() + ": " + e, e);
    }
  }

  private static FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  private Taken take(SnapshotStore store, long upTo, JournalPoint known, LongConsumer progress) {
    ServerState state = null;
    SnapshotHead before = null;
    byte[] identity = JournalReader.identity(journal);
    for (Path path : store.newestFirst()) {
      try {
        SnapshotFile snapshot = SnapshotFile.open(path);
        if (snapshot.head().point().position() <= upTo
            && Arrays.equals(snapshot.head().identity(), identity)) {
          state = ServerState.load(snapshot, sizes, hashes);
          before = snapshot.head();
          break;
        }
      } catch (JournalException | IllegalArgumentException | IllegalStateException e) {
        // A damaged one is of no use here; recovery would leave it aside too.
        continue;
      }
    }
    if (state == null) {
      state = ServerState.empty(sizes, hashes);
    }
    try (ServerState fold = state;
        JournalReader reader =
            before == null
                ? new JournalPlaces(journal, archive).open(1)
                : JournalReader.openAfter(journal, before.start(), hashes.chain())) {
      long from = fold.position();
      while (reader.position() < upTo && reader.next(fold)) {
        if (reader.position() % PROGRESS == 0) {
          progress.accept(reader.position());
        }
      }
      progress.accept(reader.position());
      if (fold.position() != upTo || known != null && !reader.point().equals(known)) {
        throw JournalException.behind(
            "the journal in %s reads as %s where %s was written"
                .formatted(journal, reader.point(), known == null ? "position " + upTo : known));
      }
      SnapshotHead head =
          new SnapshotHead(
              identity,
              reader.point(),
              reader.location() == null && before != null ? before.location() : reader.location(),
              fold.timeMillis(),
              fold.floor());
      return write(store, fold, head, from);
    }
  }

  private Taken write(SnapshotStore store, ServerState state, SnapshotHead head, long from) {
    Path path = store.fileFor(state.position());
    try (SnapshotWriter writer = SnapshotWriter.create(path, head)) {
      state.write(writer);
      writer.commit();
    }
    // Read back before an older one goes: what was written must be what is there.
    SnapshotFile.open(path).verify();
    store.keep(kept);
    try {
      return new Taken(path, state.position(), from, Files.size(path));
    } catch (IOException e) {
      throw JournalException.io("cannot read " + path + ": " + e, e);
    }
  }
}
