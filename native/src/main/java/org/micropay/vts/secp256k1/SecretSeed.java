package org.micropay.vts.secp256k1;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Function;

/**
 * Thirty-two secret bytes of a scheme that runs on the Java heap (Ed25519), kept like a {@link
 * SecretKey} in locked memory between its uses. A use copies them into an array that is overwritten
 * when it ends; what the scheme's own code leaves behind on the heap is beyond our reach, so
 * nothing that moves coins may be signed from here.
 *
 * <p>Owned by whoever made it, who closes it. Any thread may use it, also several at once.
 */
public final class SecretSeed implements AutoCloseable {
  /** Length of a seed. */
  public static final int BYTES = 32;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment secret = LockedMemory.slot(arena).asSlice(0, BYTES);

  private SecretSeed() {}

  /** A new seed from the kernel's random number generator. */
  public static SecretSeed generate() {
    SecretSeed seed = new SecretSeed();
    Libc.random(seed.secret);
    return seed;
  }

  /**
   * Reads a file of exactly 32 raw bytes that nobody else may access.
   *
   * @throws IOException when it cannot be read, has another length, or others may access it
   */
  public static SecretSeed fromFile(Path file) throws IOException {
    SecretSeed seed = new SecretSeed();
    try {
      KeyFile.read(file, seed.secret);
      return seed;
    } catch (IOException | RuntimeException e) {
      seed.close();
      throw e;
    }
  }

  /**
   * Writes the 32 raw bytes to a new file that only its owner may access.
   *
   * @throws IOException when the file exists already or cannot be written
   */
  public void writeTo(Path file) throws IOException {
    KeyFile.write(file, secret);
  }

  /** Runs {@code use} with a copy of the bytes, and overwrites the copy. */
  public <T> T use(Function<byte[], T> use) {
    byte[] copy = new byte[BYTES];
    try {
      MemorySegment.ofArray(copy).copyFrom(secret);
      return use.apply(copy);
    } finally {
      Arrays.fill(copy, (byte) 0);
    }
  }

  /** Overwrites and gives back the memory. Closing twice is harmless. */
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }

  /** Shows nothing. */
  @Override
  public String toString() {
    return "SecretSeed";
  }
}
