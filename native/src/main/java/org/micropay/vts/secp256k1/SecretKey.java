package org.micropay.vts.secp256k1;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A secp256k1 secret key in locked memory that is not dumped, is zeros in a forked child, and is
 * overwritten when the key is closed. The 32 bytes (big-endian, in 1 .. n-1) never pass through the
 * Java heap, unless the caller brings them from there ({@link #moveFrom}).
 *
 * <p>Owned by whoever made it, who closes it; after that every use throws {@link
 * IllegalStateException}. Any thread may use it, also several at once.
 */
public final class SecretKey implements AutoCloseable {
  /** Length of a secret key. */
  public static final int BYTES = 32;

  private static final MemorySegment DERIVATION_TAG =
      Arena.global()
          .allocateFrom(ValueLayout.JAVA_BYTE, "vts/key/1".getBytes(StandardCharsets.US_ASCII));

  private final Arena arena;
  private final MemorySegment secret;
  private final byte[] publicKey;

  private SecretKey(Arena arena, MemorySegment secret, byte[] publicKey) {
    this.arena = arena;
    this.secret = secret;
    this.publicKey = publicKey;
  }

  /** A new key from the kernel's random number generator. */
  public static SecretKey generate() {
    return create(
        secret -> {
          do {
            Libc.random(secret);
          } while (!Secp256k1.shared().isValidSecretKey(secret));
        });
  }

  /**
   * Takes over 32 bytes and overwrites the array with zeros, valid or not. For keys that come from
   * elsewhere, such as test vectors; a server's key should come from {@link #fromFile}.
   *
   * @throws IllegalArgumentException when it is not 32 bytes in 1 .. n-1
   */
  public static SecretKey moveFrom(byte[] key) {
    int length = key.length;
    try {
      if (length != BYTES) {
        throw new IllegalArgumentException("a secret key has 32 bytes, not " + length);
      }
      return create(secret -> secret.copyFrom(MemorySegment.ofArray(key)));
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  /**
   * Reads a file of exactly 32 raw bytes that nobody else may access: mode 0600 or 0400, or a
   * systemd credential.
   *
   * @throws IOException when it cannot be read, has another length, others may access it, or the
   *     key is not in 1 .. n-1; the message names the file and says what to do
   */
  public static SecretKey fromFile(Path file) throws IOException {
    try {
      return create(secret -> KeyFile.read(file, secret));
    } catch (IllegalArgumentException e) {
      throw new IOException("key file " + file + " holds no valid key: not in 1 .. n-1", e);
    }
  }

  /**
   * Writes the 32 raw bytes to a new file that only its owner may access. The file appears under
   * its name complete and durable, or not at all.
   *
   * @throws IOException when the file exists already or cannot be written
   */
  public void writeTo(Path file) throws IOException {
    KeyFile.write(file, secret);
  }

  /**
   * The key number {@code index} below this one: H_"vts/key/1"(secret || index as u64 LE), the
   * BIP340 construction. Knowing derived keys tells nothing about this one or about others.
   */
  public SecretKey derive(long index) {
    return create(
        child -> {
          try (Arena confined = Arena.ofConfined()) {
            MemorySegment message = LockedMemory.slot(confined).asSlice(0, BYTES + Long.BYTES);
            message.copyFrom(secret);
            message.set(
                ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), BYTES, index);
            Secp256k1.shared().taggedSha256(child, DERIVATION_TAG, message);
          }
        });
  }

  /** The compressed public key, 33 bytes, a copy. Also known after {@link #close}. */
  public byte[] publicKey() {
    return publicKey.clone();
  }

  /** Overwrites and gives back the memory. Closing twice is harmless. */
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }

  /** Shows the public key only. */
  @Override
  public String toString() {
    return "SecretKey[public=" + HexFormat.of().formatHex(publicKey) + "]";
  }

  /** The 32 bytes; passed to native calls, never copied. */
  MemorySegment segment() {
    return secret;
  }

  private interface Source<E extends Exception> {
    void fill(MemorySegment secret) throws E;
  }

  private static <E extends Exception> SecretKey create(Source<E> source) throws E {
    Arena arena = Arena.ofShared();
    try {
      MemorySegment secret = LockedMemory.slot(arena).asSlice(0, BYTES);
      source.fill(secret);
      if (!Secp256k1.shared().isValidSecretKey(secret)) {
        throw new IllegalArgumentException("secret key is not in 1 .. n-1");
      }
      return new SecretKey(arena, secret, Secp256k1.shared().publicKey(secret));
    } catch (Throwable t) {
      arena.close();
      throw t;
    }
  }
}
