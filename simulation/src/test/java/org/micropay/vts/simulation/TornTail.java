package org.micropay.vts.simulation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.micropay.vts.journal.FrameLayout;

/**
 * Gives the broken frame at a journal's end a hash chain and a checksum that fit, so that the
 * production reader takes it: what a reader without those checks would do. Walks the documents
 * itself.
 */
final class TornTail {
  private static final int META_DATA = 0x40000000;
  private static final int NOT_COMPLETE = 0x80000000;

  private TornTail() {}

  static void mend(Path journal) {
    if (!Files.exists(journal)) {
      return;
    }
    List<Path> files =
        BitFlip.files(journal).stream().filter(path -> path.toString().endsWith(".cq4")).toList();
    if (!files.isEmpty()) {
      mendFile(files.getLast());
    }
  }

  private static void mendFile(Path file) {
    try {
      byte[] all = Files.readAllBytes(file);
      ByteBuffer bytes = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
      byte[] chain = null;
      int at = 0;
      while (at + 8 < all.length) {
        int header = bytes.getInt(at);
        int length = header & ~(META_DATA | NOT_COMPLETE);
        if (header == 0 || (header & NOT_COMPLETE) != 0 || at + 4 + length > all.length) {
          return;
        }
        if ((header & META_DATA) == 0 && length >= FrameLayout.MIN_FRAME_LENGTH) {
          int crcAt = at + 4 + length - FrameLayout.CRC_LENGTH;
          if (bytes.getInt(crcAt) != crc(all, at + 4, crcAt)) {
            if (chain != null && bytes.getInt(at + 4) == length) {
              mendFrame(bytes, at + 4, length, chain);
              Files.write(file, all);
            }
            return;
          }
          chain = Arrays.copyOfRange(all, crcAt - FrameLayout.CHAIN_LENGTH, crcAt);
        }
        at = (at + 4 + length + 3) & ~3;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void mendFrame(ByteBuffer bytes, int from, int length, byte[] chain) {
    int chainAt = from + length - FrameLayout.CRC_LENGTH - FrameLayout.CHAIN_LENGTH;
    MessageDigest sha256 = sha256();
    byte[] tag = sha256.digest("vts/journal/frame".getBytes(StandardCharsets.US_ASCII));
    sha256.update(tag);
    sha256.update(tag);
    sha256.update(chain);
    sha256.update(bytes.array(), from, chainAt - from);
    byte[] next = sha256.digest();
    bytes.position(chainAt).put(next);
    bytes.putInt(
        chainAt + FrameLayout.CHAIN_LENGTH,
        crc(bytes.array(), from, chainAt + FrameLayout.CHAIN_LENGTH));
  }

  private static int crc(byte[] bytes, int from, int to) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, to - from);
    return (int) crc.getValue();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
