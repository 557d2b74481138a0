package org.micropay.vts.journal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.micropay.vts.journal.JournalException.Reason;

/**
 * The newest durable record of a journal, noted on another disk or machine: whoever starts a server
 * on an older copy of the journal is found out. One line of text:
 *
 * <pre>
 *  vts-anchor 1 IDENTITY(64 hex) POSITION CHAIN(64 hex) TIME(ms) CRC32C(8 hex, of all before it)
 * </pre>
 *
 * <p>It is whole or not there (written beside, forced, renamed). One writer.
 */
public final class AnchorFile {
  private static final Pattern LINE =
      Pattern.compile(
          "(vts-anchor 1 ([0-9a-f]{64}) (\\d{1,19}) ([0-9a-f]{64}) (\\d{1,19}) )([0-9a-f]{8})\n");

  private static final String NAME = "vts-anchor ";

  private AnchorFile() {}

  /** Notes {@code point} at {@code file}, in place of an older note. */
  public static void write(Path file, byte[] identity, JournalPoint point, long timeMillis) {
    String line =
        String.format(
            Locale.ROOT,
            "vts-anchor 1 %s %d %s %d ",
            HexFormat.of().formatHex(identity),
            point.position(),
            point.chainHex(),
            timeMillis);
    byte[] bytes = (line + crc(line) + "\n").getBytes(StandardCharsets.US_ASCII);
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      DurableFiles.replace(file, bytes);
    } catch (IOException e) {
      throw new JournalException(Reason.IO, "cannot write the anchor " + file + ": " + e, e);
    }
  }

  /**
   * What a note says.
   *
   * @param identity of the journal, 32 bytes
   * @param point a record that was durable
   * @param timeMillis when it was noted, milliseconds since the Unix epoch
   */
  public record Note(byte[] identity, JournalPoint point, long timeMillis) {
    /** A copy of the identity. */
    @Override
    public byte[] identity() {
      return identity.clone();
    }
  }

  /** Whether a file's bytes begin like an anchor's. */
  public static boolean isAnchor(byte[] bytes) {
    byte[] name = NAME.getBytes(StandardCharsets.US_ASCII);
    return bytes.length > name.length && Arrays.equals(bytes, 0, name.length, name, 0, name.length);
  }

  /**
   * Reads a note; null when there is none.
   *
   * @throws JournalException NOT_ACCESSIBLE when it cannot be read, CORRUPT when it is not whole
   */
  public static Note read(Path file) {
    String text;
    try {
      text = Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      throw new JournalException(
          Reason.NOT_ACCESSIBLE, "cannot read the anchor " + file + ": " + e, e);
    }
    Matcher line = LINE.matcher(text);
    if (!line.matches() || !crc(line.group(1)).equals(line.group(6))) {
      throw JournalException.corrupt("this anchor is not whole", 0, file.toString(), 0);
    }
    HexFormat hex = HexFormat.of();
    return new Note(
        hex.parseHex(line.group(2)),
        new JournalPoint(Long.parseLong(line.group(3)), hex.parseHex(line.group(4))),
        Long.parseLong(line.group(5)));
  }

  /**
   * Reads the note of one journal; null when there is none.
   *
   * @throws JournalException as {@link #read(Path)}, and WRONG_IDENTITY when it is another
   *     journal's
   */
  public static JournalPoint read(Path file, byte[] identity) {
    Note note = read(file);
    if (note != null && !Arrays.equals(note.identity(), identity)) {
      throw new JournalException(
          Reason.WRONG_IDENTITY,
          "the anchor " + file + " is another journal's; check its path, and the network and key");
    }
    return note == null ? null : note.point();
  }

  private static String crc(String text) {
    CRC32C crc = new CRC32C();
    crc.update(text.getBytes(StandardCharsets.US_ASCII));
    return String.format(Locale.ROOT, "%08x", crc.getValue());
  }
}
