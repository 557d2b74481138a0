package org.micropay.vts.journal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.micropay.vts.journal.JournalException.Reason;
import org.micropay.vts.journal.JournalFiles.Epoch;

/**
 * Moves old files of a journal to an archive: a folder of the same shape, with a manifest. A file
 * goes only if nothing that starts from a kept snapshot needs it, and is deleted only after its
 * copy was read back from the archive and every record in it checked, hash chain included. Journal
 * and archive together read like the whole journal ({@link JournalReader#open(Path, Path, long)}).
 *
 * <p>Works beside a running writer: it touches finished files alone, and the writer never goes back
 * to them. One at a time for an archive, over all processes.
 */
public final class JournalArchive {
  private static final int BUFFER = 1 << 20;
  private static final String LEFTOVER = "archived-";

  /** How copies are stored. */
  public enum Form {
    /** As they are. */
    PLAIN,
    /** Compressed, RFC 1952. */
    GZIP
  }

  /**
   * One file that was moved.
   *
   * @param file path below the archive
   * @param first position of its first record
   * @param last position of its last
   * @param lastMillis time of its last
   * @param bytes of the file before compression
   * @param storedBytes of the copy
   * @param sha256 of the file before compression, hex
   * @param chain hash of the last record, hex
   */
  public record Moved(
      String file,
      long first,
      long last,
      long lastMillis,
      long bytes,
      long storedBytes,
      String sha256,
      String chain) {}

  /**
   * What a run did.
   *
   * @param moved files, oldest first
   * @param lastPosition up to which the journal is in the archive now; 0: nothing is
   * @param floor positions from here on are needed by a kept snapshot and stay
   * @param stopped why the next file stayed
   */
  public record Report(List<Moved> moved, long lastPosition, long floor, String stopped) {}

  private final Path journal;
  private final Path archive;
  private final long olderThanMillis;
  private final Form form;
  private final ArchiveManifest manifest;
  private final List<Moved> moved = new ArrayList<>();
  private JournalPoint mark;
  private long floor;
  private String stopped;

  private JournalArchive(Path journal, Path archive, long olderThanMillis, Form form) {
    this.journal = journal;
    this.archive = archive;
    this.olderThanMillis = olderThanMillis;
    this.form = form;
    this.manifest = new ArchiveManifest(archive);
  }

