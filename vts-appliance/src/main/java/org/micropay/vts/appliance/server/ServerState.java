package org.micropay.vts.appliance.server;

import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.agrona.DirectBuffer;
import org.micropay.vts.journal.FrameHandler;
import org.micropay.vts.journal.SnapshotFile;
import org.micropay.vts.journal.SnapshotWriter;
import org.micropay.vts.ledger.RecordType;

/**
 * The whole state of a server as a fold over its journal: all sections, in the order in which each
 * record reaches them. Recovery makes one and hands its parts to the server; each snapshot is
 * written from another one, so that the running server is never stopped or locked for it. One
 * thread; owns native memory.
 */
final class ServerState implements FrameHandler, AutoCloseable {
  private final LedgerSection ledger;
  private final GuardSection guard;
  private final SettlementSection settlement;
  private final PenaltySection penalty;
  private final BlocksSection blocks = new BlocksSection();
  private final LogSection log = new LogSection();
  private final StateSection[] sections;
  private long position;
  private long timeMillis;

  private ServerState(StateSizes sizes, ReplayHashes hashes) {
    ledger = new LedgerSection(sizes.escrows(), sizes.deposits(), hashes.terms(), hashes.keys());
    guard = new GuardSection(sizes.escrows());
    settlement = new SettlementSection();
    penalty = new PenaltySection(ledger::depositOf);
    // The guard first: a second grant is refused as what it is, whatever the ledger thinks of it.
    sections = new StateSection[] {guard, ledger, settlement, penalty, blocks, log};
  }

  /**
   * Memory to take.
   *
   * @param escrows live at once, at most
   * @param deposits live at once, at most
   */
  record StateSizes(int escrows, int deposits) {}

  /** Before the first record. */
  static ServerState empty(StateSizes sizes, ReplayHashes hashes) {
    return new ServerState(sizes, hashes);
  }

  /**
   * As a snapshot left it.
   *
   * @throws RuntimeException when the snapshot is damaged or has sections that this program cannot
   *     read, or lacks one
   */
  static ServerState load(SnapshotFile snapshot, StateSizes sizes, ReplayHashes hashes) {
    ServerState state = new ServerState(sizes, hashes);
    try {
      Map<String, SnapshotFile.Section> stored =
          snapshot.sections().stream()
              .collect(Collectors.toMap(SnapshotFile.Section::name, Function.identity()));
      for (StateSection section : state.sections) {
        SnapshotFile.Section bytes = stored.remove(section.name());
        if (bytes == null) {
          throw new IllegalArgumentException(snapshot.path() + " lacks section " + section.name());
        }
        snapshot.read(bytes, in -> section.read(bytes.version(), in));
      }
      if (!stored.isEmpty()) {
        throw new IllegalArgumentException(
            snapshot.path() + " has unknown sections " + stored.keySet());
      }
      state.position = snapshot.head().point().position();
      for (StateSection section : state.sections) {
        section.restored(state.position);
      }
      state.timeMillis = snapshot.head().timeMillis();
      if (state.ledger.ledger().lastPosition() != state.position) {
        throw new IllegalArgumentException(
            "%s is of position %d, its ledger of %d"
                .formatted(snapshot.path(), state.position, state.ledger.ledger().lastPosition()));
      }
      return state;
    } catch (RuntimeException e) {
      state.close();
      throw e;
    }
  }

  @Override
  public void onFrame(
      long at, int type, long millis, DirectBuffer payload, int offset, int length) {
    RecordType known = known(at, type);
    for (StateSection section : sections) {
      section.apply(at, known, millis, payload, offset, length);
    }
    position = at;
    timeMillis = millis;
  }

  /** The guard's part of a chunk; may run on another thread, ahead of {@link #fold}. */
  void guard(RecordChunk chunk) {
    apply(guard, chunk);
  }

  /** The rest of a chunk. */
  void fold(RecordChunk chunk) {
    for (int i = 1; i < sections.length; i++) {
      apply(sections[i], chunk);
    }
    position = chunk.position(chunk.count() - 1);
    timeMillis = chunk.timeMillis(chunk.count() - 1);
  }

  private static void apply(StateSection section, RecordChunk chunk) {
    for (int from = 0; from < chunk.count(); from += StateSection.BATCH) {
      section.apply(chunk, from, Math.min(chunk.count(), from + StateSection.BATCH));
    }
  }

  /** The type with this number, which the program must know. */
  static RecordType known(long at, int type) {
    RecordType known = RecordType.ofNumber(type);
    if (known == null) {
      throw new IllegalStateException(
          "record %d has the unknown type %d; it was written by a later version"
              .formatted(at, type));
    }
    return known;
  }

  LedgerSection ledger() {
    return ledger;
  }

  GuardSection guard() {
    return guard;
  }

  SettlementSection settlement() {
    return settlement;
  }

  PenaltySection penalty() {
    return penalty;
  }

  LogSection log() {
    return log;
  }

  BlocksSection blocks() {
    return blocks;
  }

  /** Position of the record applied last; 0 before the first. */
  long position() {
    return position;
  }

  /** Time of that record. */
  long timeMillis() {
    return timeMillis;
  }

  /** The lowest position that going on from here still needs. */
  long floor() {
    long floor = position;
    for (StateSection section : sections) {
      floor = Math.min(floor, section.floor());
    }
    return floor;
  }

  void write(SnapshotWriter writer) {
    for (StateSection section : sections) {
      writer.section(section.name(), section.version(), section::write);
    }
  }

  @Override
  public void close() {
    for (StateSection section : sections) {
      section.close();
    }
  }
}
