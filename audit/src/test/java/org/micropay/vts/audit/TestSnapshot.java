package org.micropay.vts.audit;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.agrona.collections.LongArrayList;
import org.micropay.vts.audit.JournalEdit.Entry;
import org.micropay.vts.journal.JournalPlaces;
import org.micropay.vts.journal.JournalReader;
import org.micropay.vts.journal.SnapshotHead;
import org.micropay.vts.journal.SnapshotStore;
import org.micropay.vts.journal.SnapshotWriter;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.settlement.PenaltyRecord;
import org.micropay.vts.settlement.PenaltySnapshot;
import org.micropay.vts.settlement.PenaltyState;
import org.micropay.vts.settlement.SettlementRecord;
import org.micropay.vts.settlement.SettlementSnapshot;
import org.micropay.vts.settlement.SettlementState;

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
        writer.section("settlement", 2, out -> out.write(settlement(entries)));
        writer.section("penalty", 2, out -> out.write(penalty(entries)));
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
    SettlementState state = new SettlementState();
    for (Entry entry : entries) {
      RecordType type = RecordType.ofNumber(entry.type());
      if (type.isSettlement()) {
        state.apply(SettlementRecord.decode(type, entry.payload()));
      }
    }
    LongArrayList open = new LongArrayList();
    for (int i = 0; i < entries.size(); i++) {
      if (entries.get(i).is(RecordType.GRANT) && state.needs(i + 1)) {
        open.addLong(i + 1);
      }
    }
    return section(out -> SettlementSnapshot.write(state, entries.size(), open, out));
  }

  private static byte[] penalty(List<Entry> entries) {
    PenaltyState state = new PenaltyState();
    for (Entry entry : entries) {
      RecordType type = RecordType.ofNumber(entry.type());
      if (type.isPenalty()) {
        state.apply(PenaltyRecord.decode(type, entry.payload()));
      }
    }
    return section(
        out -> {
          out.writeInt(0);
          PenaltySnapshot.write(state, out);
        });
  }

  private interface Body {
    void write(DataOutputStream out) throws IOException;
  }

  private static byte[] section(Body body) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      body.write(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
