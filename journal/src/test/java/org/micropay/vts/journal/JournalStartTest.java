package org.micropay.vts.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.journal.JournalException.Reason;
import org.micropay.vts.journal.TestFrames.Frame;

/** Opening behind a snapshot, and against an anchor: an older or another journal is found out. */
class JournalStartTest {
  private static final long QUARTER = 900_000;
  private static final int RECORDS = 40;

  @TempDir Path temp;
  private Path live;
  private final List<JournalPoint> points = new ArrayList<>();
  private final List<FrameLocation> locations = new ArrayList<>();

  private JournalConfig config(Path directory) {
    return new JournalConfig(directory, TestFrames.IDENTITY, RollPeriod.HOURLY, 0, 4 << 20);
  }

  private static void append(ChronicleJournal journal, long seed, int records) {
    for (int i = 0; i < records; i++) {
      TestFrames.append(journal, TestFrames.frame(seed, journal.nextPosition(), 500, QUARTER));
    }
  }

  /** Three epochs, several files each. */
  @BeforeEach
  void write() {
    live = temp.resolve("j");
    for (int epoch = 0; epoch < 2; epoch++) {
      try (ChronicleJournal journal = ChronicleJournal.open(config(live))) {
        append(journal, 1, RECORDS / 2);
        journal.sync();
        assertEquals(journal.nextPosition() - 1, journal.durablePoint().position());
      }
    }
    try (JournalReader reader = JournalReader.open(live)) {
      while (reader.next(FrameHandler.NONE)) {
        points.add(reader.point());
        locations.add(reader.location());
      }
    }
    assertEquals(RECORDS, points.size());
  }

  private List<Frame> replay(JournalStart start, JournalPoint anchor) {
    List<Frame> frames = new ArrayList<>();
    ChronicleJournal.open(
            config(live),
            new JournalOpening(start, anchor, null, JournalReplay.of(TestFrames.into(frames))))
        .close();
    return frames;
  }

  private List<Frame> expected(long from) {
    List<Frame> frames = new ArrayList<>();
    for (long position = from; position <= RECORDS; position++) {
      frames.add(TestFrames.frame(1, position, 500, QUARTER));
    }
    return frames;
  }

  @Test
  void shouldGoOnBehindAnyRecord() {
    for (int i = 0; i < RECORDS; i += 3) {
      JournalPoint point = points.get(i);
      assertEquals(
          expected(i + 2), replay(new JournalStart(point, locations.get(i)), null), "at " + point);
    }
  }

  @Test
  void shouldGoOnWithoutOrWithAWrongHint() {
    JournalPoint point = points.get(16);
    assertEquals(expected(18), replay(new JournalStart(point, null), null));
    FrameLocation right = locations.get(16);
    for (FrameLocation wrong :
        List.of(
            new FrameLocation(right.epoch(), right.file(), right.offset() + 4),
            new FrameLocation(right.epoch(), right.file(), 1L << 40),
            new FrameLocation(right.epoch(), right.file(), -4),
            new FrameLocation(right.epoch(), "other.cq4", right.offset()),
            new FrameLocation(77, right.file(), right.offset()))) {
      assertEquals(expected(18), replay(new JournalStart(point, wrong), null), wrong.toString());
    }
  }

  @Test
  void shouldRefuseAStartWithAnotherChain() {
    byte[] other = points.get(10).chain();
    other[5] ^= 1;
    JournalPoint wrong = new JournalPoint(11, other);
    for (FrameLocation hint : new FrameLocation[] {null, locations.get(10)}) {
      JournalException e =
          assertThrows(JournalException.class, () -> replay(new JournalStart(wrong, hint), null));
      assertEquals(Reason.BEHIND, e.reason());
    }
  }

  @Test
  void shouldRefuseAJournalThatEndsBeforeTheStartOrTheAnchor() throws IOException {
    Path old = copy("old");
    try (ChronicleJournal journal = ChronicleJournal.open(config(live))) {
      append(journal, 1, 5);
    }
    JournalPoint newest;
    FrameLocation where;
    try (JournalReader reader = JournalReader.open(live)) {
      while (reader.next(FrameHandler.NONE)) {
        // To the end.
      }
      newest = reader.point();
      where = reader.location();
    }
    live = old;
    int epochs = JournalFiles.epochs(live).size();
    for (JournalException e :
        List.of(
            assertThrows(
                JournalException.class, () -> replay(new JournalStart(newest, where), null)),
            assertThrows(
                JournalException.class, () -> replay(new JournalStart(newest, null), null)),
            assertThrows(JournalException.class, () -> replay(null, newest)))) {
      assertEquals(Reason.BEHIND, e.reason(), e.getMessage());
    }
    assertEquals(epochs, JournalFiles.epochs(live).size(), "a refused journal is not written to");
  }

