package org.micropay.vts.secp256k1;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The batch against the JDK's SHA-256. */
class MessageHasherTest {
  private static MessageHasher hasher() {
    Optional<MessageHasher> hasher = Kernels.select(Kernels.AUTO).messageHasher();
    assumeTrue(hasher.isPresent(), "no vector kernel on this machine");
    return hasher.get();
  }

  private static byte[] jdk(byte[] prefix, byte[] message) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update(prefix);
      return sha256.digest(message);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void shouldHashAsTheJdkDoes() {
    MessageHasher hasher = hasher();
    long seed = Long.getLong("vts.seed", System.nanoTime());
    System.out.println("shouldHashAsTheJdkDoes: -Dvts.seed=" + seed);
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 400; round++) {
      int count = random.nextInt(9);
      byte[] prefix = new byte[random.nextBoolean() ? 64 : 0];
      random.nextBytes(prefix);
      int[] lengths = random.ints(count, 0, 400).toArray();
      int[] slots = new int[count];
      byte[][] messages = new byte[count][];
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment memory = arena.allocate(10 * 400);
        MemorySegment tasks = arena.allocate(16L * Math.max(1, count));
        MemorySegment digests = arena.allocate(32L * 10);
        for (int i = 0; i < count; i++) {
          messages[i] = new byte[lengths[i]];
          random.nextBytes(messages[i]);
          slots[i] = count - 1 - i; // the order of the digests is the caller's
          MemorySegment.copy(messages[i], 0, memory, ValueLayout.JAVA_BYTE, i * 400L, lengths[i]);
          tasks.setAtIndex(ValueLayout.JAVA_INT, 4L * i, i * 400);
          tasks.setAtIndex(ValueLayout.JAVA_INT, 4L * i + 1, lengths[i]);
          tasks.setAtIndex(ValueLayout.JAVA_INT, 4L * i + 2, 32 * slots[i]);
        }
        MemorySegment before =
            prefix.length == 0
                ? MemorySegment.NULL
                : arena.allocateFrom(ValueLayout.JAVA_BYTE, prefix);
        hasher.hash(before, memory, tasks, digests, count);
        for (int i = 0; i < count; i++) {
          assertArrayEquals(
              jdk(prefix, messages[i]),
              digests.asSlice(32L * slots[i], 32).toArray(ValueLayout.JAVA_BYTE));
        }
      }
    }
  }

  @Test
  void shouldHashEveryLengthAroundBlockBorders() {
    MessageHasher hasher = hasher();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(400);
      MemorySegment tasks = arena.allocate(32);
      MemorySegment digests = arena.allocate(64);
      for (int a = 0; a < 200; a++) {
        for (int b = 100; b < 200; b += 9) {
          tasks.setAtIndex(ValueLayout.JAVA_INT, 1, a);
          tasks.setAtIndex(ValueLayout.JAVA_INT, 5, b);
          tasks.setAtIndex(ValueLayout.JAVA_INT, 6, 32);
          hasher.hash(MemorySegment.NULL, memory, tasks, digests, 2);
          byte[] both = digests.toArray(ValueLayout.JAVA_BYTE);
          assertArrayEquals(jdk(new byte[0], new byte[a]), Arrays.copyOf(both, 32));
          assertArrayEquals(jdk(new byte[0], new byte[b]), Arrays.copyOfRange(both, 32, 64));
        }
      }
    }
  }

  @Test
  void shouldRefuseTasksThatReachBeyondTheirMemory() {
    MessageHasher hasher = hasher();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(100);
      MemorySegment tasks = arena.allocate(16);
      MemorySegment digests = arena.allocate(32);
      tasks.setAtIndex(ValueLayout.JAVA_INT, 0, 60);
      tasks.setAtIndex(ValueLayout.JAVA_INT, 1, 41);
      assertThrows(
          IllegalArgumentException.class,
          () -> hasher.hash(MemorySegment.NULL, memory, tasks, digests, 1));
      tasks.setAtIndex(ValueLayout.JAVA_INT, 0, -1);
      assertThrows(
          IllegalArgumentException.class,
          () -> hasher.hash(MemorySegment.NULL, memory, tasks, digests, 1));
      tasks.setAtIndex(ValueLayout.JAVA_INT, 0, 0);
      tasks.setAtIndex(ValueLayout.JAVA_INT, 2, 1);
      assertThrows(
          IllegalArgumentException.class,
          () -> hasher.hash(MemorySegment.NULL, memory, tasks, digests, 1));
    }
  }
}
