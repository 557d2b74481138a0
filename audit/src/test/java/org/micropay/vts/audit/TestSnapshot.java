package org.micropay.vts.audit;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import org.micropay.vts.audit.JournalEdit.Entry;
import org.micropay.vts.journal.JournalPlaces;
import org.micropay.vts.journal.JournalReader;
import org.micropay.vts.journal.SnapshotHead;
import org.micropay.vts.journal.SnapshotStore;
import org.micropay.vts.journal.SnapshotWriter;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.ledger.RecordType;

/** Snapshots as a server writes them, and ones that it would not write. */
final class TestSnapshot {
  private TestSnapshot() {}

  /** Writes one at the journal's last durable record, with this ledger, right or wrong. */
  static Path write(Path journal, Ledger ledger, long floor) {
    return write(journal, ledger, floor, null);
  }

  /** The same where the first records are in an archive. */
  static Path write(Path journal, Ledger ledger, long floor, Path archive) {
    long position = ledger.lastPosition();
    List<Entry> entries =
        JournalEdit.entries(new JournalPlaces(journal, archive)).subList(0, (int) position);
    try (JournalReader reader = JournalReader.openNear(journal, position)) {
      reader.next((at, type, time, payload, offset, length) -> {});
      SnapshotHead head =
          new SnapshotHead(
              JournalReader.identity(journal),
              reader.point(),
              reader.location(),
              entries.getLast().timeMillis(),
              Math.min(floor, position));
      Path path = new SnapshotStore(journal).fileFor(position);
      try (SnapshotWriter writer = SnapshotWriter.create(path, head)) {
        writer.section("ledger", 1, out -> out.write(bytes(ledger)));
        writer.section("settlement", 1, out -> out.write(settlement(entries)));
        writer.section("penalty", 1, out -> out.write(penalty(entries)));
        writer.section("log", 1, out -> {});
        writer.commit();
      }
      return path;
    }
  }

  private static byte[] bytes(Ledger ledger) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ledger.writeSnapshot(
        (buffer, offset, length) -> {
          byte[] part = new byte[length];
          buffer.getBytes(offset, part);
          bytes.writeBytes(part);
        });
    return bytes.toByteArray();
  }

  private static byte[] settlement(List<Entry> entries) {
    return section(entries, RecordType::isSettlement, out -> out.writeLong(0));
  }

  private static byte[] penalty(List<Entry> entries) {
    return section(entries, RecordType::isPenalty, out -> out.writeInt(0));
  }

  private interface Head {
    void write(DataOutputStream out) throws IOException;
  }

  private static byte[] section(List<Entry> entries, Predicate<RecordType> kind, Head head) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      head.write(out);
      for (Entry entry : entries) {
        if (kind.test(RecordType.ofNumber(entry.type()))) {
          out.writeShort(entry.type());
          out.writeInt(entry.payload().length);
          out.write(entry.payload());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
