package org.micropay.vts.secp256k1;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * The project's own kernel, native/c, and the only class that calls it; contracts in vts_kernel.h.
 * The functions keep no state but tables built once, so any thread may call them. Segments travel
 * as segments: the JDK keeps them alive during the call and refuses closed ones. Callers check
 * bounds.
 */
@SuppressWarnings("restricted")
final class VectorLibrary {
  /** Alignment of the memory of a signer's tables. */
  static final long SIGNER_ALIGNMENT = 64;

  private VectorLibrary() {}

  /** True when this build carries the kernel for this platform. */
  static boolean isPresent() {
    return Loaded.LIBRARY.isPresent();
  }

  /** True when CPU and operating system can run it. */
  static boolean isSupported() {
    try {
      return (int) Functions.SUPPORTED.invokeExact() == 1;
    } catch (Throwable t) {
      throw Libc.unexpected(t);
    }
  }

  /** Builds the tables; needs {@link #isSupported}. */
  static void initialize() {
    try {
      int result = (int) Functions.INIT.invokeExact();
      if (result != 0) {
        throw new IllegalStateException("vts_kernel_init returned " + result);
      }
    } catch (Throwable t) {
      throw Libc.unexpected(t);
    }
  }

  /** The kernel's own name. */
  static String name() {
    try {
      MemorySegment text = (MemorySegment) Functions.NAME.invokeExact();
      return text.reinterpret(Long.MAX_VALUE).getString(0);
    } catch (Throwable t) {
      throw Libc.unexpected(t);
    }
  }

  static void verify(
      MemorySegment digests,
      MemorySegment signatures,
      MemorySegment publicKeys,
      MemorySegment verdicts,
      long keys,
      long signaturesPerKey) {
    try {
      Functions.VERIFY_BATCH.invokeExact(
          digests, signatures, publicKeys, verdicts, keys, signaturesPerKey);
    } catch (Throwable t) {
      throw Libc.unexpected(t);
    }
  }

  /** Memory for the tables of a signer. They hold nothing secret. */
  static MemorySegment allocateSigner(Arena arena) {
    try {
      return arena.allocate((long) Functions.SIGNER_SIZE.invokeExact(), SIGNER_ALIGNMENT);
    } catch (Throwable t) {
      throw Libc.unexpected(t);
    }
  }

  /** Fills the tables for one key pair. */
  static void initializeSigner(
      MemorySegment signer, MemorySegment publicKey, MemorySegment secretKey) {
    try {
      int result = (int) Functions.SIGNER_INIT.invokeExact(signer, publicKey, secretKey);
      if (result != 0) {
        throw new IllegalStateException("vts_signer_init returned " + result);
      }
    } catch (Throwable t) {
      throw Libc.unexpected(t);
    }
  }

  static void sign(
      MemorySegment signer,
      MemorySegment secretKey,
      MemorySegment digests,
      MemorySegment signatures,
      MemorySegment verdicts,
      long count) {
    try {
      Functions.SIGN_BATCH.invokeExact(signer, secretKey, digests, signatures, verdicts, count);
    } catch (Throwable t) {
      throw Libc.unexpected(t);
    }
  }

  static void claimDigests(
      MemorySegment claims,
      long stride,
      MemorySegment termsDigests,
      MemorySegment ticketDigests,
      MemorySegment claimIds,
      MemorySegment spendDigests,
      MemorySegment opens,
      long count) {
    try {
      Functions.CLAIM_DIGESTS.invokeExact(
          claims, stride, termsDigests, ticketDigests, claimIds, spendDigests, opens, count);
    } catch (Throwable t) {
      throw Libc.unexpected(t);
    }
  }

  static void sha256(
      MemorySegment prefix,
      MemorySegment memory,
      MemorySegment tasks,
      MemorySegment digests,
      long count) {
    try {
      Functions.SHA256_BATCH.invokeExact(prefix, memory, tasks, digests, count);
    } catch (Throwable t) {
      throw Libc.unexpected(t);
    }
  }

  static void sipHash(
      MemorySegment keys,
      long keyCount,
      MemorySegment messages,
      long stride,
      long length,
      MemorySegment hashes,
      long count) {
    try {
      Functions.SIPHASH_BATCH.invokeExact(keys, keyCount, messages, stride, length, hashes, count);
    } catch (Throwable t) {
      throw Libc.unexpected(t);
    }
  }

  /** Loads on first use, so that a build without the kernel costs nothing. */
  private static final class Loaded {
    static final Optional<SymbolLookup> LIBRARY =
        NativeLibrary.find("/native/" + NativeLibrary.platform() + "/libvts_kernel.so");
  }

  private static final class Functions {
    static final MethodHandle SUPPORTED =
        handle("vts_kernel_supported", FunctionDescriptor.of(JAVA_INT));
    static final MethodHandle INIT = handle("vts_kernel_init", FunctionDescriptor.of(JAVA_INT));
    static final MethodHandle NAME = handle("vts_kernel_name", FunctionDescriptor.of(ADDRESS));
    static final MethodHandle VERIFY_BATCH =
        handle(
            "vts_verify_batch",
            FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG));
    static final MethodHandle SIGNER_SIZE =
        handle("vts_signer_size", FunctionDescriptor.of(JAVA_LONG));
    static final MethodHandle SIGNER_INIT =
        handle("vts_signer_init", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS));
    static final MethodHandle SIGN_BATCH =
        handle(
            "vts_sign_batch",
            FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG));
    static final MethodHandle CLAIM_DIGESTS =
        handle(
            "vts_claim_digests",
            FunctionDescriptor.ofVoid(
                ADDRESS, JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG));

    static final MethodHandle SHA256_BATCH =
        handle(
            "vts_sha256_batch",
            FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG));

    static final MethodHandle SIPHASH_BATCH =
        handle(
            "vts_siphash_batch",
            FunctionDescriptor.ofVoid(
                ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG));

    private static MethodHandle handle(String name, FunctionDescriptor descriptor) {
      return Linker.nativeLinker()
          .downcallHandle(Loaded.LIBRARY.orElseThrow().findOrThrow(name), descriptor);
    }
  }
}
