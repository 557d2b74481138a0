package org.micropay.vts.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.journal.JournalException.Reason;
import org.micropay.vts.journal.TestFrames.Frame;

/** Flipped bits, lost sectors, cut files: what was acknowledged is there or its loss is named. */
class JournalDamageTest {
  private static final int RECORDS = 300;
  private static final int DURABLE = 280;
  private static final int SECTOR = 512;

  @TempDir Path temp;

  private final List<Frame> frames = new ArrayList<>();
  private long seed;
  private SplittableRandom random;
  private Path image;

  /** A record's document in the image. */
  private record Place(long position, Path file, long from, long to) {}

  @BeforeEach
  void writeImage() throws IOException {
    seed = TestFrames.seed("damage");
    random = new SplittableRandom(seed);
    image = temp.resolve("image");
    Path live = temp.resolve("live");
    try (ChronicleJournal journal = ChronicleJournal.open(ChronicleJournalTest.config(live))) {
      for (int i = 1; i <= RECORDS; i++) {
        // Three files; the last roll is within the durable part.
        frames.add(TestFrames.frame(seed, i, 700, 35_000));
        TestFrames.append(journal, frames.getLast());
        if (i % 20 == 0 && i <= DURABLE) {
          journal.sync();
        }
      }
      // As a kill would leave it: the copy is made before close.
      copy(live, image);
    }
  }

  @Test
  void shouldNameEveryFlippedBit() throws IOException {
    List<Place> places = places(image);
    assertEquals(RECORDS, places.size());
    int named = 0;
    int torn = 0;
    for (int i = 0; i < 250; i++) {
      Place place = places.get(random.nextInt(places.size()));
      long offset = place.from() + random.nextLong(place.to() - place.from());
      int bit = 1 << random.nextInt(8);
      flip(place.file(), offset, bit);
      String where =
          "position %d, %s offset %d bit %d"
              .formatted(place.position(), place.file().getFileName(), offset, bit);
      List<Frame> seen = new ArrayList<>();
      JournalException damage = check(image, seen);
      assertEquals(frames.subList(0, (int) place.position() - 1), seen, where);
      if (damage == null) {
        assertTrue(place.position() > DURABLE, where);
        torn++;
      } else {
        assertEquals(Reason.CORRUPT, damage.reason(), where);
        assertEquals(place.position(), damage.position(), where);
        assertEquals(place.file().toString(), damage.file(), where);
        // A header turned into one of Chronicle's own hides the record; the next one shows it.
        boolean hidden = offset == place.from() + 3 && bit == 0x40;
        assertEquals(hidden ? place.to() : place.from(), damage.offset(), where);
        named++;
      }
      flip(place.file(), offset, bit);
    }
    System.out.println("damage: " + named + " flips named, " + torn + " at the torn tail");
    List<Frame> seen = new ArrayList<>();
    assertEquals(null, check(image, seen));
    assertEquals(frames, seen);
  }

  @Test
  void shouldNameDamageByLaterRecordsWhenTheMarkIsOld() throws IOException {
    forgetMark();
    List<Place> places = places(image);
    for (int i = 0; i < 60; i++) {
      Place place = places.get(random.nextInt(DURABLE));
      // Headers and lengths often, so that the walk cannot go on behind the damage.
      long offset = place.from() + random.nextLong(i % 2 == 0 ? 8 : place.to() - place.from());
      int bit = 1 << random.nextInt(8);
      flip(place.file(), offset, bit);
      JournalException damage = check(image, new ArrayList<>());
      assertNotNull(damage, place + " offset " + offset + " bit " + bit);
      assertEquals(place.position(), damage.position());
      flip(place.file(), offset, bit);
    }
    assertEquals(null, check(image, new ArrayList<>()));
  }

