package org.micropay.vts.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.micropay.vts.audit.HonestJournalTest.audit;
import static org.micropay.vts.audit.HonestJournalTest.options;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.audit.JournalEdit.Entry;
import org.micropay.vts.audit.TestVts.Escrow;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ledger.RegisterRecord;
import org.micropay.vts.secp256k1.Kernels;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.TermsLayout;

/**
 * An honest history, and what edits it: the base of the tests of edited journals. "Rewritten" means
 * that the operator recomputed positions, checksums and the whole hash chain after the edit.
 */
abstract class EditedHistory {
  @TempDir static Path shared;
  static Path honest;
  static TestVts vts;
  static List<Entry> entries;
  @TempDir Path folder;
  int histories;

  /** One history for all tests: none of them writes to it. */
  @BeforeAll
  static void write() {
    honest = shared.resolve("honest");
    vts = new TestVts(honest, 11);
    vts.liveALittle(30);
    vts.openEpoch();
    vts.tick();
    vts.journal().close();
    entries = JournalEdit.entries(honest);
    assertEquals(List.of(), audit(honest).findings());
  }

  @AfterAll
  static void close() {
    vts.close();
  }

  /** Position of the n-th record of a type, from 0. */
  int position(RecordType type, int n) {
    for (int i = 0; i < entries.size(); i++) {
      if (entries.get(i).is(type) && n-- == 0) {
        return i + 1;
      }
    }
    throw new AssertionError("no further " + type);
  }

  Entry at(long position) {
    return entries.get((int) position - 1);
  }

  static void assertFirst(AuditFinding code, long position, AuditReport report) {
    assertFalse(report.clean());
    Finding first = report.findings().getFirst();
    assertEquals(
        code + " at " + position,
        first.code() + " at " + first.position(),
        () -> report.findings().toString());
    assertFalse(first.file().isEmpty());
    assertFalse(first.detail().isEmpty());
  }

  /** The earliest finding is about this record, and one of them is this. */
  static void assertNamed(AuditFinding code, long position, AuditReport report) {
    assertFalse(report.clean());
    assertEquals(position, report.findings().getFirst().position(), report.findings().toString());
    assertTrue(
        report.findings().stream().anyMatch(f -> f.code() == code && f.position() == position),
        report.findings().toString());
  }

  /** An audit of the journal written anew after an edit of its records. */
  AuditReport rewritten(Consumer<List<Entry>> edit) {
    return rewritten(edit, List.of());
  }

  AuditReport rewritten(Consumer<List<Entry>> edit, List<EarlierState> checkpoints) {
    List<Entry> copy = new ArrayList<>(entries);
    edit.accept(copy);
    Path journal =
        JournalEdit.rewrite(folder.resolve("rewritten"), TestVts.identity(vts.vtsPublic), copy);
    return Auditor.run(
        options(journal, Optional.empty(), checkpoints, Kernels.select(Kernels.AUTO), 2),
        AuditProgress.NONE);
  }

  AuditReport rewrittenWith(long position, Entry other) {
    return rewritten(list -> list.set((int) position - 1, other));
  }

  static byte[] changed(byte[] payload, int offset) {
    byte[] copy = payload.clone();
    copy[offset] ^= 1;
    return copy;
  }

  Path copy() {
    Path copy = folder.resolve("copy");
    JournalEdit.copy(honest, copy);
    return copy;
  }

  /** The checkpoint that an auditor took of the honest journal. */
  static Checkpoint checkpoint(Path journal) {
    AuditReport report = audit(journal);
    return new Checkpoint(
        report.checkpoint().position(), Bytes32.fromHex(report.checkpoint().chain()));
  }

  /** A history in which nothing refers to a grant but the state digests. */
  AuditReport withoutReferences(Consumer<List<Entry>> edit) {
    Path journal = folder.resolve("grants-" + histories);
    try (TestVts plain = new TestVts(journal, 12)) {
      for (int i = 0; i < 12; i++) {
        plain.register(false);
        plain.decide(plain.claim(plain.newest()));
      }
      List<Entry> list = JournalEdit.entries(journal);
      edit.accept(list);
      return audit(
          JournalEdit.rewrite(
              folder.resolve("edited-" + histories++), TestVts.identity(plain.vtsPublic), list));
    }
  }

  static int index(List<Entry> list, RecordType type, int n) {
    return IntStream.range(0, list.size())
        .filter(i -> list.get(i).is(type))
        .skip(n)
        .findFirst()
        .orElseThrow();
  }

  AuditReport rewrittenAgain(long position, Entry other) {
    List<Entry> copy = new ArrayList<>(entries);
    copy.set((int) position - 1, other);
    return audit(
        JournalEdit.rewrite(folder.resolve("again"), TestVts.identity(vts.vtsPublic), copy));
  }

  int registrationOf(Escrow escrow) {
    byte[] outpoint = escrow.terms().outpoint().encode();
    for (int i = 0; i < entries.size(); i++) {
      byte[] payload = entries.get(i).payload();
      int at = RegisterRecord.REGISTRATION + TermsLayout.OUTPOINT;
      if (entries.get(i).is(RecordType.REGISTER)
          && Arrays.equals(outpoint, 0, 36, payload, at, at + 36)) {
        return i + 1;
      }
    }
    throw new AssertionError("no registration of " + escrow.terms().outpoint());
  }
}
