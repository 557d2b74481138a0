package org.micropay.vts.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.journal.JournalException.Reason;
import org.micropay.vts.journal.TestFrames.Frame;

/** A disk that fails, fills up, or is watched. */
class JournalFaultTest {
  private static final long HOUR = 3_600_000;

  @TempDir Path temp;

  /** The real storage, with faults on demand and a record of what was made durable. */
  private static final class FaultyStorage implements Storage {
    private final Storage real = new LinuxStorage();
    private final List<String> forced = new ArrayList<>();
    private final List<Long> rewritten = new ArrayList<>();
    private final List<Long> filled = new ArrayList<>();
    private boolean forceFails;
    private boolean fillFails;
    private boolean directoryFails;
    private boolean diskFull;
    private Path fullUnless;
    private int failFrom = Integer.MAX_VALUE;
    private long usable = Long.MAX_VALUE;

    @Override
    public Barrier open(Path file) throws IOException {
      Barrier barrier = real.open(file);
      return new Barrier() {
        @Override
        public void force() throws IOException {
          if (forceFails || forced.size() >= failFrom) {
            throw new IOException("Input/output error");
          }
          barrier.force();
          forced.add(file.getFileName().toString());
        }

        @Override
        public void fill(long offset, long length) throws IOException {
          if (fillFails) {
            throw new IOException("Input/output error");
          }
          try (QueueFile queueFile = QueueFile.open(file)) {
            assertTrue(
                offset == 0 || queueFile.lastNonZero() < offset, "zeros over what was written");
          }
          barrier.fill(offset, length);
          filled.add(offset + length);
        }

        @Override
        public void rewrite(long offset, long length) throws IOException {
          barrier.rewrite(offset, length);
          rewritten.add(offset);
        }

        @Override
        public void close() throws IOException {
          barrier.close();
        }
      };
    }

    @Override
    public void allocate(Path file, long offset, long length) throws IOException {
      boolean keptForThis = fullUnless != null && Files.exists(fullUnless);
      if (diskFull || keptForThis) {
        throw new IOException("no space left on the device");
      }
      real.allocate(file, offset, length);
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
      if (directoryFails || forced.size() >= failFrom) {
        throw new IOException("Input/output error");
      }
      real.forceDirectory(directory);
      forced.add("directory");
    }

    @Override
    public long usableBytes(File directory) {
      return usable;
    }
  }

  private ChronicleJournal open(Storage storage, long reserve) {
    JournalConfig config =
        new JournalConfig(
            temp.resolve("j"), TestFrames.IDENTITY, RollPeriod.HOURLY, reserve, 4 << 20);
    return ChronicleJournal.open(config, 1, FrameHandler.NONE, storage);
  }

  private static Frame frame(long position, long millisPerRecord) {
    return TestFrames.frame(5, position, 1000, millisPerRecord);
  }

  @Test
  void shouldForceBothFilesAndTheDirectoryAtARoll() {
    FaultyStorage storage = new FaultyStorage();
    try (ChronicleJournal journal = open(storage, 0)) {
      TestFrames.append(journal, frame(1, HOUR));
      journal.sync();
      storage.forced.clear();
      TestFrames.append(journal, frame(2, HOUR));
      TestFrames.append(journal, frame(3, HOUR));
      TestFrames.append(journal, frame(4, HOUR));
      assertEquals(1, journal.durablePosition());
      journal.sync();
      List<String> files =
          JournalFiles.queueFiles(temp.resolve("j/epoch-00000001")).stream()
              .map(path -> path.getFileName().toString())
              .toList();
      assertEquals(4, files.size());
      assertEquals(
          List.of(
              files.get(0),
              "directory",
              files.get(1),
              "directory",
              files.get(2),
              files.get(3),
              "directory"),
          storage.forced,
          "a name is durable before the next but one file begins");
      assertEquals(4, journal.durablePosition());
      storage.forced.clear();
      journal.sync();
      assertEquals(List.of(), storage.forced);
    }
  }

