package org.micropay.vts.journal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.wire.DocumentContext;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.journal.JournalException.Reason;
import org.micropay.vts.journal.TestFrames.Frame;

class ChronicleJournalTest extends JournalContractTest {
  private static final int BLOCK = 4 << 20;

  @TempDir Path temp;

  private final Map<Journal, Path> directories = new HashMap<>();

  static JournalConfig config(Path directory) {
    return new JournalConfig(directory, TestFrames.IDENTITY, RollPeriod.HOURLY, 0, BLOCK);
  }

  @Override
  Journal create() {
    return open(temp.resolve("journal-" + directories.size()));
  }

  private ChronicleJournal open(Path directory) {
    ChronicleJournal journal = ChronicleJournal.open(config(directory));
    directories.put(journal, directory);
    return journal;
  }

  @Override
  Journal reopen(Journal journal) {
    journal.close();
    ChronicleJournal next = open(directories.get(journal));
    assertFalse(next.recovery().torn(), next.recovery().toString());
    return next;
  }

  @Override
  JournalReader reader(Journal journal) {
    return JournalReader.open(directories.get(journal));
  }

  @Test
  void shouldStartReadingAtAnyPosition() {
    ChronicleJournal journal = open(temp.resolve("j"));
    List<Frame> frames = new ArrayList<>();
    for (int i = 1; i <= 100; i++) {
      frames.add(TestFrames.frame(7, i, 300, 600_000));
      TestFrames.append(journal, frames.getLast());
      if (i == 50) {
        journal.close();
        journal = open(temp.resolve("j"));
      }
    }
    journal.close();
    for (int from = 1; from <= 101; from++) {
      try (JournalReader reader = JournalReader.open(temp.resolve("j"), from)) {
        assertEquals(frames.subList(from - 1, 100), TestFrames.readAll(reader));
        assertEquals(
            new TailReport(100, reader.tail().file(), reader.tail().offset(), 0), reader.tail());
      }
    }
  }

  @Test
  void shouldReadOnAfterOlderEpochsWereArchived() throws IOException {
    for (int epoch = 1; epoch <= 3; epoch++) {
      try (ChronicleJournal journal = open(temp.resolve("j"))) {
        for (int i = 0; i < 10; i++) {
          TestFrames.append(journal, TestFrames.frame(6, journal.nextPosition(), 300, 600_000));
        }
      }
    }
    Files.move(temp.resolve("j/epoch-00000001"), temp.resolve("archived"));
    JournalException gone =
        assertThrows(JournalException.class, () -> JournalReader.open(temp.resolve("j")));
    assertEquals(Reason.NOT_ACCESSIBLE, gone.reason());
    assertTrue(gone.getMessage().contains("begins at position 11"), gone.getMessage());
    List<Frame> seen = new ArrayList<>();
    try (ChronicleJournal journal =
        ChronicleJournal.open(config(temp.resolve("j")), 15, TestFrames.into(seen))) {
      assertEquals(16, seen.size());
      assertEquals(31, journal.nextPosition());
    }
    try (JournalReader reader = JournalReader.open(temp.resolve("j"), 20)) {
      assertFalse(reader.read(10, FrameHandler.NONE));
      assertTrue(reader.read(11, FrameHandler.NONE));
    }
  }

  @Test
  void shouldBeFollowedByAnotherThreadWhileItIsWritten() throws InterruptedException {
    long seed = TestFrames.seed("chronicle.concurrent");
    int records = 4000;
    AtomicReference<Throwable> failure = new AtomicReference<>();
    ChronicleJournal journal = open(temp.resolve("j"));
    Thread writer =
        new Thread(
            () -> {
              try (journal) {
                for (int i = 1; i <= records; i++) {
                  TestFrames.append(journal, TestFrames.frame(seed, i, 2000, 5_000));
                  if (i % 64 == 0) {
                    journal.sync();
                  }
                }
              } catch (RuntimeException | Error e) {
                failure.set(e);
              }
            });
    List<Frame> seen = new ArrayList<>();
    try (JournalReader reader = JournalReader.open(temp.resolve("j"))) {
      writer.start();
      FrameHandler handler = TestFrames.into(seen);
      while (seen.size() < records && failure.get() == null) {
        if (!reader.next(handler)) {
          assertFalse(Thread.interrupted(), "the test's time is over");
          Thread.yield();
        }
      }
    }
    writer.join();
    assertEquals(null, failure.get());
    for (int i = 0; i < records; i++) {
      assertEquals(TestFrames.frame(seed, i + 1L, 2000, 5_000), seen.get(i));
    }
  }

  @Test
  void shouldReplayWhileOpening() {
    ChronicleJournal journal = open(temp.resolve("j"));
    for (int i = 1; i <= 20; i++) {
      TestFrames.append(journal, TestFrames.frame(8, i, 300, 1));
    }
    journal.close();
    List<Frame> seen = new ArrayList<>();
    try (ChronicleJournal again =
        ChronicleJournal.open(config(temp.resolve("j")), 11, TestFrames.into(seen))) {
      assertEquals(10, seen.size());
      assertEquals(11, seen.getFirst().position());
      assertEquals(2, again.epoch());
      assertEquals(21, again.nextPosition());
    }
  }

