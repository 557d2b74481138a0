package org.micropay.vts.appliance.server;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.micropay.vts.affinity.Pinning;
import org.micropay.vts.appliance.config.ApplianceConfig;
import org.micropay.vts.journal.AnchorFile;
import org.micropay.vts.journal.ChronicleJournal;
import org.micropay.vts.journal.JournalArchive;
import org.micropay.vts.journal.JournalPoint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens beside the journal while a server runs: the anchor, snapshots by policy, and the
 * archive of old files. Two threads of its own, the second at the lowest priority; nothing of it is
 * on the ring's path, and none of its failures stops the server: they are logged and counted.
 *
 * <p>Closed after the journal is: then the anchor gets the last record, and a snapshot is taken if
 * {@value #WORTH_A_SNAPSHOT} records came since the last one.
 */
final class JournalKeeper implements AutoCloseable {
  static final int WORTH_A_SNAPSHOT = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger("vts.journal");
  private static final long JOIN_SECONDS = 60;

  private final ApplianceConfig.Journal config;
  private final ChronicleJournal journal;
  private final Path directory;
  private final byte[] identity;
  private final Path anchor;
  private final Path archive;
  private final Snapshotter snapshotter;
  private final LongSupplier clock;
  private final ScheduledExecutorService anchoring = executor("vts-anchor");
  private final ScheduledExecutorService snapshots = executor("vts-snapshot");
  private volatile boolean closing;
  private volatile long anchoredPosition = -1;
  private volatile long snapshotPosition;
  private volatile long snapshotMillis;
  private volatile long failures;

  /**
   * Where things are.
   *
   * @param directory the journal's
   * @param identity the journal's
   * @param anchor resolved path, or null
   * @param archive resolved path, or null
   */
  record Places(Path directory, byte[] identity, Path anchor, Path archive) {}

  JournalKeeper(
      ApplianceConfig.Journal config,
      Places places,
      ChronicleJournal journal,
      Snapshotter snapshotter,
      long snapshotPosition,
      LongSupplier clock) {
    this.config = config;
    this.directory = places.directory();
    this.identity = places.identity();
    this.anchor = places.anchor();
    this.archive = places.archive();
    this.journal = journal;
    this.snapshotter = snapshotter;
    this.snapshotPosition = snapshotPosition;
    this.snapshotMillis = clock.getAsLong();
    this.clock = clock;
  }

  private static ScheduledExecutorService executor(String name) {
    return Executors.newSingleThreadScheduledExecutor(
        Thread.ofPlatform().name(name).daemon().factory());
  }

  /** Writes the anchor once, so that a path that cannot be written shows at the start. */
  void start() {
    if (anchor != null) {
      if (!Files.exists(anchor) && journal.durablePosition() > 1) {
        LOG.warn(
            "no anchor at {}: it is written anew, and that this journal is the newest copy was not"
                + " checked",
            anchor);
      }
      AnchorFile.write(anchor, identity, journal.durablePoint(), clock.getAsLong());
      anchoring.scheduleWithFixedDelay(
          this::publish, config.anchorSeconds(), config.anchorSeconds(), TimeUnit.SECONDS);
    }
    if (config.snapshots()) {
      snapshots.execute(Pinning::lowerPriority);
      snapshots.scheduleWithFixedDelay(this::snapshotWhenDue, 1, 1, TimeUnit.SECONDS);
    }
  }

  private void publish() {
    try {
      JournalPoint point = journal.durablePoint();
      if (point.position() != anchoredPosition) {
        AnchorFile.write(anchor, identity, point, clock.getAsLong());
        anchoredPosition = point.position();
      }
    } catch (RuntimeException e) {
      failures++;
      LOG.warn("the anchor is not up to date: {}", e.getMessage());
    }
  }

  private void snapshotWhenDue() {
    long records = journal.durablePosition() - snapshotPosition;
    long minutes = (clock.getAsLong() - snapshotMillis) / 60_000;
    boolean byNumber = config.snapshotRecords() > 0 && records >= config.snapshotRecords();
    boolean byTime = config.snapshotMinutes() > 0 && minutes >= config.snapshotMinutes();
    if (records > 0 && (byNumber || byTime)) {
      snapshot();
      if (archive != null) {
        archive();
      }
    }
  }

  private void snapshot() {
    long start = System.nanoTime();
    // Also after a failure: the next one is tried when it is due again.
    snapshotMillis = clock.getAsLong();
    try {
      JournalPoint point = journal.durablePoint();
      Snapshotter.Taken taken = snapshotter.take(point.position(), point, this::proceed);
      snapshotPosition = taken.position();
      LOG.info(
          "snapshot at position {}: {} records since {}, {} MB, {} ms",
          taken.position(),
          taken.position() - taken.from(),
          taken.from(),
          taken.bytes() / 1_000_000,
          (System.nanoTime() - start) / 1_000_000);
    } catch (CancellationException e) {
      LOG.info("the snapshot under way was given up for the shutdown");
    } catch (Snapshotter.BusyException e) {
      LOG.info("{}", e.getMessage());
    } catch (RuntimeException e) {
      failures++;
      LOG.error("no snapshot, and a restart may fail the same way: {}", e.getMessage(), e);
    }
  }

  private void proceed(long position) {
    if (closing && Thread.currentThread().getName().equals("vts-snapshot")) {
      throw new CancellationException();
    }
  }

  private void archive() {
    try {
      long before = clock.getAsLong() - TimeUnit.HOURS.toMillis(config.archiveAfterHours());
      JournalArchive.Report report =
          JournalArchive.move(directory, archive, before, JournalArchive.Form.GZIP);
      if (!report.moved().isEmpty()) {
        LOG.info(
            "archived {} files up to position {} to {}",
            report.moved().size(),
            report.lastPosition(),
            archive);
      }
    } catch (RuntimeException e) {
      failures++;
      LOG.error("old journal files stay where they are: {}", e.getMessage(), e);
    }
  }

  /** Position of the newest snapshot that is known here; 0 for none. */
  long snapshotPosition() {
    return snapshotPosition;
  }

  /** Failed anchors, snapshots and archivings. */
  long failures() {
    return failures;
  }

  @Override
  public void close() {
    closing = true;
    stop(anchoring);
    stop(snapshots);
    if (anchor != null) {
      publish();
    }
    if (config.snapshots() && journal.durablePosition() - snapshotPosition >= WORTH_A_SNAPSHOT) {
      snapshot();
    }
  }

  private static void stop(ScheduledExecutorService executor) {
    executor.shutdown();
    try {
      if (!executor.awaitTermination(JOIN_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("a thread beside the journal did not end in {} s", JOIN_SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
