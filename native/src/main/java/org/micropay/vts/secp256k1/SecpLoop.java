package org.micropay.vts.secp256k1;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * Loops over libsecp256k1 written in C ({@code native/c/measure/secp_loop.c}), one call per batch:
 * the measure that the other ways are held against. It calls the same functions of the same loaded
 * library as {@link Secp256k1}. For measurements and tests; any thread, one at a time.
 */
@SuppressWarnings("restricted")
final class SecpLoop implements AutoCloseable {
  /** The members of secp_library in secp_loop.c after the context, in order. */
  private static final String[] FUNCTIONS = {
    "secp256k1_ec_pubkey_parse",
    "secp256k1_ecdsa_signature_parse_compact",
    "secp256k1_ecdsa_signature_serialize_compact",
    "secp256k1_ecdsa_verify",
    "secp256k1_ecdsa_sign"
  };

  private static final SymbolLookup LIBRARY =
      NativeLibrary.find("/native/" + NativeLibrary.platform() + "/libsecp_loop.so")
          .orElseThrow(
              () ->
                  new IllegalStateException(
                      "this build has no libsecp_loop.so for " + NativeLibrary.platform()));

  private static final MethodHandle VERIFY =
      handle(
          "secp_loop_verify",
          FunctionDescriptor.ofVoid(
              ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle SIGN =
      handle(
          "secp_loop_sign",
          FunctionDescriptor.ofVoid(
              ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG));

  private final Secp256k1 secp256k1;
  private final MemorySegment library;

  private SecpLoop(Secp256k1 secp256k1, MemorySegment library) {
    this.secp256k1 = secp256k1;
    this.library = library;
  }

  /** A loop with a context of its own. */
  static SecpLoop create() {
    Secp256k1 secp256k1 = Secp256k1.create(Arena.ofShared());
    MemorySegment library = secp256k1.arena().allocate(ADDRESS, FUNCTIONS.length + 1);
    library.setAtIndex(ADDRESS, 0, secp256k1.context());
    for (int i = 0; i < FUNCTIONS.length; i++) {
      library.setAtIndex(ADDRESS, i + 1, Secp256k1.function(FUNCTIONS[i]));
    }
    return new SecpLoop(secp256k1, library);
  }

  /** As {@link BatchVerifier#verify}, without its checks. */
  void verify(
      MemorySegment digests,
      MemorySegment signatures,
      MemorySegment publicKeys,
      MemorySegment verdicts,
      long keys,
      long signaturesPerKey) {
    try {
      VERIFY.invokeExact(
          library, digests, signatures, publicKeys, verdicts, keys, signaturesPerKey);
    } catch (Throwable t) {
      throw Libc.unexpected(t);
    }
  }

  /** As {@link BatchSigner#sign}, without its checks. */
  void sign(
      SecretKey secretKey,
      MemorySegment publicKey,
      MemorySegment digests,
      MemorySegment signatures,
      MemorySegment verdicts,
      long count) {
    try {
      SIGN.invokeExact(
          library, secretKey.segment(), publicKey, digests, signatures, verdicts, count);
    } catch (Throwable t) {
      throw Libc.unexpected(t);
    }
  }

  @Override
  public void close() {
    secp256k1.arena().close();
  }

  private static MethodHandle handle(String name, FunctionDescriptor descriptor) {
    return Linker.nativeLinker().downcallHandle(LIBRARY.findOrThrow(name), descriptor);
  }
}
