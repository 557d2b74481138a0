package org.micropay.vts.audit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.micropay.vts.audit.KnownPoints.Known;
import org.micropay.vts.journal.ArchiveCheck;
import org.micropay.vts.journal.JournalArchive;
import org.micropay.vts.journal.JournalException;
import org.micropay.vts.journal.JournalPoint;
import org.micropay.vts.journal.JournalWalk;
import org.micropay.vts.journal.SnapshotFile;
import org.micropay.vts.ticket.Bytes32;

/**
 * Where an audit begins, and what it compares with. At record 1 if that is there, in the journal or
 * in the archive: then nothing is trusted. Else, or when it is told to, with the state of a
 * snapshot, which the result names. The calling thread's; owns walk and fold.
 */
final class Beginning implements AutoCloseable {
  private final AuditOptions options;
  private final FindingList findings = new FindingList();
  private final KnownPoints points = new KnownPoints();
  private final List<String> notChecked = new ArrayList<>();
  private JournalWalk walk;
  private Snapshots snapshots;
  private Fold fold;
  private AuditReport.Trusted trusted;

  private Beginning(AuditOptions options) {
    this.options = options;
  }

  /**
   * Opens the walk and finds the state to begin with.
   *
   * @throws JournalException as {@link Auditor#run}; CORRUPT when the first head is damaged
   */
  static Beginning of(AuditOptions options) {
    Path archive = options.places().archive();
    require("archive", archive, archive == null || Files.isDirectory(archive));
    options.snapshot().ifPresent(file -> require("snapshot", file, Files.isRegularFile(file)));
    Beginning beginning = new Beginning(options);
    try {
      beginning.open();
      return beginning;
    } catch (RuntimeException e) {
      beginning.close();
      throw e;
    }
  }

  private static void require(String what, Path path, boolean there) {
    if (!there) {
      throw JournalException.inaccessible("no %s at %s".formatted(what, path));
    }
  }

  private void open() {
    walk = JournalWalk.open(options.places());
    snapshots = Snapshots.of(options.places(), options.snapshot(), walk.identity());
    snapshots.findings().forEach(findings::add);
    Optional<SnapshotFile> start =
        options.snapshot().flatMap(snapshots::at).filter(this::openBehind);
    boolean whole = walk.firstPosition() == 1 && start.isEmpty();
    if (!whole && start.isEmpty()) {
      start = snapshots.oldestFrom(walk.firstPosition());
    }
    checkFirst();
    collectPoints(whole);
    fold =
        new Fold(
            options.vtsKey(),
            only(TreeHead.class),
            points,
            Bytes32.of(walk.identity()),
            options.kernel(),
            findings);
    fold.begin(walk.firstPosition() - 1, walk.firstChain());
    fold.compareWith(snapshots.files());
    if (!whole) {
      beginInTheMiddle(start.orElse(null));
    }
    points.compare(
        walk.firstPosition() - 1,
        walk.firstChain(),
        (code, detail) -> find(code, walk.firstPosition(), detail));
  }

  /** Lets the walk begin behind a snapshot; not if the journal has another record there. */
  private boolean openBehind(SnapshotFile snapshot) {
    try {
      JournalWalk behind = JournalWalk.openAfter(options.places(), snapshot.head().start());
      walk.close();
      walk = behind;
      return true;
    } catch (JournalException e) {
      if (e.reason() != JournalException.Reason.BEHIND
          && e.reason() != JournalException.Reason.CORRUPT) {
        throw e;
      }
      findings.add(
          new Finding(
              AuditFinding.SNAPSHOT,
              snapshot.head().point().position(),
              snapshot.path().toString(),
              0,
              e.getMessage()));
      return false;
    }
  }

  /** Record 1 continues the genesis; an archive that was named holds the first records. */
  private void checkFirst() {
    if (walk.firstPosition() == 1 && !Arrays.equals(walk.firstChain(), walk.genesis())) {
      find(
          AuditFinding.EPOCH_HEAD,
          1,
          "the first epoch does not begin with the genesis hash of its identity");
    }
    if (walk.firstPosition() > 1
        && options.places().archive() != null
        && options.snapshot().isEmpty()) {
      find(
          AuditFinding.RECORD_MISSING,
          1,
          "journal and archive begin at position " + walk.firstPosition());
    }
  }

  private void find(AuditFinding code, long position, String detail) {
    findings.add(new Finding(code, position, options.journal().toString(), 0, detail));
  }

  // ---- what is known from elsewhere

