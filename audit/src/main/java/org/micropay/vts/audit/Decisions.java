package org.micropay.vts.audit;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.journal.FrameLayout;
import org.micropay.vts.journal.JournalException;
import org.micropay.vts.journal.SnapshotFile;
import org.micropay.vts.ledger.KeyedHashes;
import org.micropay.vts.ledger.Ledger;
import org.micropay.vts.ledger.LedgerMismatchException;
import org.micropay.vts.ledger.LedgerPolicy;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ledger.RegisterRecord;
import org.micropay.vts.ledger.ReplayAhead;
import org.micropay.vts.ledger.TermsDigests;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Registration;
import org.micropay.vts.ticket.TermsLayout;

/**
 * Every claim and command decided again by the ledger's own code, state digests compared and missed
 * where they are due, snapshots compared byte for byte. One thread; owns the ledger.
 */
final class Decisions implements AutoCloseable {
  /** Where a ledger's snapshot says how much memory it had, which is no part of its state. */
  private static final int SLOTS = 8;

  private static final int SLOTS_END = 16;
  private static final int CRC = 4;

  private static final int REGISTER = RecordType.REGISTER.number();
  private static final int SHORTEST = RegisterRecord.REGISTRATION + Registration.MIN_LENGTH;

  private final TermsDigests oneByOne = TermsDigests.jdk();
  private final Optional<KeyedHashes> hashes;
  private final int[] aheadOf = new int[RangeChecker.FRAMES];
  private Arena arena;
  private ReplayAhead ahead;
  private boolean isAhead;
  private RangeChecker range;
  private int records;
  private Ledger ledger;
  private LedgerPolicy policy;
  private boolean stopped;
  private boolean digestMissing;
  private RecordType lastType;
  private int lastEpoch;
  private long decidedFrom;
  private long decidedThrough;

  Decisions(Kernel kernel) {
    hashes = kernel.keyedHasher().map(hasher -> hasher::hash);
  }

  /** Goes on with the state of a snapshot, which is closed with this. */
  void begin(Ledger state) {
    take(state);
    policy = state.policy();
    decidedThrough = state.lastPosition();
  }

  private void take(Ledger state) {
    ledger = state;
    hashes.ifPresent(ledger::digestInLots);
  }

  /** A policy that may be put in force by the record that comes. */
  void configure(LedgerPolicy next) {
    policy = next;
  }

  /** The state is unknown: nothing from here on is decided again. */
  void stop() {
    stopped = true;
  }

  /** Whether records are decided again. */
  boolean isDeciding() {
    return ledger != null && !stopped;
  }

  /** First position that was decided again; 0 when none was. */
  long from() {
    return decidedFrom;
  }

  /** Position up to which everything was decided again, or up to which a snapshot's state goes. */
  long through() {
    return decidedThrough;
  }

  /** The first {@code count} records of a range come next: their keys are hashed and looked up. */
  void lookAhead(RangeChecker source, int count) {
    isAhead = ledger != null && !stopped;
    if (!isAhead) {
      return;
    }
    if (ahead == null) {
      arena = Arena.ofShared();
      ahead =
          hashes
              .map(
                  batch ->
                      ledger.newReplayAhead(arena, RangeChecker.FRAMES, this::termsDigests, batch))
              .orElseGet(
                  () -> ledger.newReplayAhead(arena, RangeChecker.FRAMES, this::termsDigests));
    }
    range = source;
    records = count;
    ahead.clear();
    UnsafeBuffer memory = source.frames().buffer();
    for (int i = 0; i < count; i++) {
      int at = source.frames().at(i);
      aheadOf[i] =
          ahead.add(
              memory.getShort(at + FrameLayout.TYPE_OFFSET) & 0xFFFF,
              memory,
              at + FrameLayout.PAYLOAD_OFFSET,
              memory.getInt(at + FrameLayout.PAYLOAD_LENGTH_OFFSET));
    }
    ahead.run();
  }

  /** The checkers have hashed the terms of every registration without a deposit. */
  private void termsDigests(MemorySegment terms, MemorySegment digests, int count) {
    UnsafeBuffer memory = range.frames().buffer();
    int item = 0;
    for (int i = 0; i < records && item < count; i++) {
      int at = range.frames().at(i);
      if ((memory.getShort(at + FrameLayout.TYPE_OFFSET) & 0xFFFF) != REGISTER
          || memory.getInt(at + FrameLayout.PAYLOAD_LENGTH_OFFSET) < SHORTEST) {
        continue;
      }
      if (!range.registrations().copyTermsDigest(i, digests, (long) item * Bytes32.LENGTH)) {
        oneByOne.hash(
            terms.asSlice((long) item * TermsLayout.LENGTH, TermsLayout.LENGTH),
            digests.asSlice((long) item * Bytes32.LENGTH, Bytes32.LENGTH),
            1);
      }
      item++;
    }
  }

