package org.micropay.vts.secp256k1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import org.bouncycastle.crypto.macs.SipHash;
import org.bouncycastle.crypto.params.KeyParameter;
import org.junit.jupiter.api.Test;

/** The batch against Bouncy Castle's SipHash. */
class KeyedHasherTest {
  private static KeyedHasher hasher() {
    Optional<KeyedHasher> hasher = Kernels.select(Kernels.AUTO).keyedHasher();
    assumeTrue(hasher.isPresent(), "no vector kernel on this machine");
    return hasher.get();
  }

  private static long reference(byte[] key, byte[] message) {
    SipHash mac = new SipHash();
    mac.init(new KeyParameter(key));
    mac.update(message, 0, message.length);
    return mac.doFinal();
  }

  private static byte[] bytes(MemorySegment segment, long offset, long length) {
    return segment.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
  }

  @Test
  void shouldHashAsBouncyCastleDoes() {
    KeyedHasher hasher = hasher();
    long seed = Long.getLong("vts.seed", System.nanoTime());
    System.out.println("shouldHashAsBouncyCastleDoes: -Dvts.seed=" + seed);
    SplittableRandom random = new SplittableRandom(seed);
    for (int length = 0; length < 150; length++) {
      int count = random.nextInt(20);
      int keyCount = random.nextInt(4);
      int stride = length + random.nextInt(9);
      try (Arena arena = Arena.ofConfined()) {
        byte[] content = new byte[20 * 160];
        random.nextBytes(content);
        MemorySegment memory = arena.allocateFrom(ValueLayout.JAVA_BYTE, content);
        MemorySegment messages = memory.asSlice(0, (long) count * stride);
        MemorySegment keys = arena.allocateFrom(ValueLayout.JAVA_BYTE, Arrays.copyOf(content, 64));
        MemorySegment hashes = arena.allocate(8L * 60, 8);
        hasher.hash(keys, keyCount, messages, stride, length, hashes, count);
        for (int k = 0; k < keyCount; k++) {
          for (int i = 0; i < count; i++) {
            assertEquals(
                reference(bytes(keys, 16L * k, 16), bytes(memory, (long) i * stride, length)),
                hashes.getAtIndex(ValueLayout.JAVA_LONG, (long) k * count + i),
                "length " + length + ", key " + k + ", message " + i + " of " + count);
          }
        }
      }
    }
  }

  @Test
  void shouldRefuseColumnsThatAreTooShort() {
    KeyedHasher hasher = hasher();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment keys = arena.allocate(32);
      MemorySegment messages = arena.allocate(80);
      MemorySegment hashes = arena.allocate(8 * 20, 8);
      hasher.hash(keys, 2, messages, 8, 8, hashes, 10);
      assertThrows(
          IllegalArgumentException.class, () -> hasher.hash(keys, 3, messages, 8, 8, hashes, 5));
      assertThrows(
          IllegalArgumentException.class, () -> hasher.hash(keys, 1, messages, 8, 8, hashes, 11));
      assertThrows(
          IllegalArgumentException.class, () -> hasher.hash(keys, 1, messages, 8, 9, hashes, 1));
      assertThrows(
          IllegalArgumentException.class,
          () -> hasher.hash(keys, 2, messages, 8, 8, hashes.asSlice(0, 8 * 19), 10));
      assertThrows(
          IllegalArgumentException.class, () -> hasher.hash(keys, 1, messages, 8, -1, hashes, 1));
    }
  }
}
