package org.micropay.vts.journal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * Holds the files of an archive to its manifest: each is there, of the length and with the SHA-256
 * that it had when it was moved, and the entries follow each other. What the records in them say is
 * not looked at. Only reads; any thread.
 */
public final class ArchiveCheck {
  private static final int BUFFER = 1 << 20;

  private ArchiveCheck() {}

  /**
   * Something that does not agree.
   *
   * @param position of the first record of the entry
   * @param file of the archive
   * @param text one line
   */
  public record Fault(long position, String file, String text) {}

  /**
   * Checks every file.
   *
   * @throws JournalException CORRUPT when the manifest is damaged
   */
  public static List<Fault> run(Path archive) {
    List<Fault> faults = new ArrayList<>();
    long next = 0;
    for (JournalArchive.Moved entry : JournalArchive.manifest(archive)) {
      Path file = archive.resolve(entry.file());
      String fault = check(file, entry);
      if (fault == null && next != 0 && entry.first() != next) {
        fault = "it begins at position %d, the entry before ends at %d";
        fault = fault.formatted(entry.first(), next - 1);
      }
      if (fault != null) {
        faults.add(new Fault(entry.first(), file.toString(), fault));
      }
      next = entry.last() + 1;
    }
    return faults;
  }

  private static String check(Path file, JournalArchive.Moved entry) {
    if (!Files.isRegularFile(file)) {
      return "the manifest names it, with positions %d to %d; it is not there"
          .formatted(entry.first(), entry.last());
    }
    MessageDigest sha256 = FrameCodec.sha256();
    long bytes;
    try (InputStream raw = Files.newInputStream(file);
        InputStream in =
            file.toString().endsWith(JournalFiles.GZIP_SUFFIX)
                ? new GZIPInputStream(raw, BUFFER)
                : raw) {
      bytes = in.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), sha256));
    } catch (IOException e) {
      return "it cannot be read: " + e.getMessage();
    }
    String digest = HexFormat.of().formatHex(sha256.digest());
    return bytes == entry.bytes() && digest.equals(entry.sha256())
        ? null
        : "%d bytes with SHA-256 %s; the manifest has %d with %s"
            .formatted(bytes, digest, entry.bytes(), entry.sha256());
  }
}
