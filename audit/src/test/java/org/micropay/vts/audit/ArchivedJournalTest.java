package org.micropay.vts.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.journal.AnchorFile;
import org.micropay.vts.journal.JournalArchive;
import org.micropay.vts.journal.JournalArchive.Form;
import org.micropay.vts.journal.JournalArchive.Moved;
import org.micropay.vts.journal.JournalException;
import org.micropay.vts.journal.JournalPlaces;
import org.micropay.vts.journal.JournalPoint;
import org.micropay.vts.journal.JournalReader;
import org.micropay.vts.journal.SnapshotStore;
import org.micropay.vts.secp256k1.Kernels;
import org.micropay.vts.ticket.Bytes32;

/** Audits that begin with a snapshot, or go through an archive; and what is wrong with either. */
class ArchivedJournalTest {
  private static final long SEED = 21;
  private static final long HOUR = 3_600_000;

  @TempDir static Path shared;

  /** Everything in one folder, as it was written, with two snapshots. */
  private static Path whole;

  /** Positions of the snapshots. */
  private static long first;

  private static long second;
  @TempDir Path folder;

  @BeforeAll
  static void write() {
    whole = shared.resolve("whole");
    try (TestVts vts = new TestVts(whole, SEED)) {
      toTheFirstSnapshot(vts, false);
      first = vts.position();
      TestSnapshot.write(whole, vts.ledger(), first);
      vts.openEpoch();
      vts.liveALittle(12);
      second = vts.position();
      TestSnapshot.write(whole, vts.ledger(), first);
      vts.openEpoch();
      vts.tick();
      vts.liveALittle(5);
    }
  }

  /** A history up to where the first snapshot is taken; a forged one leaves out its last grant. */
  private static void toTheFirstSnapshot(TestVts vts, boolean forged) {
    vts.liveALittle(15);
    vts.advance(HOUR);
    vts.tick();
    vts.liveALittle(10);
    vts.openEpoch();
    vts.liveALittle(5);
    vts.register(false);
    var claim = vts.claim(vts.newest());
    if (forged) {
      vts.tick();
    } else {
      vts.decide(claim);
    }
  }

  /** A copy of the journal of which the first files are in an archive beside it. */
  private JournalPlaces archived(Form form) {
    JournalPlaces places = new JournalPlaces(folder.resolve("journal"), folder.resolve("archive"));
    JournalEdit.copy(whole, places.journal());
    JournalArchive.move(places.journal(), places.archive(), Long.MAX_VALUE, form);
    assertTrue(JournalReader.firstPosition(places.journal()) > 1);
    return places;
  }

  private static AuditReport audit(JournalPlaces places, EarlierState... earlier) {
    return audit(places, null, earlier);
  }

  private static AuditReport audit(JournalPlaces places, Path snapshot, EarlierState... earlier) {
    return Auditor.run(
        new AuditOptions(
            places,
            Optional.ofNullable(snapshot),
            Optional.empty(),
            List.of(earlier),
            Kernels.select(Kernels.AUTO),
            2),
        AuditProgress.NONE);
  }

  private static JournalPlaces alone(JournalPlaces places) {
    return JournalPlaces.of(places.journal());
  }

  private static void assertNames(AuditReport report, AuditFinding code, long position) {
    assertFalse(report.clean());
    assertTrue(
        report.findings().stream().anyMatch(f -> f.code() == code && f.position() == position),
        code + " at " + position + ": " + report.findings());
  }

