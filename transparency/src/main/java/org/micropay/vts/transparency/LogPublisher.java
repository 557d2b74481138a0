package org.micropay.vts.transparency;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.agrona.DirectBuffer;
import org.micropay.vts.ticket.Bytes32;

/**
 * Publishes the log behind the journal: reads what is durable, grows the tree, writes tiles, signs
 * a checkpoint when one is due, journals it, and only then shows it.
 *
 * <pre>
 *  durable records -> leaves -> tiles on disk -> signature -> record 30 durable -> checkpoint file
 *                                                             record 31 durable -> with cosignature
 * </pre>
 *
 * <p>So a crash between any two steps leaves either something that nobody has seen, or something
 * that the journal knows; {@link #doWork} goes on from there. The tree is a function of the
 * journal: every checkpoint that the journal holds is compared with it, and the folder is written
 * again from the journal when it is lost or damaged.
 *
 * <p>One thread: {@link #doWork}, again after an {@link java.io.UncheckedIOException} (the disk of
 * the folder), never again after anything else. The getters may be called by any thread.
 */
public final class LogPublisher {
  private static final int READ_LIMIT = 1024;

  private final LogFiles files;
  private final LogJournal journal;
  private final CheckpointSigner signer;
  private final PublishPolicy policy;
  private final byte[] leaf = new byte[LeafLayout.MAX_LENGTH];
  private final List<CosignatureRecord> cosignatures = new ArrayList<>();

  private GrowingLog log;
  private long catchUpTo;
  private long covered;
  private long waitingSinceMillis;
  private boolean partialsCollected;

  /** The folder is made anew; it has no partial tiles for the signed checkpoint yet. */
  private boolean anew;

  private byte[] shownBytes = new byte[0];
  private long[] shownSizes = {0, 0};

  /** Position of the last record read. */
  private volatile long through;

  private volatile long leaves;
  private volatile CheckpointRecord signed;
  private volatile SignedNote shown;

  private LogPublisher(
      LogFiles files, LogJournal journal, CheckpointSigner signer, PublishPolicy policy) {
    this.files = files;
    this.journal = journal;
    this.signer = signer;
    this.policy = policy;
  }

  /**
   * A publisher that goes on where the journal's last checkpoint ends. Writes nothing yet.
   *
   * @param last the newest CHECKPOINT record of the journal; empty when it has none
   * @throws LogContradictionException when the folder shows a checkpoint that the journal does not
   *     know (it is older than what was published), or the log's key is not the one that signed
   */
  public static LogPublisher open(
      LogFiles files,
      LogJournal journal,
      CheckpointSigner signer,
      PublishPolicy policy,
      Optional<CheckpointRecord> last) {
    LogPublisher publisher = new LogPublisher(files, journal, signer, policy);
    last.ifPresent(publisher::requireSameKey);
    publisher.requireJournalKnows(last);
    publisher.resume(last);
    return publisher;
  }

  private void requireSameKey(CheckpointRecord last) {
    VerifierKey key = signer.key();
    if (last.checkpoint().origin().equals(key.name())
        && !last.publicKey().equals(key.publicKey())) {
      throw new LogContradictionException(
          "the log key is %s, but the last checkpoint of log '%s' was signed by %s; put that key"
                  .formatted(key.publicKey(), key.name(), last.publicKey())
              + " back, or give the log a new origin");
    }
  }

  /** The folder may be behind the journal, never ahead of it. */
  private void requireJournalKnows(Optional<CheckpointRecord> last) {
    Optional<Checkpoint> shownBefore = readShown();
    if (shownBefore.isEmpty()) {
      return;
    }
    Checkpoint before = shownBefore.get();
    long known = last.map(record -> record.checkpoint().size()).orElse(-1L);
    boolean sameSize = before.size() == known;
    if (before.size() > known
        || sameSize && !before.root().equals(last.get().checkpoint().root())) {
      throw new LogContradictionException(
          "%s shows a checkpoint of %d leaves with root %s; the journal's last has %s. The journal is"
                  .formatted(
                      files,
                      before.size(),
                      before.root(),
                      last.map(r -> r.checkpoint().size() + " with root " + r.checkpoint().root())
                          .orElse("none"))
              + " older than what was published, or not the one that this log was made of; bring"
              + " the newer one back, or begin another log: a new origin and directory");
    }
  }

