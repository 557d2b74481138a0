package org.micropay.vts.journal;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The real thing: fdatasync, posix_fallocate, statvfs. Stateless; any thread. */
final class LinuxStorage implements Storage {
  private static final int O_RDWR = 2;
  private static final int O_CLOEXEC = 0x80000;
  private static final int EINTR = 4;
  private static final int ENOSPC = 28;
  private static final int REWRITE_BYTES = 1 << 20;
  private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(WrittenPages.FOLIO);

  /** Downcalls, linked on first use. */
  @SuppressWarnings("restricted")
  private static final class Libc {
    private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
        STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle OPEN =
        handle(
            "open",
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
            Linker.Option.captureCallState("errno"));
    private static final MethodHandle CLOSE =
        handle("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    private static final MethodHandle FALLOCATE =
        handle(
            "posix_fallocate",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG));

    private static MethodHandle handle(
        String name, FunctionDescriptor descriptor, Linker.Option... options) {
      Linker linker = Linker.nativeLinker();
      return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor, options);
    }
  }

  @Override
  public Barrier open(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    return new Barrier() {
      @Override
      public void force() throws IOException {
        channel.force(false);
      }

      @Override
      public void fill(long offset, long length) throws IOException {
        ByteBuffer zeros = ZEROS.duplicate();
        for (long at = offset; at < offset + length; ) {
          zeros.clear().limit((int) Math.min(zeros.capacity(), offset + length - at));
          at += channel.write(zeros, at);
        }
      }

      @Override
      public void rewrite(long offset, long length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocateDirect(REWRITE_BYTES);
        long end = Math.min(offset + length, channel.size());
        for (long at = offset; at < end; ) {
          bytes.clear().limit((int) Math.min(bytes.capacity(), end - at));
          if (channel.read(bytes, at) <= 0) {
            throw new IOException("cannot read " + file + " at " + at);
          }
          bytes.flip();
          while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
          }
        }
      }

      @Override
      public void close() throws IOException {
        channel.close();
      }
    };
  }

  @Override
  public void allocate(Path file, long offset, long length) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Libc.STATE);
      MemorySegment name = arena.allocateFrom(file.toAbsolutePath().toString());
      int fd = (int) Libc.OPEN.invokeExact(state, name, O_RDWR | O_CLOEXEC);
      if (fd < 0) {
        throw new IOException("cannot open " + file + ", errno " + (int) Libc.ERRNO.get(state, 0L));
      }
      int error = EINTR;
      try {
        // A signal that interrupts an allocation says nothing about the disk.
        while (error == EINTR) {
          error = (int) Libc.FALLOCATE.invokeExact(fd, offset, length);
        }
      } finally {
        int ignored = (int) Libc.CLOSE.invokeExact(fd);
      }
      if (error != 0) {
        throw new IOException(
            (error == ENOSPC ? "no space left on the device for " : "cannot allocate ")
                + length
                + " bytes of "
                + file
                + ", errno "
                + error);
      }
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IOException("cannot allocate " + length + " bytes of " + file, e);
    }
  }

  @Override
  public void forceDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public long usableBytes(File directory) {
    return directory.getUsableSpace();
  }
}
