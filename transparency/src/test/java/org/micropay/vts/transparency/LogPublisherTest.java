package org.micropay.vts.transparency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.micropay.vts.ticket.Bytes32;

class LogPublisherTest {
  private static final PublishPolicy AT_ONCE = new PublishPolicy(0, 1);

  /** In memory where there is such a folder: a sync there costs nothing. */
  private final Path temporary = temporary();

  private static Path temporary() {
    Path memory = Path.of("/dev/shm");
    try {
      return Files.isWritable(memory)
          ? Files.createTempDirectory(memory, "vts-log")
          : Files.createTempDirectory("vts-log");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @AfterEach
  void remove() throws IOException {
    try (var files = Files.walk(temporary)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private final TestKey key = TestKey.log("log.example/vts");
  private final TestKey witness = TestKey.witness("witness.example/w1");
  private final CheckpointSigner signer =
      new CheckpointSigner() {
        @Override
        public VerifierKey key() {
          return key.verifier();
        }

        @Override
        public Ed25519Signature sign(byte[] message) {
          return key.sign(message);
        }
      };

  /** A process that died. */
  private static final class Crash extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** Dies at one step of all. */
  private static final class CrashAt implements Runnable {
    private int left;

    CrashAt(int step) {
      left = step;
    }

    @Override
    public void run() {
      if (left-- == 0) {
        throw new Crash();
      }
    }
  }

  private static void grants(TestJournal journal, Random random, int count) {
    for (int i = 0; i < count; i++) {
      byte[] payload = new byte[397 + random.nextInt(13)];
      random.nextBytes(payload);
      journal.record(LeafEncoder.GRANT, payload);
      if (random.nextInt(5) == 0) {
        journal.record(11, new byte[0]);
      }
    }
  }

  private LogPublisher open(LogFiles files, TestJournal journal) {
    return LogPublisher.open(files, journal, signer, AT_ONCE, journal.lastCheckpoint());
  }

  private static void finish(LogPublisher publisher) {
    for (int i = 0; i < 1000 && publisher.doWork(TestLeaves.TIME) > 0; i++) {
      // Until nothing is left to do.
    }
  }

  /** What anybody who looks at the folder sees, over all lives of the process. */
  private final class Observer {
    private final Map<Long, Bytes32> roots = new HashMap<>();
    private long largest;

    void look(Path folder, TestJournal journal) {
      Optional<byte[]> note = new DirectoryFiles(folder).read(LogSource.CHECKPOINT);
      if (note.isEmpty()) {
        return;
      }
      Checkpoint seen = Checkpoint.of(SignedNote.parse(note.get()), key.verifier());
      assertTrue(seen.size() >= largest, "shrank from " + largest + " to " + seen.size());
      largest = seen.size();
      Bytes32 before = roots.put(seen.size(), seen.root());
      assertTrue(before == null || before.equals(seen.root()), "two trees of " + seen.size());
      assertTrue(
          journal.entries.stream()
              .filter(e -> e.type() == CheckpointRecord.TYPE)
              .anyMatch(e -> CheckpointRecord.decode(e.payload()).checkpoint().equals(seen)),
          "shown before it was journaled: " + seen);
      List<Finding> findings = new ArrayList<>();
      new TreeChecker(new DirectoryFiles(folder), seen, List.of(), findings::add)
          .run((index, bundle, offset, length) -> {});
      assertEquals(List.of(), findings);
    }
  }

  /** Grants come in three portions; the process dies at step {@code crashAt} and starts again. */
  private int live(Path folder, long seed, int crashAt) {
    Random random = new Random(seed);
    int[] steps = {0};
    CrashAt crash = new CrashAt(crashAt);
    Runnable step =
        () -> {
          steps[0]++;
          crash.run();
        };
    TestJournal journal = new TestJournal(step);
    Observer observer = new Observer();
    LogPublisher publisher = null;
    for (int portion : new int[] {0, 3, 255, 60}) {
      grants(journal, random, portion);
      while (true) {
        try {
          if (publisher == null) {
            publisher = open(new DirectoryFiles(folder, step), journal);
          }
          finish(publisher);
          cosign(publisher);
          break;
        } catch (Crash e) {
          publisher = null;
          observer.look(folder, journal);
        }
      }
      observer.look(folder, journal);
    }
    assertEquals(318, observer.largest);
    assertEquals(2, publisher.shown().lines().size(), "log and witness");
    assertTrue(publisher.shown().signedBy(witness.verifier()).isPresent());
    return steps[0];
  }

  private void cosign(LogPublisher publisher) {
    Checkpoint checkpoint = publisher.signed().checkpoint();
    publisher.cosign(
        new CosignatureRecord(
            checkpoint.size(),
            checkpoint.root(),
            witness.cosign(checkpoint, 1_800_000_000),
            witness.verifier()));
  }

  @Test
  void shouldSurviveACrashAtEveryStep() {
    long seed = Seeds.random("LogPublisherTest").nextLong();
    int steps = live(temporary.resolve("whole"), seed, -1);
    assertTrue(steps > 80, steps + " steps");
    for (int i = 0; i < steps; i++) {
      live(temporary.resolve("crash-" + i), seed, i);
    }
  }

  @Test
  void shouldWriteALostFolderAgainToTheByte() throws IOException {
    TestJournal journal = new TestJournal(() -> {});
    Random random = Seeds.random("LogPublisherTest");
    Path first = temporary.resolve("first");
    LogPublisher publisher = open(new DirectoryFiles(first), journal);
    for (int i = 0; i < 10; i++) {
      grants(journal, random, random.nextInt(200));
      finish(publisher);
    }
    Path second = temporary.resolve("second");
    LogPublisher again = open(new DirectoryFiles(second), journal);
    finish(again);
    assertEquals(publisher.root(), again.root());
    assertEquals(publisher.shown(), again.shown());
    new Observer().look(second, journal);
    try (var files = Files.walk(second)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path twin = first.resolve(second.relativize(file));
        assertEquals(-1, Files.mismatch(file, twin), file.toString());
      }
    }
  }

  @Test
  void shouldWriteDamagedTilesAgain() throws IOException {
    TestJournal journal = new TestJournal(() -> {});
    grants(journal, Seeds.random("LogPublisherTest"), 300);
    LogPublisher publisher = open(new DirectoryFiles(temporary), journal);
    finish(publisher);
    Path tile = temporary.resolve("tile/0/001.p/44");
    byte[] good = Files.readAllBytes(tile);
    Files.write(tile, new byte[good.length]);
    LogPublisher again = open(new DirectoryFiles(temporary), journal);
    finish(again);
    assertEquals(publisher.root(), again.root());
    assertEquals(-1, Files.mismatch(tile, Files.write(temporary.resolve("good"), good)));
  }

  @Test
  void shouldNotPublishAnOlderJournal() {
    TestJournal journal = new TestJournal(() -> {});
    for (int i = 0; i < 20; i++) {
      journal.record(LeafEncoder.GRANT, new byte[400]);
    }
    DirectoryFiles files = new DirectoryFiles(temporary);
    finish(open(files, journal));
    TestJournal older = new TestJournal(() -> {});
    older.entries.addAll(journal.entries.subList(0, 10));
    assertThrows(LogContradictionException.class, () -> open(files, older));
    for (int i = 0; i < 10; i++) {
      older.record(LeafEncoder.GRANT, new byte[401]);
    }
    finish(open(new MemoryFiles(), older));
    assertEquals(20, older.lastCheckpoint().get().checkpoint().size());
    LogContradictionException twoTrees =
        assertThrows(LogContradictionException.class, () -> open(files, older));
    assertTrue(twoTrees.getMessage().contains("older than what was published"));
  }

  @Test
  void shouldNoticeAJournalThatItsCheckpointsDoNotFit() {
    Random random = Seeds.random("LogPublisherTest");
    TestJournal journal = new TestJournal(() -> {});
    grants(journal, random, 20);
    finish(open(new MemoryFiles(), journal));
    grants(journal, random, 5);
    finish(open(new MemoryFiles(), journal));
    for (int i = 0; i < journal.entries.size(); i++) {
      if (journal.entries.get(i).type() != LeafEncoder.GRANT) {
        continue;
      }
      TestJournal edited = new TestJournal(() -> {});
      edited.entries.addAll(journal.entries);
      byte[] payload = edited.entries.get(i).payload().clone();
      payload[random.nextInt(payload.length)] ^= 1;
      edited.entries.set(i, new TestJournal.Entry(3, edited.entries.get(i).time(), payload));
      LogPublisher publisher = open(new MemoryFiles(), edited);
      assertThrows(LogContradictionException.class, () -> finish(publisher), "record " + (i + 1));
    }
    TestJournal forged = new TestJournal(() -> {});
    forged.entries.addAll(journal.entries);
    CheckpointRecord last = journal.lastCheckpoint().get();
    forged.record(
        CheckpointRecord.TYPE,
        new CheckpointRecord(
                last.checkpoint(),
                last.through(),
                last.timeMillis() + 1,
                last.publicKey(),
                key.sign(new byte[1]))
            .encode());
    LogPublisher publisher =
        LogPublisher.open(new MemoryFiles(), forged, signer, AT_ONCE, Optional.empty());
    assertThrows(LogContradictionException.class, () -> finish(publisher));
  }

  @Test
  void shouldNotSignWithAnotherKey() {
    TestJournal journal = new TestJournal(() -> {});
    grants(journal, Seeds.random("LogPublisherTest"), 5);
    MemoryFiles files = new MemoryFiles();
    finish(open(files, journal));
    TestKey other = new TestKey(key.name(), key.kind(), TestKey.log("other").seed());
    CheckpointSigner otherSigner =
        new CheckpointSigner() {
          @Override
          public VerifierKey key() {
            return other.verifier();
          }

          @Override
          public Ed25519Signature sign(byte[] message) {
            return other.sign(message);
          }
        };
    assertThrows(
        LogContradictionException.class,
        () -> LogPublisher.open(files, journal, otherSigner, AT_ONCE, journal.lastCheckpoint()));
  }

  @Test
  void shouldGoOnAfterTheFolderFailed() {
    TestJournal journal = new TestJournal(() -> {});
    grants(journal, Seeds.random("LogPublisherTest"), 700);
    MemoryFiles memory = new MemoryFiles();
    Random random = new Random(7);
    LogFiles failing =
        new LogFiles() {
          @Override
          public Optional<byte[]> read(String path) {
            return memory.read(path);
          }

          @Override
          public void write(List<NewFile> files) {
            if (random.nextInt(3) != 0) {
              throw new UncheckedIOException(new IOException("No space left on device"));
            }
            memory.write(files);
          }

          @Override
          public void deleteFolder(String path) {
            memory.deleteFolder(path);
          }
        };
    LogPublisher publisher = open(failing, journal);
    int failures = 0;
    for (int i = 0; i < 100; i++) {
      try {
        publisher.doWork(TestLeaves.TIME);
      } catch (UncheckedIOException e) {
        failures++;
      }
    }
    assertTrue(failures > 0);
    assertNotNull(publisher.shown());
    Checkpoint shown = Checkpoint.of(publisher.shown(), key.verifier());
    assertEquals(700, shown.size());
    List<Finding> findings = new ArrayList<>();
    new TreeChecker(memory, shown, List.of(), findings::add).run((i, b, o, l) -> {});
    assertEquals(List.of(), findings);
  }

  @Test
  void shouldWaitAsThePolicySays() {
    TestJournal journal = new TestJournal(() -> {});
    PublishPolicy policy = new PublishPolicy(1000, 10);
    LogPublisher publisher =
        LogPublisher.open(new MemoryFiles(), journal, signer, policy, Optional.empty());
    publisher.doWork(0);
    assertEquals(0, publisher.signed().checkpoint().size(), "the empty tree at once");
    journal.record(LeafEncoder.GRANT, new byte[400]);
    publisher.doWork(5000);
    publisher.doWork(5999);
    assertEquals(0, publisher.signed().checkpoint().size());
    publisher.doWork(6000);
    assertEquals(1, publisher.signed().checkpoint().size());
    for (int i = 0; i < 9; i++) {
      journal.record(LeafEncoder.GRANT, new byte[400]);
    }
    publisher.doWork(7000);
    assertEquals(1, publisher.signed().checkpoint().size());
    journal.record(LeafEncoder.GRANT, new byte[400]);
    publisher.doWork(7001);
    assertEquals(11, publisher.signed().checkpoint().size());
    long records = journal.durablePosition();
    publisher.doWork(1_000_000);
    publisher.doWork(2_000_000);
    assertEquals(records, journal.durablePosition(), "nothing new, nothing signed");
  }

  @Test
  void shouldRefuseCosignaturesThatAreNone() {
    TestJournal journal = new TestJournal(() -> {});
    grants(journal, Seeds.random("LogPublisherTest"), 5);
    LogPublisher publisher = open(new MemoryFiles(), journal);
    finish(publisher);
    Checkpoint checkpoint = publisher.signed().checkpoint();
    Checkpoint other = new Checkpoint(checkpoint.origin(), 5, Bytes32.ZERO);
    long before = journal.durablePosition();
    for (CosignatureRecord bad :
        List.of(
            new CosignatureRecord(
                4, checkpoint.root(), witness.cosign(checkpoint, 1), witness.verifier()),
            new CosignatureRecord(5, other.root(), witness.cosign(other, 1), witness.verifier()),
            new CosignatureRecord(
                5, checkpoint.root(), witness.cosign(other, 1), witness.verifier()),
            new CosignatureRecord(
                5,
                checkpoint.root(),
                witness.cosign(checkpoint, 1),
                TestKey.witness("another").verifier()))) {
      assertThrows(LogDataException.class, () -> publisher.cosign(bad));
    }
    assertEquals(before, journal.durablePosition());
    cosign(publisher);
    assertEquals(before + 1, journal.durablePosition());
    cosign(publisher);
    assertEquals(before + 1, journal.durablePosition(), "the same again is no second record");
    assertFalse(publisher.shown().lines().isEmpty());
  }

  @Test
  void shouldRemovePartialTilesThatAreFullForTwoCheckpoints() throws IOException {
    TestJournal journal = new TestJournal(() -> {});
    Random random = Seeds.random("LogPublisherTest");
    LogPublisher publisher = open(new DirectoryFiles(temporary), journal);
    int[] sizes = {100, 156, 44, 10};
    for (int grants : sizes) {
      grants(journal, random, grants);
      finish(publisher);
    }
    assertFalse(Files.exists(temporary.resolve("tile/0/000.p")));
    assertFalse(Files.exists(temporary.resolve("tile/entries/000.p")));
    assertTrue(Files.exists(temporary.resolve("tile/0/001.p/44")));
    assertTrue(Files.exists(temporary.resolve("tile/0/001.p/54")));
    assertTrue(Files.exists(temporary.resolve("tile/1/000.p/1")));
  }
}