  @Test
  void shouldStopForGoodWhenASyncFails() {
    FaultyStorage storage = new FaultyStorage();
    ChronicleJournal journal = open(storage, 0);
    TestFrames.append(journal, frame(1, 1));
    storage.forceFails = true;
    assertEquals(Reason.IO, assertThrows(JournalException.class, journal::sync).reason());
    storage.forceFails = false;
    assertEquals(Reason.CLOSED, assertThrows(JournalException.class, journal::sync).reason());
    assertThrows(JournalException.class, () -> TestFrames.append(journal, frame(2, 1)));
    assertEquals(0, journal.durablePosition());
    journal.close();
    FaultyStorage second = new FaultyStorage();
    open(second, 0).close();
    assertEquals(1, second.rewritten.size(), "what may be clean and not written is stored again");
  }

  @Test
  void shouldFillAheadOfTheWriterOnly() throws IOException {
    FaultyStorage storage = new FaultyStorage();
    int records = 30_000;
    Path file;
    try (ChronicleJournal journal = open(storage, 0)) {
      for (long position = 1; position <= records; position++) {
        TestFrames.append(journal, frame(position, 0));
        if (position % 500 == 0) {
          journal.sync();
        }
      }
      file = JournalFiles.queueFiles(temp.resolve("j/epoch-00000001")).getFirst();
      try (QueueFile queueFile = QueueFile.open(file)) {
        assertTrue(queueFile.lastNonZero() < storage.filled.getLast());
      }
    }
    assertTrue(storage.filled.size() > 2, "filled up to " + storage.filled);
    assertEquals(storage.filled.stream().sorted().toList(), storage.filled);
    try (JournalReader reader = JournalReader.open(temp.resolve("j"))) {
      while (reader.next(FrameHandler.NONE)) {
        // The reader checks every record.
      }
      assertEquals(records, reader.position());
    }
  }

  @Test
  void shouldStopForGoodWhenBlocksCannotBeFilled() {
    FaultyStorage storage = new FaultyStorage();
    ChronicleJournal journal = open(storage, 0);
    storage.fillFails = true;
    JournalException failed =
        assertThrows(JournalException.class, () -> TestFrames.append(journal, frame(1, 1)));
    assertEquals(Reason.IO, failed.reason());
    storage.fillFails = false;
    assertThrows(JournalException.class, () -> TestFrames.append(journal, frame(1, 1)));
    journal.close();
  }

  @Test
  void shouldStopForGoodWhenTheDirectoryCannotBeForced() {
    FaultyStorage storage = new FaultyStorage();
    ChronicleJournal journal = open(storage, 0);
    TestFrames.append(journal, frame(1, 1));
    storage.directoryFails = true;
    assertEquals(Reason.IO, assertThrows(JournalException.class, journal::sync).reason());
    assertEquals(0, journal.durablePosition());
    journal.close();
  }

  @Test
  void shouldReportAFullDiskAsAnError() {
    FaultyStorage storage = new FaultyStorage();
    ChronicleJournal journal = open(storage, 0);
    long position = 1;
    for (; position <= 10; position++) {
      TestFrames.append(journal, frame(position, 1));
    }
    journal.sync();
    storage.diskFull = true;
    JournalException full = null;
    while (full == null && position < 100_000) {
      try {
        TestFrames.append(journal, frame(position, 1));
        position++;
      } catch (JournalException e) {
        full = e;
      }
    }
    assertEquals(Reason.IO, full.reason());
    assertTrue(full.getMessage().contains("no space left"), full.getMessage());
    journal.close();
    try (ChronicleJournal left = open(new LinuxStorage(), 0)) {
      assertEquals(position, left.nextPosition());
    }
  }

  /** Others fill the disk: the ballast carries the journal on, over rolls, and comes back. */
  @Test
  void shouldGoOnFromTheBallastWhenTheDiskIsFull() throws IOException {
    FaultyStorage storage = new FaultyStorage();
    Path ballast = temp.resolve("j").resolve(JournalFiles.BALLAST);
    long reserve = 16 << 20;
    long position = 1;
    try (ChronicleJournal journal = open(storage, reserve)) {
      assertEquals(reserve / 2, Files.size(ballast));
      storage.usable = 0;
      storage.fullUnless = ballast;
      for (; position <= 3; position++) {
        // Each in a file of its own.
        TestFrames.append(journal, frame(position, HOUR));
        journal.sync();
        assertTrue(journal.belowReserve());
      }
      assertFalse(Files.exists(ballast), "it was given up");
      storage.fullUnless = null;
      storage.usable = Long.MAX_VALUE;
      TestFrames.append(journal, frame(position++, HOUR));
      journal.sync();
      assertFalse(journal.belowReserve());
      assertEquals(reserve / 2, Files.size(ballast), "and taken again");
    }
    try (JournalReader reader = JournalReader.open(temp.resolve("j"))) {
      assertEquals(position - 1, TestFrames.readAll(reader).size());
    }
  }

