package org.micropay.vts.appliance.log;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.micropay.vts.appliance.config.ApplianceConfig;
import org.micropay.vts.journal.JournalPlaces;
import org.micropay.vts.pipeline.HaltPort;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.transparency.Checkpoint;
import org.micropay.vts.transparency.CheckpointRecord;
import org.micropay.vts.transparency.CosignatureRecord;
import org.micropay.vts.transparency.DirectoryFiles;
import org.micropay.vts.transparency.LogDataException;
import org.micropay.vts.transparency.LogPublisher;
import org.micropay.vts.transparency.LogSource;
import org.micropay.vts.transparency.NoteLine;
import org.micropay.vts.transparency.Proofs;
import org.micropay.vts.transparency.PublishPolicy;
import org.micropay.vts.transparency.PublishedLog;
import org.micropay.vts.transparency.SignedNote;
import org.micropay.vts.transparency.TileNodes;
import org.micropay.vts.transparency.VerifierKey;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's transparency log: one thread publishes behind the journal, a second asks witnesses.
 * Neither is on a claim's way: when the folder's disk fails, publishing waits and grants go on;
 * when journal and checkpoints contradict each other, the process halts.
 *
 * <p>Made and closed by the server; all other methods are for any thread.
 */
public final class TransparencyLog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("vts.log");
  private static final long IDLE_NANOS = 20_000_000;
  private static final long RETRY_NANOS = 1_000_000_000;
  private static final long WITNESS_NANOS = 50_000_000;
  private static final long WITNESS_RETRY_NANOS = 30_000_000_000L;
  private static final long JOIN_MILLIS = 30_000;

  private record Submission(CosignatureRecord record, CompletableFuture<Long> position) {}

  private final LogKey key;
  private final JournalTail journal;
  private final DirectoryFiles files;
  private final PublishedLog published;
  private final LogPublisher publisher;
  private final Witnesses witnesses;
  private final HaltPort halt;
  private final LongSupplier clock;
  private final Queue<Submission> submissions = new ConcurrentLinkedQueue<>();
  private final Thread publishing;
  private final Thread asking;
  private volatile boolean running = true;
  private volatile String folderTrouble;
  private volatile String witnessTrouble;

  private TransparencyLog(
      LogKey key,
      JournalTail journal,
      DirectoryFiles files,
      LogPublisher publisher,
      Witnesses witnesses,
      HaltPort halt,
      LongSupplier clock) {
    this.key = key;
    this.journal = journal;
    this.files = files;
    this.published = new PublishedLog(files);
    this.publisher = publisher;
    this.witnesses = witnesses;
    this.halt = halt;
    this.clock = clock;
    publishing = Thread.ofPlatform().name("vts-log").unstarted(this::publish);
    asking = Thread.ofPlatform().name("vts-log-witness").daemon().unstarted(this::ask);
  }

  /**
   * Opens the log and starts to publish.
   *
   * @param settings folder, policy, witnesses
   * @param folder the log's folder, resolved
   * @param keyFile the log's key, resolved; made when it is missing and the log has not begun
   * @param origin the log's name
   * @param last the newest CHECKPOINT record of the journal
   * @param places the journal's files
   * @param durable how far they may be read
   * @param commands the way of the log's own records
   * @throws IOException when the key file cannot be used
   * @throws org.micropay.vts.transparency.LogContradictionException when the folder shows what the
   *     journal does not know
   */
  public static TransparencyLog start(
      ApplianceConfig.Log settings,
      Path folder,
      Path keyFile,
      String origin,
      Optional<CheckpointRecord> last,
      JournalPlaces places,
      LongSupplier durable,
      JournalCommands commands,
      HaltPort halt,
      LongSupplier clock)
      throws IOException {
    LogKey key = LogKey.open(keyFile, origin, last.isPresent());
    try {
      Witnesses witnesses = witnesses(settings.witnesses());
      JournalTail journal = new JournalTail(places, durable, commands);
      DirectoryFiles files = new DirectoryFiles(folder);
      PublishPolicy policy =
          new PublishPolicy(settings.intervalSeconds() * 1000L, settings.maxLeaves());
      LogPublisher publisher = LogPublisher.open(files, journal, key, policy, last);
      TransparencyLog log =
          new TransparencyLog(key, journal, files, publisher, witnesses, halt, clock);
      log.publishing.start();
      if (witnesses.any()) {
        log.asking.start();
      }
      return log;
    } catch (RuntimeException e) {
      key.close();
      throw e;
    }
  }

  private static Witnesses witnesses(List<ApplianceConfig.Witness> configured) {
    List<Witnesses.Witness> witnesses = new ArrayList<>();
    for (ApplianceConfig.Witness witness : configured) {
      VerifierKey key = VerifierKey.parse(witness.key());
      if (key.kind() != VerifierKey.Kind.COSIGNATURE) {
        throw new LogDataException(
            "log.witnesses: '%s' is a log's key; a witness's has type 4".formatted(key.name()));
      }
      witnesses.add(
          new Witnesses.Witness(
              key, witness.url() == null ? null : URI.create(witness.url().replaceAll("/+$", ""))));
    }
    return new Witnesses(witnesses);
  }

  private void publish() {
    // The reader's mappings belong to the thread that reads.
    try (journal) {
      publishUntilClosed();
    }
  }

  private void publishUntilClosed() {
    while (running) {
      try {
        int work = publisher.doWork(clock.getAsLong()) + takeSubmissions();
        folderTrouble = null;
        if (work == 0) {
          LockSupport.parkNanos(IDLE_NANOS);
        }
      } catch (UncheckedIOException e) {
        if (folderTrouble == null) {
          LOG.error("the log cannot be published: {}; trying again", e.getMessage());
        }
        folderTrouble = e.getMessage();
        LockSupport.parkNanos(RETRY_NANOS);
      } catch (RuntimeException | Error e) {
        if (running) {
          folderTrouble = e.getMessage();
          halt.halt("log", e);
        }
        return;
      }
    }
  }

  private int takeSubmissions() {
    int taken = 0;
    for (Submission next = submissions.poll(); next != null; next = submissions.poll()) {
      taken++;
      try {
        next.position().complete(publisher.cosign(next.record()));
      } catch (LogDataException e) {
        next.position().completeExceptionally(e);
      } catch (RuntimeException e) {
        next.position().completeExceptionally(e);
        throw e;
      }
    }
    return taken;
  }

  private void ask() {
    SignedNote done = null;
    long retryAt = 0;
    while (running) {
      SignedNote note = publisher.shown();
      boolean fresh = note != null && (done == null || !note.text().equals(done.text()));
      if (fresh && System.nanoTime() - retryAt >= 0) {
        boolean all = askAll(note);
        done = all ? note : done;
        retryAt = System.nanoTime() + (all ? 0 : WITNESS_RETRY_NANOS);
      }
      LockSupport.parkNanos(WITNESS_NANOS);
    }
  }

  /** False when one is to be asked again. */
  private boolean askAll(SignedNote note) {
    Checkpoint checkpoint = Checkpoint.parse(note.text());
    List<String> troubles = new ArrayList<>();
    for (Witnesses.Witness witness : witnesses.asked()) {
      try {
        submit(witnesses.ask(witness, note, checkpoint, old -> consistency(old, checkpoint.size())))
            .join();
      } catch (Witnesses.WitnessException | RuntimeException e) {
        troubles.add(e.getMessage());
      }
    }
    String trouble = troubles.isEmpty() ? null : String.join("; ", troubles);
    if (trouble != null && !trouble.equals(witnessTrouble)) {
      LOG.warn("witness: {}", trouble);
    }
    witnessTrouble = trouble;
    return troubles.isEmpty();
  }

  private List<Bytes32> consistency(long oldSize, long newSize) {
    return Proofs.consistency(oldSize, newSize, new TileNodes(files, newSize));
  }

  private CompletableFuture<Long> submit(CosignatureRecord record) {
    CompletableFuture<Long> position = new CompletableFuture<>();
    submissions.add(new Submission(record, position));
    LockSupport.unpark(publishing);
    if (!running) {
      position.completeExceptionally(new IllegalStateException("the server is going down"));
    }
    return position;
  }

  /**
   * Takes a checkpoint that a witness has cosigned.
   *
   * @param note the checkpoint's text with the witness's lines
   * @return completes with the names of the witnesses whose lines were new, once they are durable;
   *     fails with a {@link LogDataException} when one is refused
   * @throws LogDataException when the note is none, or no line is a known witness's
   */
  public CompletableFuture<List<String>> cosign(byte[] note) {
    List<CosignatureRecord> records = witnesses.in(SignedNote.parse(note));
    if (records.isEmpty()) {
      throw new LogDataException(
          witnesses.keys().isEmpty()
              ? "no witness is configured; see log.witnesses"
              : "no line is of a configured witness: "
                  + witnesses.keys().stream().map(VerifierKey::name).toList());
    }
    List<String> names = java.util.Collections.synchronizedList(new ArrayList<>());
    CompletableFuture<?>[] all =
        records.stream()
            .map(
                record ->
                    submit(record)
                        .thenAccept(
                            position -> {
                              if (position > 0) {
                                names.add(record.witness().name());
                              }
                            }))
            .toArray(CompletableFuture[]::new);
    return CompletableFuture.allOf(all).thenApply(done -> List.copyOf(names));
  }

  /** A file of the published log; empty when there is none. Reads the disk. */
  public Optional<byte[]> read(String path) {
    if (path.equals(LogSource.CHECKPOINT)) {
      SignedNote note = publisher.shown();
      return Optional.ofNullable(note).map(SignedNote::encode);
    }
    return org.micropay.vts.transparency.TilePath.parse(path)
        .flatMap(
            tile -> {
              try {
                return Optional.of(files.tile(tile));
              } catch (LogDataException e) {
                return Optional.empty();
              }
            });
  }

  /** Whether the shown checkpoint covers the journal record at {@code position}. */
  public boolean covers(long position) {
    CheckpointRecord signed = publisher.signed();
    return signed != null && publisher.shown() != null && position <= signed.through();
  }

  /**
   * The proof for the grant or double-spend at a journal position; empty when no checkpoint covers
   * it yet, or it is neither. Reads the disk.
   */
  public Optional<Inclusion> inclusion(long position) {
    SignedNote note = publisher.shown();
    if (note == null) {
      return Optional.empty();
    }
    Checkpoint checkpoint = Checkpoint.parse(note.text());
    return published
        .find(position, checkpoint.size())
        .map(
            found ->
                Inclusion.of(
                    found, checkpoint.size(), published.prove(found.index(), note, checkpoint)));
  }

  /** The key that verifies its checkpoints. */
  public VerifierKey key() {
    return key.key();
  }

  /** The log at a glance. */
  public LogStatus status() {
    SignedNote note = publisher.shown();
    CheckpointRecord signed = publisher.signed();
    Checkpoint checkpoint = note == null ? null : Checkpoint.parse(note.text());
    String trouble = folderTrouble == null ? witnessTrouble : folderTrouble;
    return new LogStatus(
        key.key().name(),
        key.key().toString(),
        publisher.leaves(),
        checkpoint == null ? 0 : checkpoint.size(),
        checkpoint == null ? null : checkpoint.root().toHex(),
        signed == null ? -1 : (clock.getAsLong() - signed.timeMillis()) / 1000,
        note == null
            ? List.of()
            : note.lines().stream()
                .map(NoteLine::name)
                .filter(name -> !name.equals(key.key().name()))
                .toList(),
        trouble);
  }

  @Override
  public void close() {
    running = false;
    journal.interrupt();
    LockSupport.unpark(publishing);
    LockSupport.unpark(asking);
    witnesses.close();
    try {
      publishing.join(JOIN_MILLIS);
      refuseSubmissions();
      asking.join(JOIN_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    refuseSubmissions();
    key.close();
  }

  private void refuseSubmissions() {
    for (Submission left = submissions.poll(); left != null; left = submissions.poll()) {
      left.position().completeExceptionally(new IllegalStateException("the server went down"));
    }
  }
}