  /** As after a loss of power: the mark was not written back, the records were synced. */
  private void forgetMark() throws IOException {
    ByteBuffer slot = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    CRC32C crc32c = new CRC32C();
    crc32c.update(slot.array(), 0, 8);
    slot.putInt(8, (int) crc32c.getValue());
    Path head = image.resolve("epoch-00000001").resolve(JournalFiles.EPOCH);
    try (FileChannel channel = FileChannel.open(head, StandardOpenOption.WRITE)) {
      channel.write(slot.duplicate(), 96);
      channel.write(slot.duplicate(), 112);
    }
    assertEquals(0, EpochFile.read(image.resolve("epoch-00000001")).durableMark());
  }

  /** Zeros from one record's document to another's. */
  private static void zero(Place from, Place to) throws IOException {
    try (FileChannel channel = FileChannel.open(from.file(), StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate((int) (to.to() - from.from())), from.from());
    }
  }

  /**
   * 90 records over three files in one batch that nobody was told of, behind one that is durable.
   */
  private List<Place> writeOneBatchOverThreeFiles() throws IOException {
    Path live = temp.resolve("batch");
    image = temp.resolve("batch-image");
    frames.clear();
    try (ChronicleJournal journal = ChronicleJournal.open(ChronicleJournalTest.config(live))) {
      for (int i = 1; i <= 90; i++) {
        frames.add(TestFrames.frame(seed, i, 700, 100_000));
        TestFrames.append(journal, frames.getLast());
        if (i == 1) {
          journal.sync();
        }
      }
      copy(live, image);
    }
    List<Place> places = places(image);
    assertEquals(3, places.stream().map(Place::file).distinct().count());
    return places;
  }

  @Test
  void shouldTakeABatchOverARollThatLostItsBeginningForAnInterruptedWrite() throws IOException {
    List<Place> places = writeOneBatchOverThreeFiles();
    Path first = places.getFirst().file();
    List<Place> inFirst = places.stream().filter(place -> place.file().equals(first)).toList();
    zero(inFirst.get(inFirst.size() / 2), inFirst.getLast());
    // Up to the end of the file, whose mark went with it.
    try (FileChannel channel = FileChannel.open(first, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(4), inFirst.getLast().to() + 3 & ~3L);
    }
    List<Frame> seen = new ArrayList<>();
    assertEquals(null, check(image, seen));
    assertEquals(frames.subList(0, inFirst.size() / 2), seen);
  }

  @Test
  void shouldRefuseAFileThatIsGoneBehindAFinishedOne() throws IOException {
    List<Place> places = writeOneBatchOverThreeFiles();
    Place second =
        places.stream()
            .filter(place -> !place.file().equals(places.getFirst().file()))
            .findFirst()
            .orElseThrow();
    // Neither the mark nor any record says that these were durable; but nothing can have lost them.
    Files.delete(second.file());
    JournalException damage = check(image, new ArrayList<>());
    assertNotNull(damage);
    assertEquals(Reason.CORRUPT, damage.reason());
    assertEquals(second.position(), damage.position());
  }

  @Test
  void shouldFindTheEvidenceBehindAHoleAlthoughTheNextFileHasBegun() throws IOException {
    forgetMark();
    List<Place> places = places(image);
    Path third = places.getLast().file();
    Place firstOfThird =
        places.stream().filter(place -> place.file().equals(third)).findFirst().orElseThrow();
    try (FileChannel channel = FileChannel.open(third, StandardOpenOption.WRITE)) {
      channel.truncate(firstOfThird.from());
    }
    // A hole of one record, forty before the end of the second file.
    Place hole = places.get((int) firstOfThird.position() - 1 - 40);
    zero(hole, hole);
    JournalException damage = check(image, new ArrayList<>());
    assertNotNull(damage, "forty records behind the hole name it as durable");
    assertEquals(hole.position(), damage.position());
  }