  /**
   * Takes the next record.
   *
   * @param index in the range that {@link #lookAhead} was told of
   */
  void apply(
      int index,
      long position,
      int epoch,
      long timeMillis,
      RecordType type,
      DirectBuffer payload,
      int offset,
      int length,
      Objections objections) {
    if (stopped) {
      return;
    }
    try {
      if (type == RecordType.CONFIG && policy != null) {
        makeRoom();
      }
      if (ledger == null) {
        objections.find(AuditFinding.FIRST_RECORD, "record " + position + " is " + type);
        stopped = true;
        return;
      }
      requireDigest(type, epoch, objections);
      if (isAhead) {
        ledger.apply(
            position, type.number(), timeMillis, payload, offset, length, ahead, aheadOf[index]);
      } else {
        ledger.apply(position, type.number(), timeMillis, payload, offset, length);
      }
      decidedThrough = position;
      decidedFrom = decidedFrom == 0 ? position : decidedFrom;
    } catch (LedgerMismatchException e) {
      objections.find(mismatch(type), e.getMessage());
      stopped = true;
    } catch (IllegalStateException | IllegalArgumentException e) {
      objections.find(AuditFinding.DECISION, String.valueOf(e.getMessage()));
      stopped = true;
    }
    lastType = type;
    lastEpoch = epoch;
  }

  /**
   * A digest comes right behind the record that makes it due. What a start writes beside the
   * pipeline goes without, and a stop may come between; then it comes behind the next record.
   */
  private void requireDigest(RecordType type, int epoch, Objections objections) {
    if (type == RecordType.STATE_DIGEST) {
      digestMissing = false;
    } else if (!digestMissing
        && ledger.isDigestDue()
        && lastEpoch == epoch
        && lastType != RecordType.CONFIG
        && lastType != RecordType.OPERATOR_OVERRIDE) {
      digestMissing = true;
      objections.find(
          AuditFinding.STATE_DIGEST_MISSING,
          "the policy asks for one every %d records; the record is %s"
              .formatted(ledger.policy().digestInterval(), type));
    }
  }

  private static AuditFinding mismatch(RecordType type) {
    return switch (type) {
      case STATE_DIGEST -> AuditFinding.STATE_DIGEST;
      case CONFIG -> AuditFinding.POLICY;
      default -> AuditFinding.DECISION;
    };
  }

  /** A ledger with memory for the policy that is about to be in force. */
  private void makeRoom() {
    if (ledger == null) {
      take(Ledger.create(policy));
    } else if (policy.escrowCapacity() > ledger.policy().escrowCapacity()
        || policy.depositCapacity() > ledger.policy().depositCapacity()) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      ledger.writeSnapshot(
          (buffer, offset, length) -> {
            byte[] part = new byte[length];
            buffer.getBytes(offset, part);
            bytes.writeBytes(part);
          });
      closeLedger();
      ByteArrayInputStream source = new ByteArrayInputStream(bytes.toByteArray());
      take(
          Ledger.loadSnapshot(
              (buffer, offset, length) -> {
                byte[] part = new byte[length];
                if (source.readNBytes(part, 0, length) != length) {
                  throw new IllegalArgumentException("the snapshot ends early");
                }
                buffer.putBytes(offset, part);
              },
              policy.escrowCapacity(),
              policy.depositCapacity()));
    }
  }

  // ---- snapshots

  /** The state digest now, 16 bytes in hexadecimal; empty without a state. */
  String stateDigest() {
    return ledger == null
        ? ""
        : "%016x%016x".formatted(ledger.stateDigestHigh(), ledger.stateDigestLow());
  }

  /**
   * Compares the ledger in a snapshot, taken at the record that was applied last, with this one.
   *
   * @return whether it could be compared
   */
  boolean compare(SnapshotFile file, Objections objections) {
    SnapshotFile.Section section =
        file.sections().stream()
            .filter(
                s ->
                    s.name().equals(SnapshotState.LEDGER)
                        && s.version() == SnapshotState.LEDGER_VERSION)
            .findFirst()
            .orElse(null);
    if (section == null) {
      return false;
    }
    try {
      file.read(section, in -> compare(in, section.length(), file, objections));
    } catch (JournalException e) {
      objections.find(AuditFinding.SNAPSHOT, e.getMessage());
    }
    return true;
  }

  private void compare(InputStream in, long length, SnapshotFile file, Objections objections) {
    Comparison comparison = new Comparison(in, length);
    ledger.writeSnapshot(
        (buffer, offset, bytes) -> {
          byte[] part = new byte[bytes];
          buffer.getBytes(offset, part);
          comparison.next(part);
        });
    if (comparison.differsAt >= 0 || comparison.at != length) {
      objections.find(
          AuditFinding.SNAPSHOT,
          "%s: its ledger differs from byte %d of the section on; replayed, the state digest is %s"
              .formatted(file.path(), Math.max(0, comparison.differsAt), stateDigest()));
    }
    comparison.skipRest();
  }

  /** Byte for byte, but for the sizes of memory and the checksum that covers them. */
  private static final class Comparison {
    private final InputStream in;
    private final long length;
    private long at;
    private long differsAt = -1;

    Comparison(InputStream in, long length) {
      this.in = in;
      this.length = length;
    }

    void next(byte[] expected) {
      byte[] stored;
      try {
        stored = in.readNBytes(expected.length);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      for (int i = 0; i < expected.length && differsAt < 0; i++) {
        long place = at + i;
        boolean counts = place < SLOTS || place >= SLOTS_END && place < length - CRC;
        if (i >= stored.length || counts && stored[i] != expected[i]) {
          differsAt = place;
        }
      }
      at += expected.length;
    }

    void skipRest() {
      try {
        in.transferTo(java.io.OutputStream.nullOutputStream());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void closeLedger() {
    isAhead = false;
    if (ahead != null) {
      ahead = null;
      arena.close();
    }
    if (ledger != null) {
      ledger.close();
      ledger = null;
    }
  }

  @Override
  public void close() {
    closeLedger();
  }
}
