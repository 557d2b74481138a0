package org.micropay.vts.audit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.journal.ChronicleJournal;
import org.micropay.vts.journal.FrameLayout;
import org.micropay.vts.journal.FrameRange;
import org.micropay.vts.journal.JournalPlaces;
import org.micropay.vts.journal.JournalReader;
import org.micropay.vts.journal.JournalWalk;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ticket.Bytes32;

/** What a dishonest operator can do to a journal, from one flipped bit to writing it all anew. */
final class JournalEdit {
  /** A record without its place: position, chain and checksum follow from where it is put. */
  record Entry(int type, long timeMillis, byte[] payload) {
    Entry withType(RecordType other) {
      return new Entry(other.number(), timeMillis, payload);
    }

    Entry withTime(long other) {
      return new Entry(type, other, payload);
    }

    Entry withPayload(byte[] other) {
      return new Entry(type, timeMillis, other);
    }

    boolean is(RecordType wanted) {
      return type == wanted.number();
    }
  }

  /** Where a frame lies. */
  record Place(Path file, long offset, int length) {}

  private JournalEdit() {}

  static void copy(Path from, Path to) {
    try (Stream<Path> paths = Files.walk(from)) {
      for (Path path : paths.toList()) {
        Path target = to.resolve(from.relativize(path).toString());
        if (Files.isDirectory(path)) {
          Files.createDirectories(target);
        } else {
          Files.copy(path, target, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void copyFile(Path from, Path to) {
    try {
      Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All records of a journal. */
  static List<Entry> entries(Path journal) {
    return entries(JournalPlaces.of(journal));
  }

  /** All records of a journal and its archive. */
  static List<Entry> entries(JournalPlaces places) {
    List<Entry> entries = new ArrayList<>();
    try (JournalReader reader = places.open(1)) {
      while (reader.next(
          (position, type, timeMillis, payload, offset, length) -> {
            byte[] bytes = new byte[length];
            payload.getBytes(offset, bytes);
            entries.add(new Entry(type, timeMillis, bytes));
          })) {
        // Each is kept.
      }
    }
    return entries;
  }

  /** Writes a journal anew: positions, chain hashes and checksums are all as they should be. */
  static Path rewrite(Path directory, Bytes32 identity, List<Entry> entries) {
    try (ChronicleJournal journal = TestVts.open(directory, identity)) {
      for (Entry entry : entries) {
        journal.append(
            journal.nextPosition(),
            entry.type,
            entry.timeMillis,
            new UnsafeBuffer(entry.payload),
            0,
            entry.payload.length);
        journal.sync();
      }
    }
    return directory;
  }

  /** Where the frame of a record is. */
  static Place place(Path journal, long position) {
    return place(JournalPlaces.of(journal), position);
  }

  /** The same of a journal with an archive. */
  static Place place(JournalPlaces places, long position) {
    FrameRange range = new FrameRange(64, 1 << 20);
    try (JournalWalk walk = JournalWalk.open(places)) {
      while (walk.next(range)) {
        for (int i = 0; i < range.count(); i++) {
          if (range.position(i) == position) {
            Place place = new Place(range.file(), range.offset(i), range.length(i));
            range.release();
            return place;
          }
        }
      }
    }
    throw new AssertionError("no record " + position + " in " + places);
  }

  static ByteBuffer read(Place place) {
    return read(place.file, place.offset, place.length);
  }

  static ByteBuffer read(Path file, long offset, int length) {
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel channel = FileChannel.open(file)) {
      channel.read(bytes, offset);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.rewind();
  }

  static void write(Path file, long offset, ByteBuffer bytes) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(bytes.duplicate().rewind(), offset);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Flips one bit of the frame, leaving everything else. */
  static void flip(Place place, int bit) {
    ByteBuffer frame = read(place);
    frame.put(bit / 8, (byte) (frame.get(bit / 8) ^ 1 << bit % 8));
    write(place.file, place.offset, frame);
  }

  /** Writes the frame with a checksum that fits it. */
  static void writeWithChecksum(Place place, ByteBuffer frame) {
    CRC32C crc = new CRC32C();
    int end = place.length - FrameLayout.CRC_LENGTH;
    crc.update(frame.array(), 0, end);
    frame.putInt(end, (int) crc.getValue());
    write(place.file, place.offset, frame);
  }
}
