package org.micropay.vts.simulation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * One bit of one file of a journal.
 *
 * @param file that holds it
 * @param offset of its byte
 * @param bit 0 to 7
 */
record BitFlip(Path file, long offset, int bit) {

  /** A bit below the last byte that is not zero of a file that holds records; null if none does. */
  static BitFlip draw(Path journal, SplittableRandom random) {
    List<Path> files = files(journal);
    if (files.isEmpty()) {
      return null;
    }
    Path file = files.get(random.nextInt(files.size()));
    long end = usedLength(file);
    return end == 0 ? null : new BitFlip(file, random.nextLong(end), random.nextInt(8));
  }

  /** The epochs' heads and the files with records, in order of their names. */
  static List<Path> files(Path journal) {
    try (Stream<Path> all = Files.walk(journal)) {
      return all.filter(Files::isRegularFile)
          .filter(path -> path.endsWith("epoch") || path.toString().endsWith(".cq4"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Offset behind the last byte that is not zero. */
  static long usedLength(Path file) {
    try {
      byte[] bytes = Files.readAllBytes(file);
      int end = bytes.length;
      while (end > 0 && bytes[end - 1] == 0) {
        end--;
      }
      return end;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Turns the bit; once more turns it back. */
  void apply() {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, offset);
      one.put(0, (byte) (one.get(0) ^ 1 << bit)).rewind();
      channel.write(one, offset);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return file.getParent().getFileName()
        + "/"
        + file.getFileName()
        + " offset "
        + offset
        + " bit "
        + bit;
  }
}
