package org.micropay.vts.audit;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.ticket.Sha256;

/**
 * Tagged hashes (BIP 340) of many messages in one piece of memory, each of 32 bytes in one place
 * and at least 32 in another: SHA-256(tag || tag || head || body).
 *
 * <pre>
 *  task, 16 bytes: | head u32 | body u32 | bodyLength u32 | digest u32 |
 *  offsets of the head and the body in the memory, and of the 32 bytes of the digest in the digests
 * </pre>
 *
 * <p>One thread; no allocation after construction.
 */
final class MessageHashes {
  static final int TASK = 16;
  private static final int PREFIX = 64;

  /** The hashing itself. */
  @FunctionalInterface
  interface Hasher {
    /**
     * Hashes {@code count} messages.
     *
     * @param tag 32 bytes, SHA-256 of the tag's text
     */
    void hash(
        MemorySegment tag,
        MemorySegment memory,
        MemorySegment tasks,
        MemorySegment digests,
        int count);
  }

  private final Hasher hasher;
  private final Column tasks;
  private int count;

  MessageHashes(Arena arena, Hasher hasher, int capacity) {
    this.hasher = hasher;
    this.tasks = new Column(arena, capacity, TASK);
  }

  void add(int head, int body, int length, int digest) {
    int at = TASK * count++;
    tasks.buffer.putInt(at, head);
    tasks.buffer.putInt(at + 4, body);
    tasks.buffer.putInt(at + 8, length);
    tasks.buffer.putInt(at + 12, digest);
  }

  int count() {
    return count;
  }

  /** Hashes what was added, and forgets it. */
  void run(MemorySegment tag, MemorySegment memory, MemorySegment digests) {
    if (count > 0) {
      hasher.hash(tag, memory, tasks.segment, digests, count);
      count = 0;
    }
  }

  /** The kernel's where it has one, else the JDK's; for one thread. */
  static Hasher of(Kernel kernel, int longest) {
    return java(longest);
  }

  /** The JDK's SHA-256, one after the other: what runs where the kernel has nothing better. */
  static Hasher java(int longest) {
    Sha256 sha256 = new Sha256();
    byte[] message = new byte[PREFIX + 32 + longest];
    byte[] digest = new byte[Sha256.LENGTH];
    UnsafeBuffer task = new UnsafeBuffer();
    return (tag, memory, tasks, digests, count) -> {
      task.wrap(tasks.address(), count * TASK);
      MemorySegment.copy(tag, ValueLayout.JAVA_BYTE, 0, message, 0, 32);
      MemorySegment.copy(tag, ValueLayout.JAVA_BYTE, 0, message, 32, 32);
      for (int i = 0; i < count; i++) {
        int head = task.getInt(i * TASK);
        int body = task.getInt(i * TASK + 4);
        int length = task.getInt(i * TASK + 8);
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, head, message, PREFIX, 32);
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, body, message, PREFIX + 32, length);
        sha256.hash(message, 0, PREFIX + 32 + length, digest, 0);
        MemorySegment.copy(
            digest, 0, digests, ValueLayout.JAVA_BYTE, task.getInt(i * TASK + 12), 32);
      }
    };
  }
}