  private static void flip(Path file, long offset) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[(int) offset] ^= 4;
    Files.write(file, bytes);
  }

  // ---- honest ones

  @Test
  void shouldCompareSnapshotsOfAWholeJournal() {
    AuditReport report = audit(JournalPlaces.of(whole));
    assertEquals(List.of(), report.findings());
    assertEquals(2, report.snapshots());
    assertNull(report.trusted());
    assertEquals(List.of(), report.notChecked());
  }

  @Test
  void shouldBeginWithTheSnapshotAndSayWhatIsTrusted() {
    JournalPlaces places = archived(Form.PLAIN);
    long begin = JournalReader.firstPosition(places.journal());
    AuditReport report = audit(alone(places));
    assertEquals(List.of(), report.findings());
    assertEquals(begin, report.firstPosition());
    assertEquals(first, report.trusted().position());
    assertEquals(64, report.trusted().digest().length());
    assertEquals(32, report.trusted().stateDigest().length());
    assertEquals(first + 1, report.decidedFrom());
    assertEquals(1, report.snapshots(), "the second");
    assertTrue(
        report.notChecked().getFirst().startsWith("records 1 to " + (begin - 1)),
        report.notChecked().toString());
    assertEquals(audit(JournalPlaces.of(whole)).checkpoint(), report.checkpoint());
  }

  @Test
  void shouldGoThroughTheArchiveFromTheFirstRecord() {
    for (Form form : Form.values()) {
      JournalPlaces places = archived(form);
      AuditReport report = audit(places);
      assertEquals(List.of(), report.findings());
      assertEquals(1, report.firstPosition());
      assertEquals(1, report.decidedFrom());
      assertEquals(2, report.snapshots());
      assertNull(report.trusted());
      AuditReport before = audit(JournalPlaces.of(whole));
      assertEquals(before.checkpoint(), report.checkpoint());
      assertEquals(before.signatures(), report.signatures());
      folder = folder.resolve("again");
    }
  }

  @Test
  void shouldBeginBehindASnapshotThatIsNamed() {
    JournalPlaces places = JournalPlaces.of(whole);
    AuditReport report = audit(places, new SnapshotStore(whole).fileFor(second));
    assertEquals(List.of(), report.findings());
    assertEquals(second + 1, report.firstPosition());
    assertEquals(second + 1, report.decidedFrom());
    assertEquals(second, report.trusted().position());
    assertTrue(report.recordCount() > 5);
  }

  // ---- wrong snapshots

  @Test
  void shouldNameADamagedSnapshotAndBeginWithTheNext() throws IOException {
    JournalPlaces places = archived(Form.PLAIN);
    Path snapshot = new SnapshotStore(places.journal()).fileFor(first);
    flip(snapshot, 300);
    AuditReport report = audit(alone(places));
    assertNames(report, AuditFinding.SNAPSHOT, first);
    assertEquals(second, report.trusted().position());
    Files.delete(snapshot);
    flip(new SnapshotStore(places.journal()).fileFor(second), 300);
    AuditReport none = audit(alone(places));
    assertNames(none, AuditFinding.SNAPSHOT, second);
    assertNames(none, AuditFinding.FIRST_RECORD, none.firstPosition());
    assertEquals(0, none.decidedFrom());
    assertTrue(none.signatures() > 0, "what needs no state is checked all the same");
  }

  @Test
  void shouldNameASnapshotOfAnotherState() {
    JournalPlaces places = archived(Form.PLAIN);
    try (TestVts forged = new TestVts(folder.resolve("forged"), SEED)) {
      toTheFirstSnapshot(forged, true);
      assertEquals(first, forged.position());
      TestSnapshot.write(places.journal(), forged.ledger(), first, places.archive());
    }
    AuditReport replayed = audit(places);
    assertNames(replayed, AuditFinding.SNAPSHOT, first);
    assertEquals(1, replayed.findings().size(), replayed.findings().toString());
    // Alone, by the grant that lies between the first record and the snapshot.
    AuditReport trusting = audit(alone(places));
    assertNames(trusting, AuditFinding.SNAPSHOT, first);
  }

  @Test
  void shouldNameASnapshotThatIsNotOfThisHistory() {
    Path other = folder.resolve("other");
    try (TestVts vts = new TestVts(other, SEED)) {
      toTheFirstSnapshot(vts, true);
      vts.tick();
    }
    Path snapshot = new SnapshotStore(whole).fileFor(first);
    AuditReport report = audit(JournalPlaces.of(other), snapshot);
    assertNames(report, AuditFinding.SNAPSHOT, first);
    assertEquals(1, report.firstPosition(), "it goes on from the first record");
  }

  // ---- wrong archives

  @Test
  void shouldNameAFlippedBitInTheArchive() throws IOException {
    JournalPlaces places = archived(Form.PLAIN);
    Moved entry = JournalArchive.manifest(places.archive()).get(1);
    JournalEdit.Place place = JournalEdit.place(places, entry.first() + 1);
    JournalEdit.flip(place, 500);
    AuditReport report = audit(places);
    assertNames(report, AuditFinding.FRAME_CHECKSUM, entry.first() + 1);
    assertNames(report, AuditFinding.ARCHIVE, entry.first());
  }

  @Test
  void shouldNameAnArchiveThatWasWrittenAnew() {
    JournalPlaces places = archived(Form.PLAIN);
    Moved entry = JournalArchive.manifest(places.archive()).getFirst();
    List<JournalEdit.Entry> entries = JournalEdit.entries(whole);
    JournalEdit.Entry tick = entries.getFirst();
    List<JournalEdit.Entry> edited =
        new java.util.ArrayList<>(entries.subList(0, (int) entry.last()));
    edited.set(2, edited.get(2).withTime(edited.get(2).timeMillis() + 1));
    assertEquals(1, tick.type());
    Path anew =
        JournalEdit.rewrite(
            folder.resolve("anew"), Bytes32.of(JournalReader.identity(whole)), edited);
    JournalEdit.Place from = JournalEdit.place(anew, 1);
    JournalEdit.copyFile(from.file(), places.archive().resolve(entry.file()));
    AuditReport report = audit(places);
    assertNames(report, AuditFinding.ARCHIVE, entry.first());
    assertNames(report, AuditFinding.HASH_CHAIN, entry.last() + 1);
  }

  @Test
  void shouldNameAGapInTheArchive() throws IOException {
    JournalPlaces places = archived(Form.GZIP);
    Moved entry = JournalArchive.manifest(places.archive()).get(1);
    Files.delete(places.archive().resolve(entry.file()));
    AuditReport report = audit(places);
    assertNames(report, AuditFinding.RECORD_MISSING, entry.first());
    assertNames(report, AuditFinding.ARCHIVE, entry.first());
  }

  @Test
  void shouldNameAnArchiveWithoutItsBeginning() throws IOException {
    JournalPlaces places = archived(Form.PLAIN);
    for (Moved entry : JournalArchive.manifest(places.archive())) {
      Files.delete(places.archive().resolve(entry.file()));
    }
    AuditReport report = audit(places);
    assertNames(report, AuditFinding.RECORD_MISSING, 1);
    assertFalse(
        report.findings().stream()
            .anyMatch(f -> f.code().isStructural() && f.code() != AuditFinding.RECORD_MISSING),
        report.findings().toString());
  }

  @Test
  void shouldRefuseFoldersThatAreNotThere() {
    JournalPlaces nowhere = new JournalPlaces(whole, folder.resolve("nowhere"));
    assertThrows(JournalException.class, () -> audit(nowhere));
    assertThrows(
        JournalException.class,
        () -> audit(JournalPlaces.of(whole), folder.resolve("nowhere.vts")));
  }

  // ---- anchors

  private Path anchor(Path journal, byte[] identity, JournalPoint point) {
    Path file = folder.resolve("anchor");
    AnchorFile.write(file, identity, point, 1);
    return file;
  }

  private static JournalPoint point(Path journal, long position) {
    try (JournalReader reader = JournalReader.openNear(journal, position)) {
      reader.next((at, type, time, payload, offset, length) -> {});
      return reader.point();
    }
  }

  @Test
  void shouldCompareWithAnAnchor() throws IOException {
    byte[] identity = JournalReader.identity(whole);
    JournalPlaces places = JournalPlaces.of(whole);
    EarlierState good = EarlierState.read(anchor(whole, identity, point(whole, second)));
    assertEquals(List.of(), audit(places, good).findings());
    byte[] chain = HexFormat.of().parseHex("ab".repeat(32));
    EarlierState other =
        EarlierState.read(anchor(whole, identity, new JournalPoint(second, chain)));
    assertNames(audit(places, other), AuditFinding.CHECKPOINT, second);
    EarlierState later =
        EarlierState.read(anchor(whole, identity, new JournalPoint(1_000_000, chain)));
    assertNames(
        audit(places, later), AuditFinding.CHECKPOINT, audit(places).checkpoint().position() + 1);
    EarlierState strange = EarlierState.read(anchor(whole, chain, point(whole, second)));
    assertNames(audit(places, strange), AuditFinding.CHECKPOINT, 1);
  }

  @Test
  void shouldAskForTheArchiveWhenAnAnchorLiesBeforeEveryRecord() throws IOException {
    JournalPlaces places = archived(Form.PLAIN);
    long begin = JournalReader.firstPosition(places.journal());
    byte[] identity = JournalReader.identity(whole);
    EarlierState before = EarlierState.read(anchor(whole, identity, point(whole, begin - 2)));
    assertEquals(List.of(), audit(places, before).findings());
    JournalException e = assertThrows(JournalException.class, () -> audit(alone(places), before));
    assertTrue(e.getMessage().contains("--archive"), e.getMessage());
    EarlierState last = EarlierState.read(anchor(whole, identity, point(whole, begin - 1)));
    assertEquals(List.of(), audit(alone(places), last).findings());
  }
}
