package org.micropay.vts.journal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Advice changes what is mapped, and nothing that a file holds. */
class PageCacheTest {
  private static final int PAGE = PageCache.PAGE;
  private static final int PAGES = 64;

  @TempDir Path temp;

  @FunctionalInterface
  private interface Body {
    void run(FileChannel channel, MemorySegment mapping) throws IOException;
  }

  private Path mapped(Body body) throws IOException {
    Path file = temp.resolve("file");
    Files.write(file, new byte[PAGES * PAGE]);
    try (FileChannel channel =
            FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        Arena arena = Arena.ofConfined()) {
      body.run(channel, channel.map(MapMode.READ_WRITE, 0, PAGES * PAGE, arena));
    }
    return file;
  }

  private static void fill(MemorySegment mapping) {
    for (long at = 0; at < mapping.byteSize(); at++) {
      mapping.set(ValueLayout.JAVA_BYTE, at, pattern(at));
    }
  }

  private static byte pattern(long at) {
    return (byte) (at * 31 + (at >>> 12));
  }

  private static void assertPattern(byte[] bytes) {
    byte[] expected = new byte[PAGES * PAGE];
    for (int at = 0; at < expected.length; at++) {
      expected[at] = pattern(at);
    }
    assertArrayEquals(expected, bytes);
  }

  /** Kilobytes of the mapping that this process's page table maps. */
  private static long residentKilobytes(MemorySegment mapping) throws IOException {
    String range = Long.toHexString(mapping.address()) + "-";
    List<String> smaps = Files.readAllLines(Path.of("/proc/self/smaps"));
    for (int i = 0; i < smaps.size(); i++) {
      if (smaps.get(i).startsWith(range)) {
        while (!smaps.get(i).startsWith("Rss:")) {
          i++;
        }
        return Long.parseLong(smaps.get(i).replaceAll("[^0-9]", ""));
      }
    }
    throw new AssertionError("no mapping at " + range);
  }

  @Test
  void shouldKeepWhatWasStoredThroughUnmappedPages() throws IOException {
    Path file =
        mapped(
            (channel, mapping) -> {
              fill(mapping);
              assertEquals(PAGES * PAGE / 1024, residentKilobytes(mapping));
              PageCache.unmap(mapping.address(), mapping.byteSize());
              assertEquals(0, residentKilobytes(mapping));
              channel.force(false);
              assertPattern(mapping.toArray(ValueLayout.JAVA_BYTE));
            });
    assertPattern(Files.readAllBytes(file));
  }

  @Test
  void shouldStoreToAPageMappedForWriting() throws IOException {
    Path file =
        mapped(
            (channel, mapping) -> {
              fill(mapping);
              mapping.set(ValueLayout.JAVA_BYTE, PAGE, (byte) ~pattern(PAGE));
              PageCache.unmap(mapping.address(), mapping.byteSize());
              PageCache.mapForWriting(mapping.address() + PAGE);
              assertTrue(residentKilobytes(mapping) > 0, "no page was mapped");
              mapping.set(ValueLayout.JAVA_BYTE, PAGE, pattern(PAGE));
            });
    assertPattern(Files.readAllBytes(file));
  }

  @Test
  void shouldReadBackWhatWasDroppedFromTheCache() throws IOException {
    Path file =
        mapped(
            (channel, mapping) -> {
              fill(mapping);
              PageCache.unmap(mapping.address(), mapping.byteSize());
              channel.force(false);
            });
    PageCache.drop(file, 0, PAGES * PAGE);
    assertPattern(Files.readAllBytes(file));
  }

  @Test
  void shouldRefuseWhatIsNoRangeOfPages() {
    assertThrows(IllegalArgumentException.class, () -> PageCache.unmap(0, PAGE));
    assertThrows(IllegalArgumentException.class, () -> PageCache.unmap(PAGE + 1, PAGE));
    assertThrows(IllegalArgumentException.class, () -> PageCache.unmap(PAGE, PAGE - 1));
    assertThrows(IllegalArgumentException.class, () -> PageCache.unmap(PAGE, 0));
  }
}
