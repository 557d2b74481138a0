package org.micropay.vts.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.micropay.vts.journal.JournalException.Reason;
import org.micropay.vts.journal.TestFrames.Frame;

/** What every journal must do; run over each implementation. */
abstract class JournalContractTest {
  private static final UnsafeBuffer EMPTY = new UnsafeBuffer(new byte[0]);
  private static final long HOUR = 3_600_000;

  private final List<AutoCloseable> open = new ArrayList<>();

  abstract Journal create();

  /** Closes a journal and opens what it left. */
  abstract Journal reopen(Journal journal);

  abstract JournalReader reader(Journal journal);

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable closeable : open.reversed()) {
      closeable.close();
    }
  }

  private <T extends AutoCloseable> T track(T closeable) {
    open.add(closeable);
    return closeable;
  }

  @Test
  void shouldStartEmpty() {
    Journal journal = track(create());
    assertEquals(1, journal.nextPosition());
    assertEquals(0, journal.durablePosition());
    journal.sync();
    assertEquals(0, journal.durablePosition());
    assertFalse(track(reader(journal)).next(FrameHandler.NONE));
    assertFalse(track(reader(journal)).read(1, FrameHandler.NONE));
  }

  @Test
  void shouldReturnEveryRecordAfterReopeningAcrossFiles() {
    long seed = TestFrames.seed("contract.roundTrip");
    SplittableRandom random = new SplittableRandom(seed);
    Journal journal = create();
    List<Frame> expected = new ArrayList<>();
    int reopenings = 0;
    for (int position = 1; position <= 240; position++) {
      // Some ten files: the time moves on by minutes.
      Frame frame = TestFrames.frame(seed, position, 64 * 1024, HOUR / 20);
      TestFrames.append(journal, frame);
      expected.add(frame);
      if (random.nextInt(7) == 0) {
        journal.sync();
        assertEquals(position, journal.durablePosition());
      }
      if (random.nextInt(50) == 0) {
        journal = reopen(journal);
        reopenings++;
        assertEquals(position + 1, journal.nextPosition());
        assertEquals(position, journal.durablePosition());
      }
    }
    journal = track(reopen(journal));
    System.out.println("contract.roundTrip reopenings " + reopenings);
    assertEquals(expected, TestFrames.readAll(track(reader(journal))));
    JournalReader reader = track(reader(journal));
    for (int i = 0; i < 40; i++) {
      int position = 1 + random.nextInt(expected.size());
      List<Frame> one = new ArrayList<>();
      assertTrue(reader.read(position, TestFrames.into(one)), "position " + position);
      assertEquals(List.of(expected.get(position - 1)), one);
    }
    assertFalse(reader.read(expected.size() + 1L, FrameHandler.NONE));
  }

  @Test
  void shouldFollowALiveJournalAcrossFilesAndReopenings() {
    long seed = TestFrames.seed("contract.follow");
    Journal journal = create();
    JournalReader reader = track(reader(journal));
    for (int position = 1; position <= 60; position++) {
      assertFalse(reader.next(FrameHandler.NONE));
      Frame frame = TestFrames.frame(seed, position, 500, HOUR / 4);
      TestFrames.append(journal, frame);
      List<Frame> seen = new ArrayList<>();
      assertTrue(reader.next(TestFrames.into(seen)));
      assertEquals(List.of(frame), seen);
      assertEquals(position, reader.position());
      if (position % 20 == 0) {
        Journal next = reopen(journal);
        if (next.getClass() == MemoryJournal.class) {
          reader = track(reader(next));
          while (reader.position() < position) {
            assertTrue(reader.next(FrameHandler.NONE));
          }
        }
        journal = next;
      }
    }
    track(journal);
  }

  @Test
  void shouldTakeEmptyAndLongestPayload() {
    Journal journal = create();
    byte[] longest = new byte[FrameLayout.MAX_PAYLOAD_LENGTH];
    longest[longest.length - 1] = 1;
    Frame first = new Frame(1, 1, 0, new byte[0]);
    Frame second = new Frame(2, 0xFFFF, 1, longest);
    TestFrames.append(journal, first);
    TestFrames.append(journal, second);
    journal = track(reopen(journal));
    assertEquals(List.of(first, second), TestFrames.readAll(track(reader(journal))));
  }

  @Test
  void shouldRefuseEverythingAfterAnIllegalAppend() {
    assertIllegal(2, 1, 0, 0);
    assertIllegal(1, 0, 0, 0);
    assertIllegal(1, 0x10000, 0, 0);
    assertIllegal(1, 1, -1, 0);
    assertIllegal(1, 1, 0, -1);
    assertIllegal(1, 1, 0, FrameLayout.MAX_PAYLOAD_LENGTH + 1);
  }

  private void assertIllegal(long position, int type, long time, int length) {
    Journal journal = track(create());
    JournalException illegal =
        assertThrows(
            JournalException.class, () -> journal.append(position, type, time, EMPTY, 0, length));
    assertEquals(Reason.ILLEGAL_CALL, illegal.reason());
    JournalException after =
        assertThrows(JournalException.class, () -> journal.append(1, 1, 0, EMPTY, 0, 0));
    assertEquals(Reason.CLOSED, after.reason());
    assertEquals(Reason.CLOSED, assertThrows(JournalException.class, journal::sync).reason());
  }

  @Test
  void shouldRefuseAfterClose() {
    Journal journal = create();
    TestFrames.append(journal, TestFrames.frame(1, 1, 10, 1));
    journal.close();
    assertEquals(1, journal.durablePosition());
    journal.close();
    assertEquals(Reason.CLOSED, assertThrows(JournalException.class, journal::sync).reason());
  }
}
