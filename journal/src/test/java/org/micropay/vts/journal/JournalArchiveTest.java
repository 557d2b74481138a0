package org.micropay.vts.journal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.journal.JournalException.Reason;
import org.micropay.vts.journal.TestFrames.Frame;

/** Old files go to the archive, and nothing is lost on the way. */
class JournalArchiveTest {
  private static final long QUARTER = 900_000;
  private static final long ALL = Long.MAX_VALUE;
  private static final int PER_EPOCH = 20;

  @TempDir Path temp;
  private Path live;
  private Path archive;
  private final List<Frame> frames = new ArrayList<>();

  private JournalConfig config() {
    return new JournalConfig(live, TestFrames.IDENTITY, RollPeriod.HOURLY, 0, 4 << 20);
  }

  @BeforeEach
  void write() {
    live = temp.resolve("j");
    archive = temp.resolve("archive");
    for (int epoch = 0; epoch < 3; epoch++) {
      write(PER_EPOCH);
    }
  }

  private void write(int records) {
    try (ChronicleJournal journal =
        ChronicleJournal.open(config(), Long.MAX_VALUE, FrameHandler.NONE)) {
      for (int i = 0; i < records; i++) {
        Frame frame = TestFrames.frame(4, journal.nextPosition(), 700, QUARTER);
        TestFrames.append(journal, frame);
        frames.add(frame);
      }
    }
  }

  private void snapshot(long position, long floor) {
    try (JournalReader reader = JournalReader.openNear(live, position)) {
      reader.next(FrameHandler.NONE);
      SnapshotHead head =
          new SnapshotHead(
              TestFrames.IDENTITY, reader.point(), reader.location(), TestFrames.T0, floor);
      Path path = new SnapshotStore(live).fileFor(position);
      try (SnapshotWriter writer = SnapshotWriter.create(path, head)) {
        writer.section("state", 1, out -> out.write(new byte[100]));
        writer.commit();
      }
    }
  }

  private List<Frame> readBoth() {
    try (JournalReader reader = JournalReader.open(live, archive, 1)) {
      return TestFrames.readAll(reader);
    }
  }

  @Test
  void shouldKeepEverythingWithoutASnapshot() {
    JournalArchive.Report report =
        JournalArchive.move(live, archive, ALL, JournalArchive.Form.PLAIN);
    assertEquals(0, report.moved().size());
    assertTrue(report.stopped().contains("snapshot"), report.stopped());
    assertEquals(1, JournalReader.firstPosition(live));
  }

  @Test
  void shouldMoveUpToTheFloorAndReadBothAsOne() throws IOException {
    for (JournalArchive.Form form : JournalArchive.Form.values()) {
      long floor = form == JournalArchive.Form.PLAIN ? 18 : 45;
      snapshot(50, floor);
      JournalArchive.Report report = JournalArchive.move(live, archive, ALL, form);
      assertFalse(report.moved().isEmpty());
      assertTrue(report.lastPosition() < floor, report.toString());
      assertTrue(report.lastPosition() > floor - 6, report.toString());
      assertEquals(report.lastPosition() + 1, JournalReader.firstPosition(live));
      assertEquals(frames, readBoth());
      try (JournalReader reader = JournalReader.open(live, report.lastPosition() + 1)) {
        assertEquals(
            frames.subList((int) report.lastPosition(), frames.size()), TestFrames.readAll(reader));
      }
      JournalException early =
          assertThrows(JournalException.class, () -> JournalReader.open(live, 1));
      assertEquals(Reason.NOT_ACCESSIBLE, early.reason());
      assertTrue(early.getMessage().contains("archive"), early.getMessage());
      new SnapshotStore(live).keep(0);
    }
    assertFalse(Files.exists(live.resolve("epoch-00000001")), "an empty epoch goes");
    assertTrue(Files.exists(archive.resolve("epoch-00000001/epoch")));
    List<JournalArchive.Moved> manifest = new ArchiveManifest(archive).read();
    long next = 1;
    for (JournalArchive.Moved moved : manifest) {
      assertEquals(next, moved.first());
      assertTrue(Files.exists(archive.resolve(moved.file())), moved.file());
      next = moved.last() + 1;
    }
  }

  @Test
  void shouldGoOnWritingAndOpenBehindASnapshotAfterwards() {
    snapshot(55, 55);
    JournalArchive.move(live, archive, ALL, JournalArchive.Form.GZIP);
    write(PER_EPOCH);
    SnapshotHead head = SnapshotFile.open(new SnapshotStore(live).newestFirst().getFirst()).head();
    List<Frame> replayed = new ArrayList<>();
    ChronicleJournal.open(
            config(),
            new JournalOpening(
                head.start(), null, archive, JournalReplay.of(TestFrames.into(replayed))))
        .close();
    assertEquals(frames.subList(55, frames.size()), replayed);
    replayed.clear();
    ChronicleJournal.open(
            config(),
            new JournalOpening(null, null, archive, JournalReplay.of(TestFrames.into(replayed))))
        .close();
    assertEquals(frames, replayed, "without a snapshot the archive is read");
    JournalException e =
        assertThrows(
            JournalException.class,
            () ->
                ChronicleJournal.open(
                    config(),
                    new JournalOpening(null, null, null, JournalReplay.of(FrameHandler.NONE))));
    assertEquals(Reason.NOT_ACCESSIBLE, e.reason());
  }