  /**
   * Moves what may be moved.
   *
   * @param olderThanMillis only files whose newest record is older, milliseconds since the epoch
   * @throws JournalException CORRUPT when a file or its copy is not whole, IO when the archive
   *     cannot be written; nothing is lost then
   */
  public static Report move(Path journal, Path archive, long olderThanMillis, Form form) {
    refuseOverlap(journal, archive);
    try {
      Files.createDirectories(archive);
      try (FileChannel channel =
              FileChannel.open(
                  archive.resolve("archive.lock"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE);
          FileLock lock = tryLock(channel)) {
        if (lock == null) {
          throw new JournalException(
              Reason.LOCKED, "another process is archiving to " + archive + "; wait for it");
        }
        return new JournalArchive(journal, archive, olderThanMillis, form).move();
      }
    } catch (IOException e) {
      throw new JournalException(Reason.IO, "cannot archive to " + archive + ": " + e, e);
    }
  }

  /**
   * What the archive's manifest says, oldest first; empty when there is none. Any process may read
   * it.
   *
   * @throws JournalException CORRUPT when it is damaged, NOT_ACCESSIBLE when it cannot be read
   */
  public static List<Moved> manifest(Path archive) {
    return new ArchiveManifest(archive).entries();
  }

  /** A file that was moved to its own place would be deleted there. */
  private static void refuseOverlap(Path journal, Path archive) {
    Path live = real(journal);
    Path stored = real(archive);
    if (live.startsWith(stored) || stored.startsWith(live)) {
      throw new JournalException(
          Reason.ILLEGAL_CALL,
          "the archive %s and the journal %s lie in each other; give the archive a folder of its own"
              .formatted(archive, journal));
    }
  }

  private static Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      return path.toAbsolutePath().normalize();
    }
  }

  private static FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  private Report move() throws IOException {
    removeLeftovers();
    mark = ArchivedMark.read(journal);
    floor = floor();
    if (floor == 0) {
      stopped = "there is no whole snapshot; take one first";
    }
    List<Epoch> epochs = JournalFiles.epochs(journal);
    for (int i = 0; i < epochs.size() && stopped == null; i++) {
      move(epochs.get(i), i + 1 < epochs.size() ? epochs.get(i + 1) : null);
    }
    return new Report(List.copyOf(moved), mark == null ? 0 : mark.position(), floor, stopped);
  }

  /** Moves what may be moved of one epoch, and its folder when nothing is left in it. */
  private void move(Epoch epoch, Epoch next) throws IOException {
    EpochFile.Head head = epoch.head();
    JournalPoint before = new JournalPoint(head.firstPosition() - 1, head.chain());
    List<Path> files = epoch.files();
    for (int f = 0; f < files.size() && stopped == null; f++) {
      Path file = files.get(f);
      if (mark != null && isArchived(file)) {
        // An earlier run was interrupted before it deleted.
        deleteLive(file);
        continue;
      }
      if (mark != null && before.position() < mark.position()) {
        before = mark;
      }
      if (next == null && f + 1 == files.size()) {
        stopped = "the newest file is still written";
        return;
      }
      QueueFileCheck.Result live = QueueFileCheck.check(file, epoch.number(), before);
      stopped = whyNot(live);
      if (stopped == null) {
        move(epoch, file, before, live);
        before = live.end();
      }
    }
    if (stopped == null && next == null) {
      stopped = "the newest epoch stays";
    } else if (stopped == null) {
      requireJoin(before, next);
      remove(epoch);
    }
  }

  private boolean isArchived(Path file) {
    try (QueueFile queue = QueueFile.open(file)) {
      return queue.look() == QueueFile.Found.DATA
          && FrameCodec.positionAt(queue.mapping(), queue.frameOffset()) <= mark.position();
    }
  }

  /** The lowest position that any kept snapshot needs; 0 without a whole snapshot. */
  private long floor() {
    long floor = Long.MAX_VALUE;
    for (Path path : new SnapshotStore(journal).newestFirst()) {
      try {
        SnapshotFile snapshot = SnapshotFile.open(path);
        snapshot.verify();
        floor = Math.min(floor, snapshot.head().floor());
      } catch (JournalException e) {
        // One that is not whole is of no use, and needs nothing.
        continue;
      }
    }
    return floor == Long.MAX_VALUE ? 0 : floor;
  }

  private String whyNot(QueueFileCheck.Result file) {
    if (file.end().position() >= floor) {
      return "position " + file.end().position() + " is needed by a kept snapshot";
    }
    return file.lastMillis() >= olderThanMillis
        ? "position " + file.end().position() + " is not old enough"
        : null;
  }

  private void requireJoin(JournalPoint end, Epoch next) {
    EpochFile.Head head = next.head();
    boolean archived = mark != null && mark.position() >= head.firstPosition() - 1;
    if (archived && end.position() < head.firstPosition() - 1) {
      return;
    }
    if (head.firstPosition() != end.position() + 1 || !Arrays.equals(head.chain(), end.chain())) {
      throw JournalException.corrupt(
          "epoch %d begins at position %d".formatted(next.number(), head.firstPosition()),
          end.position() + 1,
          next.directory().toString(),
          0);
    }
  }

  private void move(Epoch epoch, Path file, JournalPoint before, QueueFileCheck.Result live)
      throws IOException {
    Path folder = archive.resolve(epoch.directory().getFileName().toString());
    Files.createDirectories(folder);
    DurableFiles.force(archive);
    copyHead(epoch, folder);
    Path copy =
        folder.resolve(file.getFileName() + (form == Form.GZIP ? JournalFiles.GZIP_SUFFIX : ""));
    byte[] digest = copy(file, copy);
    // From here on only what is in the archive counts.
    QueueFileCheck.Result read = QueueFileCheck.check(copy, epoch.number(), before);
    if (!read.equals(live) || !Arrays.equals(digest, digest(copy))) {
      throw JournalException.corrupt(
          "the copy in the archive differs from " + file,
          read.end().position(),
          copy.toString(),
          0);
    }
    Moved entry =
        new Moved(
            archive.relativize(copy).toString(),
            live.first(),
            live.end().position(),
            live.lastMillis(),
            Files.size(file),
            Files.size(copy),
            HexFormat.of().formatHex(digest),
            live.end().chainHex());
    manifest.add(entry);
    ArchivedMark.write(journal, live.end());
    mark = live.end();
    moved.add(entry);
    deleteLive(file);
  }

  private static void copyHead(Epoch epoch, Path folder) throws IOException {
    Path head = folder.resolve(JournalFiles.EPOCH);
    if (!Files.exists(head)) {
      DurableFiles.replace(head, Files.readAllBytes(epoch.directory().resolve(JournalFiles.EPOCH)));
    }
  }

  /** Copies, forces and names; gives the SHA-256 of the plain bytes. */
  private byte[] copy(Path file, Path copy) throws IOException {
    Path partial = copy.resolveSibling(copy.getFileName() + ".part");
    MessageDigest sha256 = FrameCodec.sha256();
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), sha256);
        OutputStream raw = Files.newOutputStream(partial);
        OutputStream out = form == Form.GZIP ? new GZIPOutputStream(raw, BUFFER) : raw) {
      in.transferTo(out);
    }
    try (FileChannel channel = FileChannel.open(partial, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    DurableFiles.rename(partial, copy);
    return sha256.digest();
  }

  private static byte[] digest(Path copy) throws IOException {
    MessageDigest sha256 = FrameCodec.sha256();
    try (InputStream raw = Files.newInputStream(copy);
        InputStream in =
            copy.toString().endsWith(JournalFiles.GZIP_SUFFIX)
                ? new GZIPInputStream(raw, BUFFER)
                : raw) {
      in.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), sha256));
    }
    return sha256.digest();
  }

  private static void deleteLive(Path file) throws IOException {
    Files.deleteIfExists(file);
    DurableFiles.force(file.toAbsolutePath().getParent());
  }

  /** An epoch whose files are all in the archive goes under another name first, at once. */
  private void remove(Epoch epoch) throws IOException {
    String name = epoch.directory().getFileName().toString();
    Path folder = archive.resolve(name);
    Files.createDirectories(folder);
    copyHead(epoch, folder);
    Files.move(epoch.directory(), journal.resolve(LEFTOVER + name), StandardCopyOption.ATOMIC_MOVE);
    DurableFiles.force(journal);
    removeLeftovers();
  }

  private void removeLeftovers() throws IOException {
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(journal, LEFTOVER + "*")) {
      for (Path folder : folders) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
          // The head and Chronicle's metadata.
          for (Path file : files) {
            Files.deleteIfExists(file);
          }
        }
        Files.deleteIfExists(folder);
      }
    }
  }
}
