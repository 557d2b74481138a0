package org.micropay.vts.journal;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * Advice to Linux about the pages of files. It changes what an access costs, never what a file
 * holds; so advice that a kernel does not know or take is no error. Stateless; any thread.
 */
final class PageCache {
  static final int PAGE = 4096;

  private static final int MADV_DONTNEED = 4;
  private static final int MADV_POPULATE_WRITE = 23; // Linux 5.14
  private static final int POSIX_FADV_DONTNEED = 4;
  private static final int O_RDONLY_CLOEXEC = 0x80000;
  private static final MethodHandle MADVISE =
      handle(
          "madvise",
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_INT));
  private static final MethodHandle OPEN =
      handle(
          "open",
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
  private static final MethodHandle FADVISE =
      handle(
          "posix_fadvise",
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_INT));
  private static final MethodHandle CLOSE =
      handle("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

  private PageCache() {}

  @SuppressWarnings("restricted")
  private static MethodHandle handle(String name, FunctionDescriptor descriptor) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
  }

  /**
   * Takes pages of a shared file mapping out of this process's page table. What was stored through
   * them stays in the page cache, and dirty; the next access finds it there.
   *
   * <p>The whole range must lie in a mapping of a file: pages of ordinary memory would lose what
   * they hold.
   *
   * @param address start of a page
   * @param length bytes, whole pages
   */
  static void unmap(long address, long length) throws IOException {
    advise(address, length, MADV_DONTNEED);
  }

  /** Maps one page of a shared file mapping for writing, as a store to it would. */
  static void mapForWriting(long address) throws IOException {
    advise(address, PAGE, MADV_POPULATE_WRITE);
  }

  private static void advise(long address, long length, int advice) throws IOException {
    if ((address & PAGE - 1) != 0 || (length & PAGE - 1) != 0 || address == 0 || length <= 0) {
      throw new IllegalArgumentException(
          "no range of pages: address 0x" + Long.toHexString(address) + ", length " + length);
    }
    try {
      int ignored = (int) MADVISE.invokeExact(address, length, advice);
    } catch (Throwable e) {
      throw new IOException("cannot call madvise", e);
    }
  }

  /** Gives up the cached pages of a range of a file, those that are clean and mapped nowhere. */
  static void drop(Path file, long offset, long length) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(file.toAbsolutePath().toString());
      int fd = (int) OPEN.invokeExact(name, O_RDONLY_CLOEXEC);
      if (fd >= 0) {
        int ignored = (int) FADVISE.invokeExact(fd, offset, length, POSIX_FADV_DONTNEED);
        ignored = (int) CLOSE.invokeExact(fd);
      }
    } catch (Throwable e) {
      throw new IOException("cannot call posix_fadvise", e);
    }
  }
}