  private Optional<Checkpoint> readShown() {
    Optional<byte[]> bytes = files.read(LogSource.CHECKPOINT);
    try {
      return bytes.map(note -> Checkpoint.of(SignedNote.parse(note), signer.key()));
    } catch (LogDataException e) {
      // Torn, or of another origin: it proves nothing against the journal and is written again.
      return Optional.empty();
    }
  }

  private void resume(Optional<CheckpointRecord> last) {
    catchUpTo = journal.durablePosition();
    if (last.isPresent()) {
      try {
        log = GrowingLog.resume(files, last.get().checkpoint());
        signed = last.get();
        covered = log.size();
        through = signed.through();
      } catch (LogDataException e) {
        // Lost or damaged files: once more from the first record.
        log = null;
      }
    }
    if (log == null) {
      log = GrowingLog.empty(files);
      anew = last.isPresent();
    }
    leaves = log.size();
    journal.seek(through + 1);
  }

  /**
   * Does a bounded amount of work.
   *
   * @param nowMillis Unix milliseconds
   * @return 0 when there was nothing to do
   * @throws java.io.UncheckedIOException when the folder cannot be written; call again later
   * @throws LogContradictionException when journal and checkpoints do not agree; do not call again
   */
  public int doWork(long nowMillis) {
    log.writeGroups();
    int read = read(nowMillis);
    if (through < catchUpTo) {
      return read;
    }
    boolean due =
        signed == null
            || anew
            || partialsCollected
            || policy.isDue(log.size() - covered, nowMillis - waitingSinceMillis);
    if (due) {
      sign(nowMillis);
    }
    return read + (show() || due ? 1 : 0);
  }

  private int read(long nowMillis) {
    if (partialsCollected) {
      // The tiles collected are of this very size; first they and their checkpoint.
      return 0;
    }
    int read = 0;
    long before = log.size();
    while (read < READ_LIMIT && journal.next(this::onRecord)) {
      read++;
      log.writeGroups();
    }
    if (before == covered && log.size() > before) {
      waitingSinceMillis = nowMillis;
    }
    leaves = log.size();
    return read;
  }

  private void onRecord(
      long position, int type, long timeMillis, DirectBuffer payload, int offset, int length) {
    if (LeafEncoder.isLeaf(type)) {
      log.append(
          leaf, LeafEncoder.encode(type, position, timeMillis, payload, offset, length, leaf, 0));
    } else if (type == CheckpointRecord.TYPE) {
      onCheckpoint(position, CheckpointRecord.decode(bytes(payload, offset, length)));
    } else if (type == CosignatureRecord.TYPE) {
      onCosignature(CosignatureRecord.decode(bytes(payload, offset, length)));
    }
    through = position;
  }

  private static byte[] bytes(DirectBuffer payload, int offset, int length) {
    byte[] copy = new byte[length];
    payload.getBytes(offset, copy);
    return copy;
  }

  /** A checkpoint that the journal holds must be of this tree, whoever wrote it. */
  private void onCheckpoint(long position, CheckpointRecord record) {
    if (record.equals(signed)) {
      return;
    }
    Checkpoint checkpoint = record.checkpoint();
    if (record.through() >= position
        || checkpoint.size() > log.size()
        || !log.rootAt(checkpoint.size()).equals(checkpoint.root())) {
      throw new LogContradictionException(
          "record %d holds a checkpoint of %d leaves with root %s; the journal's grants and proofs do"
                  .formatted(position, checkpoint.size(), checkpoint.root())
              + " not make that tree");
    }
    if (!record.isSigned()) {
      throw new LogContradictionException(
          "record %d holds a checkpoint whose signature is wrong".formatted(position));
    }
    if (signed == null || checkpoint.size() >= signed.checkpoint().size()) {
      become(record);
    }
  }

