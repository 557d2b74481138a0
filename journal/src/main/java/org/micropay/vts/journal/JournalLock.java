package org.micropay.vts.journal;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps other writers away, in two ways: a kernel file lock that dies with the process, and a fence
 * word in shared memory that tells a writer whose lock file was deleted under it that a newer one
 * has begun. Owned by the writer.
 */
final class JournalLock implements AutoCloseable {
  private static final VarHandle WORD = ValueLayout.JAVA_LONG.varHandle();

  /**
   * Journals open in this process. Looked at before the lock file is, because closing any channel
   * on that file would give up the kernel lock of the whole process (fcntl(2)).
   */
  private static final Set<Path> OPEN_HERE = ConcurrentHashMap.newKeySet();

  private final Path key;
  private final FileChannel lockChannel;
  private final Arena arena;
  private final MemorySegment fence;

  private JournalLock(Path key, FileChannel lockChannel, Arena arena, MemorySegment fence) {
    this.key = key;
    this.lockChannel = lockChannel;
    this.arena = arena;
    this.fence = fence;
  }

  static JournalLock acquire(Path directory) throws IOException {
    Path key = directory.toRealPath();
    if (!OPEN_HERE.add(key)) {
      throw new JournalException(
          JournalException.Reason.LOCKED,
          "journal in " + directory + " is already open in this process; close it first");
    }
    try {
      return lock(directory, key);
    } catch (IOException | RuntimeException e) {
      OPEN_HERE.remove(key);
      throw e;
    }
  }

  private static JournalLock lock(Path directory, Path key) throws IOException {
    FileChannel channel =
        FileChannel.open(
            directory.resolve(JournalFiles.LOCK),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    Arena arena = Arena.ofShared();
    try {
      FileLock lock = channel.tryLock();
      if (lock == null) {
        throw new JournalException(
            JournalException.Reason.LOCKED,
            "journal in %s is held by another process%s; stop it first"
                .formatted(directory, holder(channel)));
      }
      String text = ProcessHandle.current().pid() + "\n";
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)), 0);
      return new JournalLock(key, channel, arena, mapFence(directory, arena));
    } catch (IOException | RuntimeException e) {
      arena.close();
      channel.close();
      throw e;
    }
  }

  private static String holder(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(20);
    channel.read(bytes, 0);
    String pid = new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII).strip();
    return pid.matches("\\d+") ? " (pid " + pid + ")" : "";
  }

  private static MemorySegment mapFence(Path directory, Arena arena) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            directory.resolve(JournalFiles.FENCE),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      return channel.map(FileChannel.MapMode.READ_WRITE, 0, Long.BYTES, arena);
    }
  }

  /** Newest epoch that any writer has announced. */
  long newestEpoch() {
    return (long) WORD.getVolatile(fence, 0L);
  }

  /** Announces an epoch; from now on older writers stop at their next sync. */
  void announce(long epoch) {
    WORD.setVolatile(fence, 0L, epoch);
  }

  @Override
  public void close() {
    arena.close();
    try {
      lockChannel.close();
    } catch (IOException e) {
      throw new JournalException(
          JournalException.Reason.IO, "cannot release the journal's lock", e);
    } finally {
      OPEN_HERE.remove(key);
    }
  }
}
