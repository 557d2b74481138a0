package org.micropay.vts.audit;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.micropay.vts.journal.SnapshotFile;
import org.micropay.vts.journal.SnapshotFile.Section;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.settlement.PenaltySnapshot;
import org.micropay.vts.settlement.PenaltyState;
import org.micropay.vts.settlement.SettlementSnapshot;
import org.micropay.vts.settlement.SettlementState;
import org.micropay.vts.transparency.CheckpointRecord;

/**
 * What an audit takes from a snapshot when the records before it are not there. A section of
 * another version is left out and named: the audit then says less.
 *
 * <p>Whoever takes the ledger closes it.
 *
 * @param ledger at the snapshot's position
 * @param settlement settlement's state; empty when it cannot be read
 * @param penalty the penalty's
 * @param checkpoint the log's newest tree head
 * @param unread sections that could not be read, one line each
 */
record SnapshotState(
    Ledger ledger,
    Optional<SettlementState> settlement,
    Optional<PenaltyState> penalty,
    Optional<CheckpointRecord> checkpoint,
    List<String> unread) {
  static final String LEDGER = "ledger";
  static final int LEDGER_VERSION = 1;
  private static final int CHUNK = 1 << 16;

  /** Turns a section's bytes into something. */
  private interface Parser<T> {
    T parse(DataInputStream in) throws IOException;
  }

  /**
   * Reads a snapshot.
   *
   * @throws RuntimeException when it is damaged, or its ledger cannot be read or is of another
   *     position; the message says which
   */
  static SnapshotState load(SnapshotFile file) {
    List<String> unread = new ArrayList<>();
    Ledger ledger =
        section(file, LEDGER, LEDGER_VERSION, unread, SnapshotState::ledger)
            .orElseThrow(() -> new IllegalArgumentException(unread.getFirst()));
    try {
      if (ledger.lastPosition() != file.head().point().position()) {
        throw new IllegalArgumentException(
            "it is of position %d, its ledger of %d"
                .formatted(file.head().point().position(), ledger.lastPosition()));
      }
      return new SnapshotState(
          ledger,
          section(file, "settlement", 2, unread, SnapshotState::settlement),
          section(file, "penalty", 2, unread, SnapshotState::penalty),
          section(file, "log", 1, unread, SnapshotState::checkpoint),
          unread);
    } catch (RuntimeException e) {
      ledger.close();
      throw e;
    }
  }

  private static <T> Optional<T> section(
      SnapshotFile file, String name, int version, List<String> unread, Parser<T> parser) {
    Optional<Section> found = file.sections().stream().filter(s -> s.name().equals(name)).findAny();
    if (found.isEmpty() || found.get().version() != version) {
      unread.add(
          "the snapshot's section %s: %s"
              .formatted(
                  name,
                  found
                      .map(s -> "version " + s.version() + ", this program reads " + version)
                      .orElse("it is not there")));
      return Optional.empty();
    }
    List<T> parsed = new ArrayList<>();
    file.read(found.get(), in -> parsed.add(parser.parse(new DataInputStream(in))));
    return Optional.ofNullable(parsed.getFirst());
  }

  private static Ledger ledger(InputStream in) {
    byte[] chunk = new byte[CHUNK];
    return Ledger.loadSnapshot(
        (buffer, offset, length) -> {
          for (int at = 0; at < length; at += CHUNK) {
            int step = Math.min(CHUNK, length - at);
            try {
              if (in.readNBytes(chunk, 0, step) != step) {
                throw new IllegalArgumentException("the ledger's section ends early");
              }
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
            buffer.putBytes(offset + at, chunk, 0, step);
          }
        });
  }

  private static SettlementState settlement(DataInputStream in) throws IOException {
    return SettlementSnapshot.read(in).state();
  }

  /** Behind proofs without a burn: position u64, length u32, claim, after their number u32. */
  private static PenaltyState penalty(DataInputStream in) throws IOException {
    int proofs = in.readInt();
    for (int i = 0; i < proofs; i++) {
      in.skipNBytes(Long.BYTES);
      in.skipNBytes(in.readInt());
    }
    return PenaltySnapshot.read(in);
  }

  private static CheckpointRecord checkpoint(DataInputStream in) throws IOException {
    byte[] bytes = in.readAllBytes();
    return bytes.length == 0 ? null : CheckpointRecord.decode(bytes);
  }
}