  private <T> List<T> only(Class<T> kind) {
    return options.checkpoints().stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  private void collectPoints(boolean whole) {
    for (Checkpoint earlier : only(Checkpoint.class)) {
      collect(earlier);
    }
    if (!whole && only(TreeHead.class).stream().anyMatch(head -> head.size() > 0)) {
      throw JournalException.inaccessible(
          "a tree head of the log can only be compared from record 1 on, and this audit begins at"
              + " %d; name the archive (--archive)".formatted(walk.firstPosition()));
    }
    for (SnapshotFile snapshot : snapshots.files()) {
      add(AuditFinding.SNAPSHOT, snapshot.head().point(), "snapshot " + snapshot.path());
    }
    options
        .places()
        .archivedTo()
        .ifPresent(mark -> add(AuditFinding.ARCHIVE, mark, "the journal's mark of the archive"));
    if (options.places().archive() != null) {
      for (JournalArchive.Moved entry : manifest()) {
        byte[] chain = HexFormat.of().parseHex(entry.chain());
        add(
            AuditFinding.ARCHIVE,
            new JournalPoint(entry.last(), chain),
            "the manifest's entry of " + entry.file());
      }
    }
  }

  private void collect(Checkpoint earlier) {
    if (earlier.position() < walk.firstPosition() - 1) {
      throw JournalException.inaccessible(
          "the checkpoint at position %d lies before position %d, where this audit begins; name the"
                  .formatted(earlier.position(), walk.firstPosition())
              + " archive (--archive)");
    }
    if (earlier.identity().isPresent() && !earlier.identity().get().equalsAt(walk.identity(), 0)) {
      find(
          AuditFinding.CHECKPOINT,
          walk.firstPosition(),
          "the anchor is of the journal %s, this is %s"
              .formatted(earlier.identity().get().toHex(), Bytes32.of(walk.identity()).toHex()));
      return;
    }
    points.add(
        new Known(earlier.position(), earlier.chain(), AuditFinding.CHECKPOINT, "the checkpoint"));
  }

  private void add(AuditFinding code, JournalPoint point, String source) {
    if (point.position() >= walk.firstPosition() - 1) {
      points.add(new Known(point.position(), Bytes32.of(point.chain()), code, source));
    }
  }

  private List<JournalArchive.Moved> manifest() {
    try {
      return JournalArchive.manifest(options.places().archive());
    } catch (JournalException e) {
      find(AuditFinding.ARCHIVE, 1, e.getMessage());
      return List.of();
    }
  }

  /** Holds the archive's files to the manifest; any thread. */
  List<Finding> checkArchive() {
    Path archive = options.places().archive();
    if (archive == null) {
      return List.of();
    }
    try {
      return ArchiveCheck.run(archive).stream()
          .map(
              fault ->
                  new Finding(
                      AuditFinding.ARCHIVE, fault.position(), fault.file(), 0, fault.text()))
          .toList();
    } catch (JournalException e) {
      return List.of(); // the manifest itself: named above
    }
  }

  // ---- without the first records

  private void beginInTheMiddle(SnapshotFile start) {
    SnapshotState state = start == null ? null : load(start);
    long first = walk.firstPosition();
    notChecked.add(
        first == 1
            ? "decisions before the snapshot's record"
            : "records 1 to %,d: %s"
                .formatted(
                    first - 1, options.snapshot().isPresent() ? "not read" : "they are not here"));
    if (state == null) {
      find(
          AuditFinding.FIRST_RECORD,
          first,
          "records 1 to %d are not here, and no whole snapshot leads to record %d; name the"
                  .formatted(first - 1, first)
              + " archive (--archive)");
      fold.beginWithNothing();
      return;
    }
    long at = start.head().point().position();
    if (at >= first) {
      notChecked.add(
          "decisions of records %,d to %,d: the state before them is not known"
              .formatted(first, at));
    }
    state.unread().forEach(notChecked::add);
    fold.beginWith(start, state);
    trusted =
        new AuditReport.Trusted(
            start.path().toString(),
            at,
            HexFormat.of().formatHex(start.digest()),
            fold.startDigest());
  }

  private SnapshotState load(SnapshotFile start) {
    try {
      return SnapshotState.load(start);
    } catch (RuntimeException e) {
      findings.add(
          new Finding(
              AuditFinding.SNAPSHOT,
              start.head().point().position(),
              start.path().toString(),
              0,
              String.valueOf(e.getMessage())));
      return null;
    }
  }

  // ---- results

  JournalWalk walk() {
    return walk;
  }

  Fold fold() {
    return fold;
  }

  FindingList findings() {
    return findings;
  }

  /** The state that the audit began with; null when it began with record 1. */
  AuditReport.Trusted trusted() {
    return trusted;
  }

  /** What could not be checked, after the fold. */
  List<String> notChecked() {
    List<String> lines = new ArrayList<>(notChecked);
    lines.addAll(fold.notChecked());
    return lines;
  }

  @Override
  public void close() {
    if (fold != null) {
      fold.close();
    }
    if (walk != null) {
      walk.close();
    }
  }
}