  @Test
  void shouldAcceptAnAnchorAtAnyRecord() {
    for (int i = 0; i < RECORDS; i += 7) {
      assertEquals(RECORDS, replay(null, points.get(i)).size());
      assertEquals(
          RECORDS - 25,
          replay(new JournalStart(points.get(24), locations.get(24)), points.get(i)).size());
    }
  }

  @Test
  void shouldRefuseAJournalOfAnotherHistory() throws IOException {
    // The same first half, then other records: longer than the anchor, but not what it saw.
    Path fork = copy("fork");
    try (Stream<Path> epochs = Files.list(fork)) {
      for (Path epoch : epochs.filter(p -> p.toString().endsWith("2")).toList()) {
        delete(epoch);
      }
    }
    live = fork;
    try (ChronicleJournal journal = ChronicleJournal.open(config(fork))) {
      append(journal, 2, RECORDS);
    }
    for (int i = 1; i < RECORDS; i += 6) {
      JournalPoint anchor = points.get(i);
      if (i < RECORDS / 2) {
        assertEquals(RECORDS + RECORDS / 2, replay(null, anchor).size());
      } else {
        JournalException e = assertThrows(JournalException.class, () -> replay(null, anchor));
        assertEquals(Reason.BEHIND, e.reason(), e.getMessage());
      }
    }
    // An anchor before the start of the replay is looked up.
    JournalException e =
        assertThrows(
            JournalException.class,
            () -> {
              try (JournalReader reader = JournalReader.open(fork)) {
                while (reader.position() < RECORDS + 5 && reader.next(FrameHandler.NONE)) {
                  // Up to a start in the new half.
                }
                replay(new JournalStart(reader.point(), reader.location()), points.getLast());
              }
            });
    assertEquals(Reason.BEHIND, e.reason(), e.getMessage());
  }

  @Test
  void shouldRefuseToBeginAnewWhereAnAnchorKnowsMore() {
    live = temp.resolve("empty");
    JournalException e =
        assertThrows(JournalException.class, () -> replay(null, points.getFirst()));
    assertEquals(Reason.BEHIND, e.reason());
  }

  @Test
  void shouldLetTheReplayRefuseBeforeAnythingIsWritten() {
    int epochs = JournalFiles.epochs(live).size();
    JournalReplay refusing =
        new JournalReplay() {
          @Override
          public void onFrame(
              long position,
              int type,
              long timeMillis,
              org.agrona.DirectBuffer payload,
              int offset,
              int length) {}

          @Override
          public void onEnd(JournalPoint end) {
            assertEquals(points.getLast(), end);
            throw new IllegalStateException("no");
          }
        };
    assertThrows(
        IllegalStateException.class,
        () -> ChronicleJournal.open(config(live), JournalOpening.of(refusing)));
    assertEquals(epochs, JournalFiles.epochs(live).size());
  }

  @Test
  void shouldKeepAnAnchorWhole() throws IOException {
    Path file = temp.resolve("elsewhere/anchor");
    assertNull(AnchorFile.read(file, TestFrames.IDENTITY));
    AnchorFile.write(file, TestFrames.IDENTITY, points.get(7), 1);
    AnchorFile.write(file, TestFrames.IDENTITY, points.get(9), 2);
    assertEquals(points.get(9), AnchorFile.read(file, TestFrames.IDENTITY));
    byte[] other = TestFrames.IDENTITY.clone();
    other[0] = 1;
    assertEquals(
        Reason.WRONG_IDENTITY,
        assertThrows(JournalException.class, () -> AnchorFile.read(file, other)).reason());
    byte[] bytes = Files.readAllBytes(file);
    for (int at = 0; at < bytes.length; at++) {
      byte[] damaged = bytes.clone();
      damaged[at] ^= 1;
      Files.write(file, damaged);
      assertEquals(
          Reason.CORRUPT,
          assertThrows(JournalException.class, () -> AnchorFile.read(file, TestFrames.IDENTITY))
              .reason(),
          "byte " + at);
    }
  }

  private Path copy(String name) throws IOException {
    Path target = temp.resolve(name);
    try (Stream<Path> paths = Files.walk(live)) {
      for (Path path : paths.toList()) {
        Files.copy(
            path,
            target.resolve(live.relativize(path).toString()),
            StandardCopyOption.REPLACE_EXISTING);
      }
    }
    return target;
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
