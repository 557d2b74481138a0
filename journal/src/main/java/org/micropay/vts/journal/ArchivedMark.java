package org.micropay.vts.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Up to where a journal was moved to an archive: its folder begins behind this point. Stored before
 * the first file is deleted.
 *
 * <pre>
 *  offset   size
 *       0      8  magic "VTSARCHV"
 *       8      4  version, 1
 *      12      4  zero
 *      16      8  position of the last archived record
 *      24     32  its chain hash
 *      56      4  CRC32C of bytes 0..56
 * </pre>
 */
final class ArchivedMark {
  private static final long MAGIC = 0x5648435241535456L;
  private static final int VERSION = 1;
  private static final int CRC_OFFSET = 56;
  private static final int LENGTH = 60;

  private ArchivedMark() {}

  /** The mark of a journal, or null when nothing was archived. */
  static JournalPoint read(Path journal) {
    Path path = journal.resolve(JournalFiles.ARCHIVED);
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(path);
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      throw new JournalException(
          JournalException.Reason.NOT_ACCESSIBLE, "cannot read " + path + ": " + e, e);
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.length != LENGTH
        || buffer.getLong(0) != MAGIC
        || buffer.getInt(8) != VERSION
        || buffer.getInt(CRC_OFFSET) != crc(bytes)) {
      throw JournalException.corrupt(
          "this mark of the archive is not whole", 0, path.toString(), 0);
    }
    return new JournalPoint(buffer.getLong(16), Arrays.copyOfRange(bytes, 24, CRC_OFFSET));
  }

  static void write(Path journal, JournalPoint point) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putLong(MAGIC).putInt(VERSION).putInt(0).putLong(point.position()).put(point.chain());
    buffer.putInt(crc(buffer.array()));
    DurableFiles.replace(journal.resolve(JournalFiles.ARCHIVED), buffer.array());
  }

  private static int crc(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, CRC_OFFSET);
    return (int) crc.getValue();
  }
}
