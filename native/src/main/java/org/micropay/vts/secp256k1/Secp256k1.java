package org.micropay.vts.secp256k1;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * One libsecp256k1 context, and the only class that calls the library.
 *
 * <p>Bindings are written by hand: the context and secret keys travel as memory segments, so that
 * the JDK keeps them alive for the call and refuses closed ones; everything else travels as raw
 * addresses, so that walking over columns creates no slice objects. Callers check bounds first.
 *
 * <p>The library's callbacks for illegal arguments and internal errors abort the process by
 * default. Here they record the message, the call in question returns 0, and {@link
 * #requireNoFault()} throws: such a fault is always a bug on our side and makes the context
 * unusable.
 *
 * <p>Functions take the context as constant, so one context may serve several threads. Memory: the
 * context lives in the arena given to {@link #create}; see {@code include/secp256k1.h} of
 * libsecp256k1 0.7.1 for the contracts of the functions.
 */
@SuppressWarnings("restricted")
final class Secp256k1 {
  /** Size of the library's parsed public key, opaque. */
  static final int PARSED_KEY_BYTES = 64;

  /** Size of the library's parsed signature, opaque. */
  static final int PARSED_SIGNATURE_BYTES = 64;

  static final int CONTEXT_NONE = 1;

  private static final int COMPRESSED = 258;
  private static final Linker LINKER = Linker.nativeLinker();
  private static final SymbolLookup LIBRARY = load();

  private static final MethodHandle CONTEXT_CREATE =
      handle("secp256k1_context_create", FunctionDescriptor.of(ADDRESS, JAVA_INT));
  private static final MethodHandle CONTEXT_DESTROY =
      handle("secp256k1_context_destroy", FunctionDescriptor.ofVoid(ADDRESS));
  private static final MethodHandle SET_ILLEGAL_CALLBACK =
      handle(
          "secp256k1_context_set_illegal_callback",
          FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, ADDRESS));
  private static final MethodHandle SET_ERROR_CALLBACK =
      handle(
          "secp256k1_context_set_error_callback",
          FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, ADDRESS));
  private static final MethodHandle RANDOMIZE =
      handle("secp256k1_context_randomize", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle PUBKEY_PARSE =
      handle(
          "secp256k1_ec_pubkey_parse",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle PUBKEY_SERIALIZE =
      handle(
          "secp256k1_ec_pubkey_serialize",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT));
  private static final MethodHandle PUBKEY_CREATE =
      handle(
          "secp256k1_ec_pubkey_create",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS));
  private static final MethodHandle SECKEY_VERIFY =
      handle("secp256k1_ec_seckey_verify", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle SIGNATURE_PARSE =
      handle(
          "secp256k1_ecdsa_signature_parse_compact",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle SIGNATURE_SERIALIZE =
      handle(
          "secp256k1_ecdsa_signature_serialize_compact",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle VERIFY =
      handle(
          "secp256k1_ecdsa_verify",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle SIGN =
      handle(
          "secp256k1_ecdsa_sign",
          FunctionDescriptor.of(
              JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle TAGGED_SHA256 =
      handle(
          "secp256k1_tagged_sha256",
          FunctionDescriptor.of(
              JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG));

  private final Arena arena;
  private final MemorySegment context;
  private volatile String fault;

  private Secp256k1(Arena arena, MemorySegment context) {
    this.arena = arena;
    this.context = context;
  }

  /**
   * A new context, blinded with fresh entropy, destroyed when {@code arena} closes.
   *
   * @param arena global or shared when several threads use the context
   */
  static Secp256k1 create(Arena arena) {
    try {
      MemorySegment raw = (MemorySegment) CONTEXT_CREATE.invokeExact(CONTEXT_NONE);
      if (raw.equals(MemorySegment.NULL)) {
        throw new IllegalStateException("libsecp256k1 has no memory for a context");
      }
      Secp256k1 created = new Secp256k1(arena, raw.reinterpret(arena, Secp256k1::destroy));
      created.installCallbacks();
      created.randomize();
      return created;
    } catch (Throwable t) {
      throw Libc.unexpected(t);
    }
  }

  /** The context for everything that is not a batch; lives until the JVM ends, for all threads. */
  static Secp256k1 shared() {
    return Shared.INSTANCE;
  }

  /** A function's address, for code in C that calls the library itself. */
  static MemorySegment function(String name) {
    return LIBRARY.findOrThrow(name);
  }

  /** The arena that this context lives in; what is allocated there stays as long as the context. */
  Arena arena() {
    return arena;
  }

  MemorySegment context() {
    return context;
  }

  /** Re-blinds the context's generator multiplication; not while another thread uses it. */
  void randomize() {
    try (Arena confined = Arena.ofConfined()) {
      MemorySegment seed = LockedMemory.slot(confined).asSlice(0, 32);
      Libc.random(seed);
      if ((int) RANDOMIZE.invokeExact(context, seed) != 1) {
        throw new IllegalStateException("libsecp256k1 refused to randomize its context");
      }
    } catch (Throwable t) {
      throw Libc.unexpected(t);
    }
  }

  /** Parses 33 bytes at {@code in}; false for anything but a canonical compressed point. */
  boolean parsePublicKey(long parsed, long in) {
    try {
      return (int) PUBKEY_PARSE.invokeExact(context, parsed, in, (long) Ecdsa.PUBLIC_KEY_BYTES)
          == 1;
    } catch (Throwable t) {
      throw Libc.unexpected(t);
    }
  }

  /** Parses r || s at {@code in}; false when either is not below the group order. */
  boolean parseSignature(long parsed, long in) {
    try {
      return (int) SIGNATURE_PARSE.invokeExact(context, parsed, in) == 1;
    } catch (Throwable t) {
      throw Libc.unexpected(t);
    }
  }

  /** True for a valid signature with s in the lower half. */
  boolean verify(long parsedSignature, long digest, long parsedKey) {
    try {
      return (int) VERIFY.invokeExact(context, parsedSignature, digest, parsedKey) == 1;
    } catch (Throwable t) {
      throw Libc.unexpected(t);
    }
  }

  /** Signs 32 bytes at {@code digest} with the nonce of RFC 6979; s is in the lower half. */
  boolean sign(long parsedSignature, long digest, MemorySegment secretKey) {
    try {
      return (int) SIGN.invokeExact(context, parsedSignature, digest, secretKey, 0L, 0L) == 1;
    } catch (Throwable t) {
      throw Libc.unexpected(t);
    }
  }

  /** Writes r || s, 64 bytes, at {@code out}. */
  void serializeSignature(long out, long parsedSignature) {
    try {
      must((int) SIGNATURE_SERIALIZE.invokeExact(context, out, parsedSignature));
    } catch (Throwable t) {
      throw Libc.unexpected(t);
    }
  }

  /** True for 32 bytes that are in 1 .. n-1. */
  boolean isValidSecretKey(MemorySegment secretKey) {
    try {
      return (int) SECKEY_VERIFY.invokeExact(context, secretKey) == 1;
    } catch (Throwable t) {
      throw Libc.unexpected(t);
    }
  }

  /** The compressed public key of a valid secret key, 33 bytes. */
  byte[] publicKey(MemorySegment secretKey) {
    try (Arena confined = Arena.ofConfined()) {
      MemorySegment parsed = confined.allocate(PARSED_KEY_BYTES, 8);
      MemorySegment out = confined.allocate(Ecdsa.PUBLIC_KEY_BYTES);
      MemorySegment length = confined.allocateFrom(JAVA_LONG, Ecdsa.PUBLIC_KEY_BYTES);
      if ((int) PUBKEY_CREATE.invokeExact(context, parsed.address(), secretKey) != 1) {
        throw new IllegalArgumentException("secret key is not in 1 .. n-1");
      }
      must(
          (int)
              PUBKEY_SERIALIZE.invokeExact(
                  context, out.address(), length.address(), parsed.address(), COMPRESSED));
      return out.toArray(ValueLayout.JAVA_BYTE);
    } catch (Throwable t) {
      throw Libc.unexpected(t);
    }
  }

  /** BIP340's tagged hash of the whole {@code message}, 32 bytes into {@code out}. */
  void taggedSha256(MemorySegment out, MemorySegment tag, MemorySegment message) {
    try {
      must(
          (int)
              TAGGED_SHA256.invokeExact(
                  context, out, tag, tag.byteSize(), message, message.byteSize()));
    } catch (Throwable t) {
      throw Libc.unexpected(t);
    }
  }

  /** Throws when one of the library's callbacks was called: a bug, after which no result counts. */
  void requireNoFault() {
    if (fault != null) {
      throw new IllegalStateException("libsecp256k1 refused a call: " + fault);
    }
  }

  /** For functions that by their contract always return 1. */
  private static void must(int result) {
    if (result != 1) {
      throw new IllegalStateException("libsecp256k1 broke its contract: returned " + result);
    }
  }

  private void installCallbacks() throws Throwable {
    MethodHandle record =
        MethodHandles.lookup()
            .findVirtual(
                Secp256k1.class,
                "recordFault",
                MethodType.methodType(void.class, MemorySegment.class, MemorySegment.class))
            .bindTo(this);
    MemorySegment stub =
        LINKER.upcallStub(record, FunctionDescriptor.ofVoid(ADDRESS, ADDRESS), arena);
    SET_ILLEGAL_CALLBACK.invokeExact(context, stub, MemorySegment.NULL);
    SET_ERROR_CALLBACK.invokeExact(context, stub, MemorySegment.NULL);
  }

  /** Called by the library; an exception that left an upcall would end the JVM. */
  private void recordFault(MemorySegment message, MemorySegment unused) {
    fault = "unreadable message";
    try {
      fault = message.reinterpret(Long.MAX_VALUE).getString(0);
    } catch (RuntimeException e) {
      // The fault is on record already, only its text is not.
    }
  }

  private static void destroy(MemorySegment context) {
    try {
      CONTEXT_DESTROY.invokeExact(context);
    } catch (Throwable t) {
      throw Libc.unexpected(t);
    }
  }

  static String libraryResource() {
    return "/fr/acinq/secp256k1/jni/native/" + NativeLibrary.platform() + "/libsecp256k1-jni.so";
  }

  private static SymbolLookup load() {
    return NativeLibrary.find(libraryResource())
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "no libsecp256k1 for "
                        + NativeLibrary.platform()
                        + "; linux-x86_64 and linux-aarch64 are supported"));
  }

  private static MethodHandle handle(String name, FunctionDescriptor descriptor) {
    return LINKER.downcallHandle(LIBRARY.findOrThrow(name), descriptor);
  }

  private static final class Shared {
    static final Secp256k1 INSTANCE = Secp256k1.create(Arena.global());
  }
}