  @Test
  void shouldWriteWhatChronicleItselfReads() {
    ChronicleJournal journal = open(temp.resolve("j"));
    List<Frame> frames = new ArrayList<>();
    for (int i = 1; i <= 200; i++) {
      frames.add(TestFrames.frame(9, i, 3000, 120_000));
      TestFrames.append(journal, frames.getLast());
    }
    journal.close();
    FrameCodec codec = new FrameCodec(FrameCodec.genesis(TestFrames.IDENTITY));
    List<Frame> seen = new ArrayList<>();
    try (SingleChronicleQueue queue =
            SingleChronicleQueueBuilder.binary(temp.resolve("j/epoch-00000001"))
                .rollCycle(RollPeriod.HOURLY.cycle())
                .build();
        ExcerptTailer tailer = queue.createTailer()) {
      while (true) {
        try (DocumentContext document = tailer.readingDocument()) {
          if (!document.isPresent()) {
            break;
          }
          byte[] bytes = new byte[(int) document.wire().bytes().readRemaining()];
          document.wire().bytes().read(bytes);
          codec.load(java.lang.foreign.MemorySegment.ofArray(bytes), 0, bytes.length);
          assertEquals(null, codec.checkShape(bytes.length));
          assertTrue(codec.checkChain());
          codec.deliver(TestFrames.into(seen));
        }
      }
    }
    assertEquals(frames, seen);
  }

  @Test
  void shouldLayTheBytesOutAsDrawn() throws Exception {
    FrameCodec codec = new FrameCodec(FrameCodec.genesis(TestFrames.IDENTITY));
    byte[] payload = {1, 2, 3, 4, 5};
    Arrays.fill(codec.bytes(), FrameCodec.FRAME, codec.bytes().length, (byte) 0x55);
    int length =
        codec.encode(0x0102030405060708L, 0x1112, 3, 2, 4, new UnsafeBuffer(payload), 0, 5);
    byte[] frame = Arrays.copyOfRange(codec.bytes(), FrameCodec.FRAME, FrameCodec.FRAME + length);
    String head =
        "54000000"
            + "1211"
            + "0100"
            + "0807060504030201"
            + "0300000000000000"
            + "0200000000000000"
            + "04000000"
            + "05000000"
            + "0102030405"
            + "000000";
    assertEquals(84, length);
    String hex = java.util.HexFormat.of().formatHex(frame);
    assertEquals(head, hex.substring(0, 96));
    // The chain, by the definition and not by the codec.
    var sha256 = java.security.MessageDigest.getInstance("SHA-256");
    byte[] tag = sha256.digest("vts/journal/frame".getBytes());
    byte[] genesisTag = sha256.digest("vts/journal/genesis".getBytes());
    sha256.update(genesisTag);
    sha256.update(genesisTag);
    byte[] genesis = sha256.digest(TestFrames.IDENTITY);
    sha256.update(tag);
    sha256.update(tag);
    sha256.update(genesis);
    assertArrayEquals(
        sha256.digest(java.util.HexFormat.of().parseHex(head)), Arrays.copyOfRange(frame, 48, 80));
    var crc = new java.util.zip.CRC32C();
    crc.update(frame, 0, 80);
    assertEquals(
        (int) crc.getValue(),
        java.nio.ByteBuffer.wrap(frame).order(java.nio.ByteOrder.LITTLE_ENDIAN).getInt(80));
  }

  @Test
  void shouldNotAllocateInSteadyState() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    UnsafeBuffer payload = new UnsafeBuffer(new byte[450]);
    try (ChronicleJournal journal =
        ChronicleJournal.open(
            new JournalConfig(
                temp.resolve("j"), TestFrames.IDENTITY, RollPeriod.HOURLY, 0, 64 << 20))) {
      long least = Long.MAX_VALUE;
      for (int round = 0; round < 40; round++) {
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 4000; i++) {
          journal.append(journal.nextPosition(), 3, TestFrames.T0, payload, 0, 450);
        }
        least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
      }
      assertEquals(0, least, "bytes allocated by 4,000 appends");
    }
  }

  @Test
  void shouldRefuseASecondWriterInThisProcess() {
    ChronicleJournal journal = open(temp.resolve("j"));
    JournalException locked = assertThrows(JournalException.class, () -> open(temp.resolve("j")));
    assertEquals(Reason.LOCKED, locked.reason());
    journal.close();
    open(temp.resolve("j")).close();
  }

  @Test
  void shouldRefuseAnotherIdentity() {
    open(temp.resolve("j")).close();
    byte[] other = new byte[32];
    other[0] = 1;
    JournalConfig config = new JournalConfig(temp.resolve("j"), other, RollPeriod.HOURLY, 0, BLOCK);
    JournalException wrong =
        assertThrows(JournalException.class, () -> ChronicleJournal.open(config));
    assertEquals(Reason.WRONG_IDENTITY, wrong.reason());
    open(temp.resolve("j")).close();
  }

  @Test
  void shouldStopWhenANewerWriterHasTakenOver() throws Exception {
    ChronicleJournal journal = open(temp.resolve("j"));
    TestFrames.append(journal, TestFrames.frame(1, 1, 10, 1));
    try (var fence =
        java.nio.channels.FileChannel.open(
            temp.resolve("j").resolve(JournalFiles.FENCE),
            java.nio.file.StandardOpenOption.WRITE)) {
      fence.write(java.nio.ByteBuffer.wrap(new byte[] {9, 0, 0, 0, 0, 0, 0, 0}), 0);
    }
    assertEquals(Reason.FENCED, assertThrows(JournalException.class, journal::sync).reason());
    assertEquals(0, journal.durablePosition());
    journal.close();
  }

  @Test
  void shouldNameAMissingJournal() {
    JournalException missing =
        assertThrows(
            JournalException.class, () -> JournalReader.open(temp.resolve("nothing-here")));
    assertEquals(Reason.NOT_ACCESSIBLE, missing.reason());
  }
}
