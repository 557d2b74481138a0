package org.micropay.vts.merchant;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No number twice: not over threads, crashes, or a clock that is set back. */
class AskCounterTest {
  private static final long NOW = 1_700_000_000;
  private static final int A_SECOND = 1 << 24;

  @TempDir Path temp;
  private Path file;

  @BeforeEach
  void name() {
    file = temp.resolve("asks");
  }

  private long reserved() throws IOException {
    return ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  private void write(long reserved) throws IOException {
    byte[] bytes =
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(reserved).array();
    Files.write(file, bytes);
  }

  @Test
  void shouldReserveOnDiskBeforeItGivesOut() throws IOException {
    AskCounter counter = AskCounter.open(file, NOW);
    long clock = NOW;
    for (int i = 0; i < 1_000; i++) {
      // The clock runs past what was reserved, a minute at a time and by leaps.
      clock += i % 7;
      long number = counter.next(clock);
      assertTrue(number < reserved(), () -> number + " is not reserved");
      assertEquals(clock, AskCounter.secondOf(number));
    }
  }

  /** Nothing is closed: a process that is killed leaves the file as it is. */
  @Test
  void shouldGoOnBehindWhatACrashedProcessMayHaveGivenOut() throws IOException {
    long last = 0;
    for (long clock : new long[] {NOW, NOW, NOW - 86_400, NOW + 1, 0}) {
      AskCounter counter = AskCounter.open(file, clock);
      for (int i = 0; i < 3; i++) {
        long next = counter.next(clock);
        assertTrue(next > last, "%d after %d, clock %d".formatted(next, last, clock));
        last = next;
      }
    }
  }

  @Test
  void shouldCountWithinASecondAndRunOnIntoTheNext() throws IOException {
    AskCounter counter = AskCounter.open(file, NOW);
    counter.next(NOW + 100);
    long number = counter.next(NOW + 100);
    assertEquals(NOW + 100, AskCounter.secondOf(number));
    assertEquals(1, AskCounter.numberOf(number));
    assertEquals(2, AskCounter.numberOf(counter.next(NOW + 50)), "a clock set back");
    write((NOW << 24) + A_SECOND - 2);
    AskCounter full = AskCounter.open(file, NOW);
    assertEquals(A_SECOND - 1, AskCounter.numberOf(full.next(NOW)));
    long next = full.next(NOW);
    assertEquals(NOW + 1, AskCounter.secondOf(next));
    assertEquals(0, AskCounter.numberOf(next));
  }

  @Test
  void shouldReserveAheadOfNeedWhenHalfIsUsed() throws IOException {
    AskCounter counter = AskCounter.open(file, NOW);
    long before = reserved();
    counter.refill(NOW + 29);
    assertEquals(before, reserved(), "more than half is left");
    counter.refill(NOW + 30);
    assertEquals((NOW + 90) << 24, reserved());
    long number = counter.next(NOW + 89);
    assertEquals((NOW + 90) << 24, reserved(), "no write on the way of an ask");
    assertTrue(number < reserved());
  }

  @Test
  void shouldKnowWhatWasGivenOut() throws IOException {
    AskCounter counter = AskCounter.open(file, NOW);
    long number = counter.next(NOW);
    assertTrue(counter.isIssued(number));
    assertFalse(counter.isIssued(number + 1));
    assertFalse(counter.isIssued(-1), "a forged one");
    assertFalse(counter.isIssued(Long.MIN_VALUE));
    assertTrue(AskCounter.open(file, NOW).isIssued(number), "by the process before");
  }

  @Test
  void shouldRefuseAFileThatIsNotItsOwn() throws IOException {
    for (int length : new int[] {0, 7, 9}) {
      Files.write(file, new byte[length]);
      IOException e = assertThrows(IOException.class, () -> AskCounter.open(file, NOW));
      assertTrue(e.getMessage().contains(length + " bytes, not 8"), e.getMessage());
      assertEquals(length, Files.size(file), "left as it is");
    }
  }

  @Test
  void shouldGiveEachThreadNumbersOfItsOwn() throws Exception {
    AskCounter counter = AskCounter.open(file, NOW);
    int each = 20_000;
    Callable<List<Long>> work =
        () -> {
          List<Long> numbers = new ArrayList<>(each);
          for (int i = 0; i < each; i++) {
            numbers.add(counter.next(NOW + i / 100));
          }
          return numbers;
        };
    Set<Long> all = new HashSet<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (Future<List<Long>> one : threads.invokeAll(List.of(work, work, work, work))) {
        all.addAll(one.get());
      }
    }
    assertEquals(4 * each, all.size());
    long most = all.stream().mapToLong(Long::longValue).max().orElseThrow();
    assertTrue(most < reserved());
  }
}
