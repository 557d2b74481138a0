package org.micropay.vts.secp256k1;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;

/**
 * The few functions of the C library that key memory, key files and process hardening need (Linux,
 * 64-bit). Every method either succeeds or throws {@link IllegalStateException} naming the function
 * and errno. Thread-safe; none of them is meant for the ring's path.
 */
@SuppressWarnings("restricted")
final class Libc {
  static final int PR_GET_DUMPABLE = 3;
  static final int PR_SET_DUMPABLE = 4;
  static final int RLIMIT_CORE = 4;
  static final int MADV_DONTDUMP = 16;
  static final int MADV_WIPEONFORK = 18;

  private static final int PROT_READ_WRITE = 0x1 | 0x2;
  private static final int MAP_PRIVATE_ANONYMOUS = 0x02 | 0x20;
  private static final int EINTR = 4;
  private static final int MAX_ATTRIBUTE_BYTES = 64 * 1024;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final SymbolLookup LOOKUP = LINKER.defaultLookup();
  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
  private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO_VALUE =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private static final MethodHandle MMAP =
      handle(
          "mmap",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle MUNMAP =
      handle("munmap", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle MLOCK =
      handle("mlock", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle MADVISE =
      handle("madvise", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
  private static final MethodHandle GETRANDOM =
      handle("getrandom", FunctionDescriptor.of(JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_INT));
  private static final MethodHandle PRCTL =
      handle(
          "prctl",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
          Linker.Option.firstVariadicArg(1));
  private static final MethodHandle SETRLIMIT =
      handle("setrlimit", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
  private static final MethodHandle GETRLIMIT =
      handle("getrlimit", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
  private static final MethodHandle GETXATTR =
      handle("getxattr", FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG));
  private static final MethodHandle GETEUID = handle("geteuid", FunctionDescriptor.of(JAVA_INT));
  private static final MethodHandle GETPAGESIZE =
      handle("getpagesize", FunctionDescriptor.of(JAVA_INT));

  private Libc() {}

  private static MethodHandle handle(
      String name, FunctionDescriptor descriptor, Linker.Option... options) {
    Linker.Option[] all = new Linker.Option[options.length + 1];
    System.arraycopy(options, 0, all, 1, options.length);
    all[0] = ERRNO;
    return LINKER.downcallHandle(LOOKUP.findOrThrow(name), descriptor, all);
  }

  static int pageSize() {
    try (Arena arena = Arena.ofConfined()) {
      return (int) GETPAGESIZE.invokeExact(arena.allocate(STATE));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Maps {@code bytes} of zeroed, private, anonymous memory and returns its address. */
  static long mapAnonymous(long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      long address =
          (long) MMAP.invokeExact(state, 0L, bytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0L);
      if (address == -1L) {
        throw failed("mmap", bytes + " bytes", state);
      }
      return address;
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static void unmap(long address, long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      check((int) MUNMAP.invokeExact(state, address, bytes), "munmap", bytes + " bytes", state);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static void lock(long address, long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      String hint = bytes + " bytes of key memory; raise RLIMIT_MEMLOCK (systemd: LimitMEMLOCK=)";
      check((int) MLOCK.invokeExact(state, address, bytes), "mlock", hint, state);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static void advise(long address, long bytes, int advice) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      check(
          (int) MADVISE.invokeExact(state, address, bytes, advice),
          "madvise",
          "advice " + advice,
          state);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Fills the whole segment from the kernel's CSPRNG; the bytes never touch the Java heap. */
  static void random(MemorySegment target) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      for (long done = 0; done < target.byteSize(); ) {
        MemorySegment rest = target.asSlice(done);
        long got = (long) GETRANDOM.invokeExact(state, rest, rest.byteSize(), 0);
        if (got > 0) {
          done += got;
        } else if (errno(state) != EINTR) {
          throw failed("getrandom", rest.byteSize() + " bytes", state);
        }
      }
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int prctl(int option, long argument) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      int result = (int) PRCTL.invokeExact(state, option, argument, 0L, 0L, 0L);
      if (result < 0) {
        throw failed("prctl", "option " + option, state);
      }
      return result;
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Sets the soft and the hard limit of {@code resource}. */
  static void setLimit(int resource, long limit) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      MemorySegment limits = arena.allocateFrom(JAVA_LONG, limit, limit);
      check(
          (int) SETRLIMIT.invokeExact(state, resource, limits),
          "setrlimit",
          "resource " + resource,
          state);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** The soft limit of {@code resource}, as an unsigned number. */
  static long softLimit(int resource) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      MemorySegment limits = arena.allocate(JAVA_LONG, 2);
      check(
          (int) GETRLIMIT.invokeExact(state, resource, limits),
          "getrlimit",
          "resource " + resource,
          state);
      return limits.get(JAVA_LONG, 0);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** The user whose rights the process has. */
  static int effectiveUser() {
    try (Arena arena = Arena.ofConfined()) {
      return (int) GETEUID.invokeExact(arena.allocate(STATE));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** The file's POSIX access control list in its stored form; empty when it has none. */
  static byte[] accessControlList(Path file) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(MAX_ATTRIBUTE_BYTES);
      long length =
          (long)
              GETXATTR.invokeExact(
                  arena.allocate(STATE),
                  arena.allocateFrom(file.toString()),
                  arena.allocateFrom("system.posix_acl_access"),
                  value,
                  value.byteSize());
      return value.asSlice(0, Math.max(0, length)).toArray(JAVA_BYTE);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static int errno(MemorySegment state) {
    return (int) ERRNO_VALUE.get(state, 0L);
  }

  private static void check(int result, String function, String what, MemorySegment state) {
    if (result != 0) {
      throw failed(function, what, state);
    }
  }

  private static IllegalStateException failed(String function, String what, MemorySegment state) {
    return new IllegalStateException(function + " failed, errno " + errno(state) + ": " + what);
  }

  /** What a method handle may throw by its signature but not in fact, as an unchecked exception. */
  static RuntimeException unexpected(Throwable t) {
    if (t instanceof RuntimeException e) {
      return e;
    }
    if (t instanceof Error e) {
      throw e;
    }
    return new IllegalStateException(t);
  }
}