  /** A sync fails at each place of a batch that rolls to new files: nothing of it is promised. */
  @Test
  void shouldPromiseNothingOfABatchOverARollWhoseSyncFails() {
    for (int failing = 0; failing < 4; failing++) {
      FaultyStorage storage = new FaultyStorage();
      Path directory = temp.resolve("roll" + failing);
      JournalConfig config =
          new JournalConfig(directory, TestFrames.IDENTITY, RollPeriod.HOURLY, 0, 4 << 20);
      ChronicleJournal journal = ChronicleJournal.open(config, 1, FrameHandler.NONE, storage);
      TestFrames.append(journal, frame(1, HOUR));
      journal.sync();
      storage.failFrom = storage.forced.size() + failing;
      JournalException failed =
          assertThrows(
              JournalException.class,
              () -> {
                for (long position = 2; position <= 4; position++) {
                  TestFrames.append(journal, frame(position, HOUR));
                }
                journal.sync();
              });
      assertEquals(Reason.IO, failed.reason());
      assertEquals(1, journal.durablePosition(), "failing at force " + failing);
      assertEquals(1, journal.durablePoint().position());
      assertThrows(JournalException.class, journal::sync);
      journal.close();
    }
  }

  @Test
  void shouldReportARealFullDisk() throws IOException {
    LinuxStorage storage = new LinuxStorage();
    Path file = Files.createFile(temp.resolve("f"));
    storage.allocate(file, 0, 1 << 20);
    assertEquals(1 << 20, Files.size(file));
    // No file system is that large.
    assertThrows(IOException.class, () -> storage.allocate(file, 0, 1L << 62));
    assertThrows(IOException.class, () -> storage.allocate(temp.resolve("missing"), 0, 1));
  }

  @Test
  void shouldTellWhenTheReserveIsTouched() {
    FaultyStorage storage = new FaultyStorage();
    storage.usable = 999;
    try (ChronicleJournal journal = open(storage, 1000)) {
      assertTrue(journal.belowReserve());
      storage.usable = 1000;
      assertTrue(journal.belowReserve(), "the answer is cached");
      TestFrames.append(journal, frame(1, 1));
      journal.sync();
      assertFalse(journal.belowReserve());
      storage.usable = 10;
      for (int i = 2; i < 5000; i++) {
        TestFrames.append(journal, new Frame(i, 1, 1, new byte[0]));
      }
      assertTrue(journal.belowReserve(), "renewed without a sync");
    }
  }

  @Test
  void shouldForceWhatItRecoveredBeforeBuildingOnIt() throws IOException {
    ChronicleJournal first = open(new LinuxStorage(), 0);
    TestFrames.append(first, frame(1, HOUR));
    TestFrames.append(first, frame(2, HOUR));
    first.close();
    FaultyStorage storage = new FaultyStorage();
    open(storage, 0).close();
    for (Path file : JournalFiles.queueFiles(temp.resolve("j/epoch-00000001"))) {
      assertTrue(storage.forced.contains(file.getFileName().toString()), file.toString());
    }
  }

  @Test
  void shouldNameADamagedFence() throws IOException {
    open(new LinuxStorage(), 0).close();
    Path fence = temp.resolve("j").resolve(JournalFiles.FENCE);
    byte[] bytes = Files.readAllBytes(fence);
    bytes[6] ^= 1;
    Files.write(fence, bytes);
    JournalException damage =
        assertThrows(JournalException.class, () -> open(new LinuxStorage(), 0));
    assertEquals(Reason.CORRUPT, damage.reason());
    assertEquals(fence.toString(), damage.file());
  }
}
