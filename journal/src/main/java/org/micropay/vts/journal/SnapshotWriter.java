package org.micropay.vts.journal;

import static org.micropay.vts.journal.SnapshotLayout.ENTRY_LENGTH;
import static org.micropay.vts.journal.SnapshotLayout.NAME_LENGTH;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.micropay.vts.journal.JournalException.Reason;

/**
 * Writes a snapshot: sections one after the other, then {@link #commit}. Until then the file has
 * another name; it is forced before it gets its own, so that a snapshot is whole or not there. One
 * thread.
 */
public final class SnapshotWriter implements AutoCloseable {
  private static final int BUFFER = 1 << 20;

  /** Writes the bytes of one section. */
  @FunctionalInterface
  public interface SectionWriter {
    /** The stream is buffered, and valid during the call. */
    void writeTo(OutputStream out) throws IOException;
  }

  private record Entry(String name, int version, long offset, long length, byte[] digest) {}

  private final Path file;
  private final Path partial;
  private final SnapshotHead head;
  private final FileChannel channel;
  private final List<Entry> entries = new ArrayList<>();
  private final Set<String> names = new HashSet<>();

  private SnapshotWriter(Path file, Path partial, SnapshotHead head, FileChannel channel) {
    this.file = file;
    this.partial = partial;
    this.head = head;
    this.channel = channel;
  }

  /** Begins a snapshot at {@code file}, which is there after {@link #commit}. */
  public static SnapshotWriter create(Path file, SnapshotHead head) {
    Path partial = file.resolveSibling(file.getFileName() + ".part");
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      FileChannel channel =
          FileChannel.open(
              partial,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE);
      SnapshotWriter writer = new SnapshotWriter(file, partial, head, channel);
      writer.put(head.encode());
      return writer;
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  private static JournalException failed(Path file, IOException e) {
    return new JournalException(Reason.IO, "cannot write the snapshot " + file + ": " + e, e);
  }

  private void put(byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  /**
   * Writes one section.
   *
   * @param name 1 to 16 printable ASCII characters, once in a snapshot
   * @param version of the section's own format, from 1
   */
  public void section(String name, int version, SectionWriter body) {
    if (!name.matches("[!-~]{1," + NAME_LENGTH + "}") || version < 1 || !names.add(name)) {
      throw new IllegalArgumentException("snapshot section '" + name + "' version " + version);
    }
    MessageDigest sha256 = FrameCodec.sha256();
    try {
      long offset = channel.position();
      OutputStream digested =
          new java.security.DigestOutputStream(Channels.newOutputStream(channel), sha256);
      BufferedOutputStream out = new BufferedOutputStream(digested, BUFFER);
      body.writeTo(out);
      out.flush();
      entries.add(new Entry(name, version, offset, channel.position() - offset, sha256.digest()));
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  /** Makes the snapshot durable under its name. */
  public void commit() {
    ByteBuffer table =
        ByteBuffer.allocate(entries.size() * ENTRY_LENGTH + SnapshotLayout.COUNT_LENGTH)
            .order(ByteOrder.LITTLE_ENDIAN);
    for (Entry entry : entries) {
      int at = table.position();
      table.put(entry.name.getBytes(StandardCharsets.US_ASCII)).position(at + NAME_LENGTH);
      table.putInt(entry.version).putInt(0).putLong(entry.offset).putLong(entry.length);
      table.put(entry.digest);
    }
    table.putInt(entries.size()).putInt(0);
    MessageDigest sha256 = FrameCodec.sha256();
    sha256.update(head.encode());
    try {
      put(table.array());
      put(sha256.digest(table.array()));
      channel.force(true);
      channel.close();
      DurableFiles.rename(partial, file);
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  /** Leaves nothing behind of a snapshot that was not committed. */
  @Override
  public void close() {
    try {
      channel.close();
      Files.deleteIfExists(partial);
    } catch (IOException e) {
      throw failed(file, e);
    }
  }
}
