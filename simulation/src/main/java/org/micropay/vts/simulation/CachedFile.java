package org.micropay.vts.simulation;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * One file as kernel and disk see it: the live file is the page cache, the array is the disk.
 *
 * <p>A page whose write failed is marked clean all the same, as Linux does: a later sync leaves it
 * alone until somebody stores to it again. Owned by the {@link SimulatedDisk}; one thread.
 */
final class CachedFile implements AutoCloseable {
  static final int SECTOR = 512;
  static final int PAGE = 4096;
  private static final int CHUNK = 16 * PAGE;

  /**
   * A sync looks this far behind the last byte that the disk has: the journal appends, and no batch
   * of a simulation is as large. A power loss looks at everything; what a sync had overlooked would
   * be lost then and noticed.
   */
  private static final int APPENDED = 1 << 19;

  private static final MemorySegment ZEROS = MemorySegment.ofArray(new byte[CHUNK]);

  /** Which of the dirty bytes reach the disk when the power goes. */
  enum Loss {
    NOTHING_KEPT,
    ALL_KEPT,
    RANDOM_PAGES,
    RANDOM_SECTORS,
    PAGES_IN_ORDER,
    SECTORS_IN_ORDER
  }

  private final Path path;
  private final FileChannel channel;
  private final Map<Integer, byte[]> lost = new HashMap<>();
  private Arena arena;
  private MemorySegment live = MemorySegment.NULL;
  private byte[] durable;
  private long durableLength;
  private long lastWritten;
  private boolean everForced;

  /** What the disk holds: its bytes up to some place, and zeros from there to its length. */
  record Content(byte[] bytes, long length) {
    static final Content EMPTY = new Content(new byte[0], 0);
  }

  CachedFile(Path path, Content content, boolean everForced) throws IOException {
    this.path = path;
    this.channel = FileChannel.open(path);
    this.durable = content.bytes();
    this.durableLength = content.length();
    this.lastWritten = durable.length;
    this.everForced = everForced;
  }

  Path path() {
    return path;
  }

  /** Whether the disk knows the file at all. */
  boolean everForced() {
    return everForced;
  }

  /** Pages whose write failed stay what they are when only the process ends. */
  void takeLost(CachedFile before) {
    lost.putAll(before.lost);
  }

  Content durable() {
    return new Content(
        Arrays.copyOf(durable, (int) Math.min(lastWritten, durableLength)), durableLength);
  }

  private MemorySegment live() throws IOException {
    long size = channel.size();
    if (size != live.byteSize()) {
      release();
      arena = Arena.ofConfined();
      live = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
    }
    return live;
  }

  private interface DirtyPage {
    void at(int page, int length);
  }

  /** Calls {@code action} for each page below {@code limit} that the kernel would still write. */
  private void forEachDirty(long limit, DirtyPage action) throws IOException {
    MemorySegment bytes = live();
    MemorySegment disk = MemorySegment.ofArray(durable);
    long size = Math.min(limit, bytes.byteSize());
    for (long at = 0; at < size; at += CHUNK) {
      long end = Math.min(at + CHUNK, size);
      if (same(bytes, disk, at, end)) {
        continue;
      }
      for (long page = at; page < end; page += PAGE) {
        long pageEnd = Math.min(page + PAGE, end);
        if (!same(bytes, disk, page, pageEnd) && !isLost(bytes, page, pageEnd)) {
          action.at((int) (page / PAGE), (int) (pageEnd - page));
        }
      }
    }
  }

  private static boolean same(MemorySegment bytes, MemorySegment disk, long from, long to) {
    long split = Math.clamp(disk.byteSize(), from, to);
    return (split == from || MemorySegment.mismatch(bytes, from, split, disk, from, split) < 0)
        && (split == to || MemorySegment.mismatch(bytes, split, to, ZEROS, 0, to - split) < 0);
  }

  private boolean isLost(MemorySegment bytes, long from, long to) {
    byte[] then = lost.get((int) (from / PAGE));
    return then != null
        && MemorySegment.mismatch(
                bytes, from, to, MemorySegment.ofArray(then), 0, Math.min(to - from, then.length))
            < 0;
  }

  private void write(int page, int from, int length) {
    int at = page * PAGE + from;
    if (at + length > durable.length) {
      durable = Arrays.copyOf(durable, Math.max(at + length, durable.length * 2));
    }
    MemorySegment.copy(live, ValueLayout.JAVA_BYTE, at, durable, at, length);
    durableLength = Math.max(durableLength, at + length);
    lastWritten = Math.max(lastWritten, at + length);
  }

  /** A sync that works. */
  void force() throws IOException {
    forEachDirty(lastWritten + APPENDED, (page, length) -> write(page, 0, length));
    // Whatever was beyond the file's end is gone with a truncation.
    long size = channel.size();
    if (durable.length > size) {
      durable = Arrays.copyOf(durable, (int) size);
    }
    durableLength = size;
    lastWritten = Math.min(lastWritten, size);
    everForced = true;
  }

  /** A sync that fails: some pages were written, the others are forgotten by the kernel. */
  void failForce(SplittableRandom random) throws IOException {
    forEachDirty(
        Long.MAX_VALUE,
        (page, length) -> {
          if (random.nextBoolean()) {
            write(page, 0, length);
          } else {
            byte[] then = new byte[length];
            MemorySegment.copy(
                live, ValueLayout.JAVA_BYTE, (long) page * PAGE, then, 0, then.length);
            lost.put(page, then);
          }
        });
  }

  /** Somebody stores to these bytes again, the same ones or others: they are dirty once more. */
  void redirty(long from, long to) {
    lost.keySet().removeIf(page -> (page + 1L) * PAGE > from && (long) page * PAGE < to);
  }

  /** What a power loss now would leave of the file; nothing is changed. */
  Content survivors(SplittableRandom random) throws IOException {
    byte[] disk = durable.clone();
    long length = durableLength;
    long written = lastWritten;
    try {
      losePower(random);
      return durable();
    } finally {
      durable = disk;
      durableLength = length;
      lastWritten = written;
    }
  }

  private void losePower(SplittableRandom random) throws IOException {
    Loss loss = Loss.values()[random.nextInt(Loss.values().length)];
    boolean grown = random.nextBoolean();
    int keptPages = random.nextInt(64);
    int[] seen = {0};
    forEachDirty(
        Long.MAX_VALUE,
        (page, length) -> {
          int number = seen[0]++;
          switch (loss) {
            case NOTHING_KEPT -> {}
            case ALL_KEPT -> write(page, 0, length);
            case RANDOM_PAGES -> {
              if (random.nextBoolean()) {
                write(page, 0, length);
              }
            }
            case RANDOM_SECTORS -> {
              for (int at = 0; at < length; at += SECTOR) {
                if (random.nextBoolean()) {
                  write(page, at, Math.min(SECTOR, length - at));
                }
              }
            }
            case PAGES_IN_ORDER -> {
              if (number < keptPages) {
                write(page, 0, length);
              }
            }
            case SECTORS_IN_ORDER -> {
              int whole = Math.clamp(keptPages - (long) number * (PAGE / SECTOR), 0, 8) * SECTOR;
              if (whole > 0) {
                write(page, 0, Math.min(whole, length));
              }
            }
          }
        });
    long size = channel.size();
    if (loss == Loss.ALL_KEPT || grown && size > durableLength) {
      durableLength = size;
    }
  }

  private void release() {
    if (arena != null) {
      arena.close();
      arena = null;
      live = MemorySegment.NULL;
    }
  }

  @Override
  public void close() throws IOException {
    release();
    channel.close();
  }
}
