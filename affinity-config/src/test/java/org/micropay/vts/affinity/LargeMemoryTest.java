package org.micropay.vts.affinity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LargeMemoryTest {
  private static final long PAGE = 2L << 20;
  private static final long LARGE = LargeMemory.SMALLEST + 3 * PAGE + 5;

  /** What /proc/self/smaps says of the mapping that holds the address, one line each. */
  private static List<String> mapping(long address) throws IOException {
    List<String> lines = new ArrayList<>();
    boolean inside = false;
    for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
      if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
        String[] ends = line.substring(0, line.indexOf(' ')).split("-");
        inside =
            Long.parseUnsignedLong(ends[0], 16) <= address
                && address < Long.parseUnsignedLong(ends[1], 16);
      }
      if (inside) {
        lines.add(line);
      }
    }
    return lines;
  }

  private static long kilobytes(List<String> mapping, String field) {
    return mapping.stream()
        .filter(line -> line.startsWith(field + ":"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(0);
  }

  @Test
  void shouldGiveZeroMemoryThatIsThereFromTheStart() throws IOException {
    try (Arena arena = LargeMemory.newArena()) {
      MemorySegment memory = arena.allocate(LARGE, 64);
      assertEquals(LARGE, memory.byteSize());
      assertEquals(0, memory.address() % PAGE, "begins at a page");
      List<String> mapping = mapping(memory.address());
      assertTrue(kilobytes(mapping, "Rss") >= LARGE / 1024, "not there yet: " + mapping);
      for (long at = 0; at < LARGE; at++) {
        assertEquals(0, memory.get(ValueLayout.JAVA_BYTE, at));
      }
      memory.fill((byte) 1);
      assertThrows(IndexOutOfBoundsException.class, () -> memory.get(ValueLayout.JAVA_BYTE, LARGE));
    }
  }

  @Test
  void shouldGiveTheMemoryBack() throws IOException {
    Arena arena = LargeMemory.newArena();
    MemorySegment memory = arena.allocate(LARGE, 64);
    long address = memory.address();
    long before = residentKilobytes();
    arena.close();
    assertThrows(IllegalStateException.class, () -> memory.get(ValueLayout.JAVA_BYTE, 0));
    assertTrue(
        mapping(address).isEmpty() || residentKilobytes() < before,
        "still mapped: " + mapping(address));
  }

  private static long residentKilobytes() throws IOException {
    return kilobytes(Files.readAllLines(Path.of("/proc/self/smaps_rollup")), "Rss");
  }

  @Test
  void shouldGiveSmallMemoryToo() {
    try (Arena arena = LargeMemory.newArena()) {
      MemorySegment memory = arena.allocate(100, 64);
      assertEquals(100, memory.byteSize());
      assertEquals(0, memory.address() % 64);
      assertEquals(0, memory.get(ValueLayout.JAVA_LONG, 0));
      assertTrue(memory.scope().isAlive());
    }
  }

  @Test
  void shouldSayThatThereIsNotSoMuch() {
    try (Arena arena = LargeMemory.newArena()) {
      assertThrows(OutOfMemoryError.class, () -> arena.allocate(1L << 60, 64));
    }
  }
}