  @Test
  void shouldOpenAPlaceOfTheJournalWhereverItIs() {
    snapshot(55, 45);
    JournalPlaces places = new JournalPlaces(live, archive);
    assertEquals(1, places.firstPosition(), "the archive need not be there yet");
    long first =
        JournalArchive.move(live, archive, ALL, JournalArchive.Form.GZIP).lastPosition() + 1;
    assertEquals(1, places.firstPosition());
    for (long position : new long[] {1, first - 1, first, frames.size()}) {
      List<Frame> rest = frames.subList((int) position - 1, frames.size());
      try (JournalReader all = places.open(position);
          JournalReader near = places.openNear(position)) {
        assertEquals(rest, TestFrames.readAll(all));
        assertEquals(rest, TestFrames.readAll(near));
      }
    }
    assertThrows(JournalException.class, () -> JournalPlaces.of(live).open(first - 1));
  }

  @Test
  void shouldWalkJournalAndArchiveAsOne() {
    snapshot(55, 18);
    JournalArchive.move(live, archive, ALL, JournalArchive.Form.PLAIN);
    long first = JournalReader.firstPosition(live);
    assertEquals(List.of(1L, 60L), walked(JournalWalk.open(new JournalPlaces(live, archive))));
    assertEquals(List.of(first, 60L), walked(JournalWalk.open(live)), "in the middle of an epoch");
    for (long position : new long[] {1, first, 20, 21, 60}) {
      JournalStart start;
      try (JournalReader reader = new JournalPlaces(live, archive).open(position)) {
        reader.next(FrameHandler.NONE);
        start = new JournalStart(reader.point(), reader.location());
      }
      List<Long> after = walked(JournalWalk.openAfter(new JournalPlaces(live, archive), start));
      assertEquals(List.of(position + 1, 60L), after);
    }
  }

  /** First and last position of a walk that ends as it should. */
  private static List<Long> walked(JournalWalk walk) {
    FrameRange range = new FrameRange(7, 1 << 20);
    long next = walk.firstPosition();
    byte[] chain = walk.firstChain();
    while (walk.next(range)) {
      assertEquals(next, range.position(0));
      assertArrayEquals(chain, range.chainBefore());
      next += range.count();
      int last = range.count() - 1;
      long chainAt = range.offset(last) + range.length(last) - 36;
      chain = range.mapping().asSlice(chainAt, 32).toArray(ValueLayout.JAVA_BYTE);
    }
    assertEquals(JournalWalk.Ending.CLEAN, walk.end().ending(), walk.end().toString());
    walk.close();
    return List.of(walk.firstPosition(), next - 1);
  }

  @Test
  void shouldNameAGapInTheArchive() throws IOException {
    snapshot(55, 55);
    JournalArchive.move(live, archive, ALL, JournalArchive.Form.PLAIN);
    JournalArchive.Moved lost = new ArchiveManifest(archive).read().get(1);
    Files.delete(archive.resolve(lost.file()));
    FrameRange range = new FrameRange(7, 1 << 20);
    try (JournalWalk walk = JournalWalk.open(new JournalPlaces(live, archive))) {
      while (walk.next(range)) {
        // To the gap.
      }
      assertEquals(JournalWalk.Ending.RECORD_MISSING, walk.end().ending());
      assertEquals(lost.first(), walk.end().position());
    }
  }

  @Test
  void shouldKeepWhatIsTooYoung() {
    snapshot(55, 55);
    long limit = frames.get(30).timeMillis();
    JournalArchive.Report report =
        JournalArchive.move(live, archive, limit, JournalArchive.Form.PLAIN);
    assertTrue(report.lastPosition() <= 30 && report.lastPosition() > 20, report.toString());
    assertEquals("position 32 is not old enough", report.stopped().replaceAll("3[0-9]", "32"));
  }

  @Test
  void shouldCarryOnWhereItWasInterrupted() throws IOException {
    snapshot(55, 55);
    // As after a crash between the mark and the deletion: the files are there again.
    Path saved = temp.resolve("saved");
    copy(live.resolve("epoch-00000001"), saved);
    JournalArchive.Report report =
        JournalArchive.move(live, archive, ALL, JournalArchive.Form.PLAIN);
    copy(saved, live.resolve("epoch-00000001"));
    assertEquals(frames, readBoth());
    try (JournalReader reader = JournalReader.open(live, report.lastPosition() + 1)) {
      assertEquals(frames.size() - report.lastPosition(), TestFrames.readAll(reader).size());
    }
    JournalArchive.Report again =
        JournalArchive.move(live, archive, ALL, JournalArchive.Form.PLAIN);
    assertEquals(List.of(), again.moved());
    assertFalse(Files.exists(live.resolve("epoch-00000001")));
    assertEquals(frames, readBoth());
  }

  @Test
  void shouldNotMoveADamagedFile() throws IOException {
    snapshot(55, 55);
    Path file = JournalFiles.queueFiles(live.resolve("epoch-00000002")).get(2);
    long at;
    try (QueueFile queue = QueueFile.open(file)) {
      queue.look();
      at = queue.frameOffset() + 20;
    }
    byte[] bytes = Files.readAllBytes(file);
    bytes[(int) at] ^= 4;
    Files.write(file, bytes);
    JournalException e =
        assertThrows(
            JournalException.class,
            () -> JournalArchive.move(live, archive, ALL, JournalArchive.Form.GZIP));
    assertEquals(Reason.CORRUPT, e.reason());
    assertTrue(Files.exists(file));
    assertFalse(
        Files.exists(archive.resolve("epoch-00000002").resolve(file.getFileName() + ".gz")));
  }

  @Test
  void shouldNoticeADamagedArchive() throws IOException {
    snapshot(55, 55);
    JournalArchive.move(live, archive, ALL, JournalArchive.Form.GZIP);
    Path copy = JournalFiles.queueFiles(archive.resolve("epoch-00000001")).get(1);
    byte[] bytes = Files.readAllBytes(copy);
    bytes[bytes.length / 2] ^= 4;
    Files.write(copy, bytes);
    assertThrows(JournalException.class, this::readBoth);
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (java.util.stream.Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }
}