  private void become(CheckpointRecord record) {
    signed = record;
    covered = record.checkpoint().size();
    cosignatures.clear();
  }

  private void onCosignature(CosignatureRecord record) {
    if (signed != null && record.verifies(signed.checkpoint()) && !cosignatures.contains(record)) {
      cosignatures.add(record);
    }
  }

  /** Tiles to disk, then the signature into the journal. */
  private void sign(long nowMillis) {
    if (!partialsCollected) {
      log.collectPartial();
      partialsCollected = true;
    }
    log.write();
    if (signed == null || log.size() > covered) {
      become(signedNow(nowMillis));
    }
    anew = false;
    partialsCollected = false;
  }

  private CheckpointRecord signedNow(long nowMillis) {
    Checkpoint checkpoint = new Checkpoint(signer.key().name(), log.size(), log.root());
    CheckpointRecord record =
        new CheckpointRecord(
            checkpoint,
            through,
            nowMillis,
            signer.key().publicKey(),
            signer.sign(checkpoint.textBytes()));
    if (!record.isSigned()) {
      throw new LogContradictionException("the log key's own signature does not verify");
    }
    journal.append(CheckpointRecord.TYPE, record.encode());
    return record;
  }

  /** Shows the journaled checkpoint; false when it is shown already. */
  private boolean show() {
    if (signed == null) {
      return false;
    }
    SignedNote note = signed.note();
    for (CosignatureRecord record : cosignatures) {
      note = note.with(record.cosignature().toLine(record.witness()));
    }
    byte[] bytes = note.encode();
    if (java.util.Arrays.equals(bytes, shownBytes)) {
      return false;
    }
    files.write(List.of(new LogFiles.NewFile(LogSource.CHECKPOINT, bytes)));
    shownBytes = bytes;
    shown = note;
    removeOldPartials(signed.checkpoint().size());
    return true;
  }

  /**
   * Partial tiles go once a checkpoint before the newest has them full: who still reads that one
   * finds the full tile.
   */
  private void removeOldPartials(long size) {
    if (size == shownSizes[1]) {
      return;
    }
    for (int level = TilePath.ENTRIES; level < TilePath.HEIGHT; level++) {
      long old = TilePath.hashes(shownSizes[0], level) / TilePath.FULL;
      if (old < TilePath.hashes(shownSizes[1], level) / TilePath.FULL) {
        files.deleteFolder(new TilePath(level, old, TilePath.FULL).partialFolder());
      }
    }
    shownSizes = new long[] {shownSizes[1], size};
  }

  /**
   * A witness's cosignature on the checkpoint that is shown: verified, journaled, then shown with
   * it. The publisher's thread.
   *
   * @return the journal position; 0 when it was there already
   * @throws LogDataException when it is for another checkpoint, or its signature is wrong
   */
  public long cosign(CosignatureRecord record) {
    if (signed == null || shown == null || record.size() != signed.checkpoint().size()) {
      throw new LogDataException(
          "the cosignature is for a checkpoint of %d leaves; the newest has %s"
              .formatted(record.size(), signed == null ? "none" : signed.checkpoint().size()));
    }
    if (!record.verifies(signed.checkpoint())) {
      throw new LogDataException(
          "the cosignature of '%s' on the checkpoint of %d leaves is wrong"
              .formatted(record.witness().name(), record.size()));
    }
    if (cosignatures.stream().anyMatch(known -> known.witness().equals(record.witness()))) {
      return 0;
    }
    long position = journal.append(CosignatureRecord.TYPE, record.encode());
    cosignatures.add(record);
    show();
    return position;
  }

  /** The newest checkpoint that the journal holds; null before the first. */
  public CheckpointRecord signed() {
    return signed;
  }

  /** The note that the folder shows; null before the first. */
  public SignedNote shown() {
    return shown;
  }

  /** Leaves read from the journal, covered or not. */
  public long leaves() {
    return leaves;
  }

  /** Journal position up to which leaves were read. */
  public long through() {
    return through;
  }

  /** Root of the present tree; the publisher's thread. */
  Bytes32 root() {
    return Objects.requireNonNull(log).root();
  }
}