  @Test
  void shouldNeverLoseSilentlyWhenChroniclesOwnBytesFlip() throws IOException {
    List<Path> files = JournalFiles.queueFiles(image.resolve("epoch-00000001"));
    for (int i = 0; i < 120; i++) {
      Path file = files.get(random.nextInt(files.size()));
      long offset = random.nextLong(i % 2 == 0 ? 70_000 : 400);
      int bit = 1 << random.nextInt(8);
      flip(file, offset, bit);
      List<Frame> seen = new ArrayList<>();
      JournalException damage = check(image, seen);
      assertEquals(frames.subList(0, seen.size()), seen);
      assertTrue(damage != null || seen.size() >= DURABLE, file + " offset " + offset);
      flip(file, offset, bit);
    }
  }

  @Test
  void shouldRefuseToOpenWhatIsDamagedAndLeaveItAsItIs() throws IOException {
    Place place = places(image).get(99);
    flip(place.file(), place.to() - 1, 1);
    for (int attempt = 0; attempt < 2; attempt++) {
      JournalException damage =
          assertThrows(
              JournalException.class,
              () -> ChronicleJournal.open(ChronicleJournalTest.config(image)));
      assertEquals(Reason.CORRUPT, damage.reason());
      assertEquals(100, damage.position());
      assertTrue(damage.getMessage().contains("position 100 "), damage.getMessage());
    }
    flip(place.file(), place.to() - 1, 1);
    ChronicleJournal.open(ChronicleJournalTest.config(image)).close();
  }

  @Test
  void shouldGoOnAfterLosingUnsyncedSectors() throws IOException {
    int tornSeen = 0;
    for (int round = 0; round < 6; round++) {
      Path lost = temp.resolve("lost-" + round);
      copy(image, lost);
      List<Place> places = places(lost);
      loseSectors(places.get(DURABLE).file(), places.get(DURABLE).from());
      List<Frame> seen = new ArrayList<>();
      long last;
      try (ChronicleJournal journal =
          ChronicleJournal.open(ChronicleJournalTest.config(lost), 1, TestFrames.into(seen))) {
        last = journal.recovery().lastPosition();
        tornSeen += journal.recovery().torn() ? 1 : 0;
        assertTrue(last >= DURABLE && last <= RECORDS, "last " + last);
        assertEquals(frames.subList(0, (int) last), seen);
        for (long i = last + 1; i <= last + 30; i++) {
          TestFrames.append(journal, TestFrames.frame(seed + 1, i, 700, 35_000));
        }
      }
      try (JournalReader reader = JournalReader.open(lost)) {
        assertEquals(last + 30, TestFrames.readAll(reader).size());
        assertFalse(reader.tail().torn());
      }
      deleteTree(lost);
    }
    assertTrue(tornSeen > 0, "no round had a torn tail");
  }

  @Test
  void shouldRefuseACutFileAndAMissingFile() throws IOException {
    List<Place> places = places(image);
    Path cut = temp.resolve("cut");
    copy(image, cut);
    List<Path> files = JournalFiles.queueFiles(cut.resolve("epoch-00000001"));
    assertEquals(3, files.size());
    try (FileChannel channel = FileChannel.open(files.get(2), StandardOpenOption.WRITE)) {
      channel.truncate(places.get(DURABLE - 5).from() + 10);
    }
    JournalException damage = check(cut, new ArrayList<>());
    assertNotNull(damage);
    assertEquals(DURABLE - 4, damage.position());
    Files.delete(files.get(2));
    damage = check(cut, new ArrayList<>());
    assertNotNull(damage);
    long firstOfThird =
        places.stream()
            .filter(p -> p.file().endsWith(files.get(2).getFileName()))
            .findFirst()
            .orElseThrow()
            .position();
    assertEquals(firstOfThird, damage.position());
    copy(image, cut);
    Files.delete(files.get(1));
    damage = check(cut, new ArrayList<>());
    assertNotNull(damage);
    assertTrue(damage.position() < firstOfThird);
  }

