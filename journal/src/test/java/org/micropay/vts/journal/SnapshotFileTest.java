package org.micropay.vts.journal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.micropay.vts.journal.JournalException.Reason;

/** The container: what was written comes back, and nothing else does. */
class SnapshotFileTest {
  @TempDir Path temp;

  private static SnapshotHead head(long position) {
    return new SnapshotHead(
        TestFrames.IDENTITY,
        new JournalPoint(position, new byte[32]),
        new FrameLocation(3, "20260101-00.cq4", 4096),
        1234,
        position);
  }

  private Path write(long position, byte[] first, byte[] second) {
    Path path = new SnapshotStore(temp).fileFor(position);
    try (SnapshotWriter writer = SnapshotWriter.create(path, head(position))) {
      writer.section("first", 1, out -> out.write(first));
      writer.section("second", 7, out -> out.write(second));
      writer.commit();
    }
    return path;
  }

  private static byte[] random(SplittableRandom random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  @Test
  void shouldGiveBackWhatWasWritten() {
    SplittableRandom random = new SplittableRandom(1);
    byte[] first = random(random, 3_000_000);
    byte[] second = new byte[0];
    SnapshotFile file = SnapshotFile.open(write(42, first, second));
    assertEquals(head(42).point(), file.head().point());
    assertEquals(head(42).location(), file.head().location());
    assertEquals(1234, file.head().timeMillis());
    assertEquals(42, file.head().floor());
    assertEquals(2, file.sections().size());
    assertEquals("second", file.sections().get(1).name());
    assertEquals(7, file.sections().get(1).version());
    file.read(file.sections().get(0), in -> assertArrayEquals(first, in.readAllBytes()));
    file.read(file.sections().get(1), in -> assertEquals(0, in.readAllBytes().length));
    file.verify();
  }

  @Test
  void shouldNoticeEveryFlippedBit() throws IOException {
    long seed = TestFrames.seed("SnapshotFileTest");
    SplittableRandom random = new SplittableRandom(seed);
    Path path = write(42, random(random, 500), random(random, 300));
    byte[] whole = Files.readAllBytes(path);
    for (int i = 0; i < 2_000; i++) {
      byte[] damaged = whole.clone();
      int bit = random.nextInt(8 * whole.length);
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(path, damaged);
      JournalException e =
          assertThrows(
              JournalException.class,
              () -> SnapshotFile.open(path).verify(),
              () -> "bit " + bit + " seed " + seed);
      assertTrue(e.reason() == Reason.CORRUPT || e.reason() == Reason.NOT_ACCESSIBLE, e.toString());
    }
  }

  @Test
  void shouldNoticeEveryMissingEnd() throws IOException {
    Path path = write(42, new byte[500], new byte[300]);
    byte[] whole = Files.readAllBytes(path);
    for (int length = 0; length < whole.length; length += 7) {
      Files.write(path, java.util.Arrays.copyOf(whole, length));
      assertThrows(JournalException.class, () -> SnapshotFile.open(path).verify());
    }
  }

  @Test
  void shouldRefuseAReaderThatStopsEarly() {
    SnapshotFile file = SnapshotFile.open(write(42, new byte[500], new byte[0]));
    JournalException e =
        assertThrows(
            JournalException.class, () -> file.read(file.sections().get(0), in -> in.read()));
    assertTrue(e.getMessage().contains("longer than its reader expects"), e.getMessage());
  }

  @Test
  void shouldLeaveNothingOfASnapshotThatFailed() throws IOException {
    Path path = new SnapshotStore(temp).fileFor(9);
    assertThrows(
        IllegalStateException.class,
        () -> {
          try (SnapshotWriter writer = SnapshotWriter.create(path, head(9))) {
            writer.section(
                "first",
                1,
                out -> {
                  throw new IllegalStateException("a fold that fails");
                });
          }
        });
    assertFalse(Files.exists(path));
    try (java.util.stream.Stream<Path> left = Files.list(path.getParent())) {
      assertEquals(0, left.count());
    }
  }

  @Test
  void shouldKeepTheNewest() {
    for (long position : new long[] {5, 900, 30, 1_000_000_000_000L}) {
      write(position, new byte[1], new byte[1]);
    }
    SnapshotStore store = new SnapshotStore(temp);
    assertEquals(
        java.util.List.of(store.fileFor(1_000_000_000_000L), store.fileFor(900)),
        store.newestFirst().subList(0, 2));
    store.keep(2);
    assertEquals(2, store.newestFirst().size());
    store.reject();
    assertEquals(0, store.newestFirst().size());
  }
}
