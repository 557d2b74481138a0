package org.micropay.vts.journal;

import static org.micropay.vts.journal.SnapshotLayout.COUNT_LENGTH;
import static org.micropay.vts.journal.SnapshotLayout.DIGEST_LENGTH;
import static org.micropay.vts.journal.SnapshotLayout.ENTRY_LENGTH;
import static org.micropay.vts.journal.SnapshotLayout.HEAD_LENGTH;
import static org.micropay.vts.journal.SnapshotLayout.NAME_LENGTH;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.micropay.vts.journal.JournalException.Reason;

/**
 * A snapshot on disk, its head and table checked. The bytes of a section are checked as they are
 * read: {@link #read} returns only if they were what the writer wrote. One thread; never writes.
 */
public final class SnapshotFile {
  private static final int BUFFER = 1 << 20;

  /** Takes the bytes of one section. */
  @FunctionalInterface
  public interface SectionReader {
    /** The stream is buffered, ends with the section, and is valid during the call. */
    void readFrom(InputStream in) throws IOException;
  }

  /**
   * One section.
   *
   * @param name its owner's
   * @param version of its own format
   * @param offset in the file, bytes
   * @param length bytes
   * @param digest SHA-256 of its bytes
   */
  public record Section(String name, int version, long offset, long length, byte[] digest) {}

  private final Path path;
  private final SnapshotHead head;
  private final List<Section> sections;
  private final byte[] digest;

  private SnapshotFile(Path path, SnapshotHead head, List<Section> sections, byte[] digest) {
    this.path = path;
    this.head = head;
    this.sections = sections;
    this.digest = digest;
  }

  /**
   * Opens a snapshot.
   *
   * @throws JournalException CORRUPT when it is not whole
   */
  public static SnapshotFile open(Path path) {
    try (FileChannel channel = FileChannel.open(path)) {
      long size = channel.size();
      byte[] headBytes = bytes(channel, 0, HEAD_LENGTH);
      byte[] count = bytes(channel, size - DIGEST_LENGTH - COUNT_LENGTH, COUNT_LENGTH);
      int entries = ByteBuffer.wrap(count).order(ByteOrder.LITTLE_ENDIAN).getInt();
      if (entries < 0 || entries > SnapshotLayout.MAX_SECTIONS) {
        throw damaged(path, "it has a table of " + entries + " sections");
      }
      long tableAt = size - DIGEST_LENGTH - COUNT_LENGTH - (long) entries * ENTRY_LENGTH;
      byte[] table = bytes(channel, tableAt, entries * ENTRY_LENGTH + COUNT_LENGTH);
      MessageDigest sha256 = FrameCodec.sha256();
      sha256.update(headBytes);
      byte[] digest = sha256.digest(table);
      if (!Arrays.equals(digest, bytes(channel, size - DIGEST_LENGTH, DIGEST_LENGTH))) {
        throw damaged(path, "the digest of its head and table differs");
      }
      SnapshotHead head = SnapshotHead.decode(headBytes);
      if (head == null) {
        throw damaged(path, "its head is not one");
      }
      return new SnapshotFile(path, head, sections(table, entries), digest);
    } catch (IOException e) {
      throw new JournalException(Reason.NOT_ACCESSIBLE, "cannot read " + path + ": " + e, e);
    }
  }

  private static byte[] bytes(FileChannel channel, long offset, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    if (offset < 0) {
      throw new IOException("it is only " + channel.size() + " bytes long");
    }
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, offset + buffer.position()) < 0) {
        throw new IOException("it is only " + channel.size() + " bytes long");
      }
    }
    return buffer.array();
  }

  private static List<Section> sections(byte[] table, int entries) {
    ByteBuffer in = ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN);
    List<Section> sections = new ArrayList<>();
    for (int at = 0; at < entries * ENTRY_LENGTH; at += ENTRY_LENGTH) {
      sections.add(
          new Section(
              new String(table, at, NAME_LENGTH, StandardCharsets.US_ASCII).replace("\0", ""),
              in.getInt(at + 16),
              in.getLong(at + 24),
              in.getLong(at + 32),
              Arrays.copyOfRange(table, at + 40, at + ENTRY_LENGTH)));
    }
    return List.copyOf(sections);
  }

  private static JournalException damaged(Path path, String what) {
    return JournalException.corrupt("this snapshot is damaged: " + what, 0, path.toString(), 0);
  }

  /** The file. */
  public Path path() {
    return path;
  }

  /** Where it was taken. */
  public SnapshotHead head() {
    return head;
  }

  /** SHA-256, 32 bytes, that commits to every byte of the file. */
  public byte[] digest() {
    return digest.clone();
  }

  /** Its sections in order of the file. */
  public List<Section> sections() {
    return sections;
  }

  /**
   * Hands a section's bytes over.
   *
   * @throws JournalException CORRUPT when they are not what was written, after the reader had them:
   *     what it made of them is to be thrown away
   */
  public void read(Section section, SectionReader reader) {
    MessageDigest sha256 = FrameCodec.sha256();
    try (FileChannel channel = FileChannel.open(path)) {
      channel.position(section.offset);
      InputStream raw = new Bounded(Channels.newInputStream(channel), section.length);
      InputStream in = new BufferedInputStream(new DigestInputStream(raw, sha256), BUFFER);
      reader.readFrom(in);
      if (in.read() >= 0) {
        throw damaged(path, "section " + section.name + " is longer than its reader expects");
      }
    } catch (IOException e) {
      throw new JournalException(Reason.IO, "cannot read " + path + ": " + e, e);
    }
    if (!Arrays.equals(sha256.digest(), section.digest)) {
      throw damaged(path, "the digest of section " + section.name + " differs");
    }
  }

  /** Checks every byte. */
  public void verify() {
    for (Section section : sections) {
      read(section, in -> in.transferTo(java.io.OutputStream.nullOutputStream()));
    }
  }

  /** Ends where the section ends. */
  private static final class Bounded extends InputStream {
    private final InputStream in;
    private long left;

    Bounded(InputStream in, long length) {
      this.in = in;
      this.left = length;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (left == 0) {
        return length == 0 ? 0 : -1;
      }
      int count = in.read(target, offset, (int) Math.min(length, left));
      if (count > 0) {
        left -= count;
      }
      return count;
    }
  }
}