  @Test
  void shouldRefuseWhenARecordIsTakenOutByHand() throws IOException {
    // The record before is made longer by hand so that documents still line up: the gap shows.
    Place place = places(image).get(49);
    try (FileChannel channel = FileChannel.open(place.file(), StandardOpenOption.WRITE)) {
      ByteBuffer header = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
      header.putInt((int) (place.to() - place.from() - 4) | 0x40000000).flip();
      channel.write(header, place.from());
    }
    JournalException damage = check(image, new ArrayList<>());
    assertNotNull(damage);
    assertEquals(50, damage.position());
    assertTrue(damage.getMessage().contains("found position 51"), damage.getMessage());
  }

  @Test
  void shouldCatchARecordRewrittenWithAValidChecksum() throws IOException {
    Place place = places(image).get(149);
    try (FileChannel channel =
        FileChannel.open(place.file(), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      int length = (int) (place.to() - place.from() - 4);
      ByteBuffer frame = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
      channel.read(frame, place.from() + 4);
      frame.put(FrameLayout.TIME_OFFSET, (byte) (frame.get(FrameLayout.TIME_OFFSET) ^ 1));
      CRC32C crc32c = new CRC32C();
      crc32c.update(frame.array(), 0, length - FrameLayout.CRC_LENGTH);
      frame.putInt(length - FrameLayout.CRC_LENGTH, (int) crc32c.getValue());
      channel.write(frame.rewind(), place.from() + 4);
    }
    JournalException damage = check(image, new ArrayList<>());
    assertNotNull(damage);
    assertEquals(150, damage.position());
    assertTrue(damage.getMessage().contains("hash chain"), damage.getMessage());
  }

  /** Read one by one and many at a time: both must see the same, to the word. */
  private static JournalException check(Path directory, List<Frame> seen) {
    JournalException oneByOne = check(directory, seen, null);
    List<Frame> seenAhead = new ArrayList<>();
    JournalException ahead = check(directory, seenAhead, new TestHasher());
    assertEquals(seen, seenAhead);
    assertEquals(
        oneByOne == null ? null : oneByOne.getMessage(), ahead == null ? null : ahead.getMessage());
    return oneByOne;
  }

  private static JournalException check(Path directory, List<Frame> seen, BatchHasher hasher) {
    try (JournalReader reader = FileJournalReader.open(directory, 1).with(hasher)) {
      FrameHandler handler = TestFrames.into(seen);
      while (reader.next(handler)) {
        // The handler collects.
      }
      reader.tail();
      return null;
    } catch (JournalException e) {
      return e;
    }
  }

  private static List<Place> places(Path journal) {
    List<Place> places = new ArrayList<>();
    for (Path path : JournalFiles.queueFiles(journal.resolve("epoch-00000001"))) {
      try (QueueFile file = QueueFile.open(path)) {
        while (file.look() == QueueFile.Found.DATA) {
          places.add(
              new Place(
                  FrameCodec.positionAt(file.mapping(), file.frameOffset()),
                  path,
                  file.offset(),
                  file.frameOffset() + file.frameLength()));
          file.advance();
        }
      }
    }
    return places;
  }

  private void loseSectors(Path file, long from) throws IOException {
    long first = (from + SECTOR - 1) / SECTOR * SECTOR;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (long at = first; at < first + 40 * SECTOR; at += SECTOR) {
        if (random.nextInt(4) == 0) {
          channel.write(ByteBuffer.allocate(SECTOR), at);
        }
      }
    }
  }

  private static void flip(Path file, long offset, int bit) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, offset);
      one.put(0, (byte) (one.get(0) ^ bit)).rewind();
      channel.write(one, offset);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> paths = Files.walk(from)) {
      for (Path path : paths.toList()) {
        Path target = to.resolve(from.relativize(path).toString());
        if (Files.isDirectory(path)) {
          Files.createDirectories(target);
        } else {
          Files.copy(path, target, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
  }

  private static void deleteTree(Path root) throws IOException {
    try (Stream<Path> paths = Files.walk(root)) {
      for (Path path : paths.toList().reversed()) {
        Files.delete(path);
      }
    }
  }
}
