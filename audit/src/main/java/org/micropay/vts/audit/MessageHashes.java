package org.micropay.vts.audit;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.secp256k1.MessageHasher;
import org.micropay.vts.ticket.Sha256;

/**
 * SHA-256 of many messages in one piece of memory, gathered first and hashed in one call. One
 * thread; no allocation after construction.
 */
final class MessageHashes {
  private static final int TASK = MessageHasher.TASK_BYTES;
  private static final int PREFIX = MessageHasher.PREFIX_BYTES;
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** See {@link MessageHasher#hash}. */
  @FunctionalInterface
  interface Hasher {
    /** Hashes {@code count} messages, each behind the 64 bytes of the prefix, if there is one. */
    void hash(
        MemorySegment prefix,
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

  /** Takes a message; offsets are in the memory and in the digests of the next {@link #run}. */
  void add(int message, int length, int digest) {
    int at = TASK * count++;
    tasks.buffer.putInt(at, message);
    tasks.buffer.putInt(at + 4, length);
    tasks.buffer.putInt(at + 8, digest);
  }

  /** Hashes what was added, and forgets it. */
  void run(MemorySegment prefix, MemorySegment memory, MemorySegment digests) {
    if (count > 0) {
      hasher.hash(prefix, memory, tasks.segment, digests, count);
      count = 0;
    }
  }

  /** The kernel's where it has one, else the JDK's; for one thread. */
  static Hasher of(Kernel kernel, int longest) {
    return kernel.messageHasher().<Hasher>map(hasher -> hasher::hash).orElseGet(() -> jdk(longest));
  }

  /** The reference: the JDK's SHA-256, one message after the other. */
  static Hasher jdk(int longest) {
    Sha256 sha256 = new Sha256();
    byte[] bytes = new byte[PREFIX + longest];
    byte[] digest = new byte[Sha256.LENGTH];
    return (prefix, memory, tasks, digests, count) -> {
      int start = prefix.address() == 0 ? 0 : PREFIX;
      MemorySegment.copy(prefix, ValueLayout.JAVA_BYTE, 0, bytes, 0, start);
      for (long task = 0; task < (long) count * TASK; task += TASK) {
        int length = tasks.get(INT, task + 4);
        MemorySegment.copy(
            memory, ValueLayout.JAVA_BYTE, tasks.get(INT, task), bytes, start, length);
        sha256.hash(bytes, 0, start + length, digest, 0);
        MemorySegment.copy(
            digest, 0, digests, ValueLayout.JAVA_BYTE, tasks.get(INT, task + 8), digest.length);
      }
    };
  }
}
