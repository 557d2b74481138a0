package org.micropay.vts.secp256k1;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Objects;

/**
 * A secret on disk: raw bytes in a file of its owner's alone, straight from and to locked memory.
 */
final class KeyFile {
  private KeyFile() {}

  private interface Channel {
    int move(ByteBuffer buffer) throws IOException;
  }

  /**
   * Fills {@code secret} from a file of exactly its length that nobody else may access: mode 0600
   * or 0400, or a systemd credential.
   *
   * @throws IOException when it cannot be read, has another length, or others may access it; the
   *     message names the file and says what to do
   */
  static void read(Path file, MemorySegment secret) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      KeyFileAccess.requirePrivate(file);
      if (channel.size() != secret.byteSize()) {
        throw new IOException(
            "key file %s has %d bytes; a key is %d raw bytes"
                .formatted(file, channel.size(), secret.byteSize()));
      }
      transfer(secret, channel::read, file);
    } catch (NoSuchFileException e) {
      throw new IOException("key file " + file + " does not exist", e);
    }
  }

  /**
   * Writes the raw bytes to a new file that only its owner may access. The file appears under its
   * name complete and durable, or not at all.
   *
   * @throws IOException when the file exists already or cannot be written
   */
  static void write(Path file, MemorySegment secret) throws IOException {
    Path target = file.toAbsolutePath();
    Path directory = Objects.requireNonNull(target.getParent(), "a key file needs a directory");
    Path partial =
        directory.resolve("." + target.getFileName() + "." + Long.toHexString(System.nanoTime()));
    try (FileChannel channel =
        FileChannel.open(
            partial,
            EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      transfer(secret, channel::write, file);
      channel.force(true);
      // A link fails where the name is taken, whereas a move would replace the older key.
      Files.createLink(target, partial);
    } catch (FileAlreadyExistsException e) {
      throw new IOException("key file " + file + " exists already; it is not overwritten", e);
    } finally {
      Files.deleteIfExists(partial);
    }
    try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
      entries.force(true);
    }
  }

  /** The buffer is a view of the locked memory, so the channel makes no copy of its own. */
  private static void transfer(MemorySegment secret, Channel channel, Path file)
      throws IOException {
    ByteBuffer view = secret.asByteBuffer();
    while (view.hasRemaining()) {
      if (channel.move(view) < 0) {
        throw new IOException("key file " + file + " ended before its last byte");
      }
    }
  }
}
