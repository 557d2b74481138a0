package org.micropay.vts.secp256k1;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * SHA-256 (FIPS 180-4) of many independent messages in one call of C, four at a time on the CPU's
 * SHA instructions; neighbours of about one length cost least.
 *
 * <pre>
 *  task, 16 bytes: | message u32 | length u32 | digest u32 | 0 |        little-endian
 *  offset and length of the message in the memory, offset of its 32 bytes in the digests
 * </pre>
 *
 * <p>Stateless: any thread may call it. Calls allocate nothing. The caller owns the segments and
 * keeps them alive during the call.
 */
public final class MessageHasher {
  /** Bytes of a task. */
  public static final int TASK_BYTES = 16;

  /** Bytes of a prefix: one block of SHA-256. */
  public static final int PREFIX_BYTES = 64;

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  MessageHasher() {}

  /**
   * Hashes {@code count} messages.
   *
   * @param prefix 64 bytes that stand before each message, or {@link MemorySegment#NULL}
   * @param memory holds the messages
   * @param tasks {@value #TASK_BYTES} bytes each
   * @param digests out
   * @param count number of messages, 0 or more
   * @throws IllegalArgumentException when a segment is on the heap, too short or read-only, or a
   *     task reaches beyond its segment
   * @throws IllegalStateException when a segment is closed
   */
  public void hash(
      MemorySegment prefix,
      MemorySegment memory,
      MemorySegment tasks,
      MemorySegment digests,
      int count) {
    long items = Columns.count(count);
    if (prefix.address() != 0) {
      Columns.input(prefix, 1, PREFIX_BYTES, "prefix");
    }
    Columns.input(memory, 0, 1, "memory");
    Columns.input(tasks, items, TASK_BYTES, "tasks");
    Columns.output(digests, 0, 1, "digests");
    for (long at = 0; at < items * TASK_BYTES; at += TASK_BYTES) {
      long message = Integer.toUnsignedLong(tasks.get(INT, at));
      long length = Integer.toUnsignedLong(tasks.get(INT, at + 4));
      long digest = Integer.toUnsignedLong(tasks.get(INT, at + 8));
      if (message + length > memory.byteSize()
          || digest + Ecdsa.DIGEST_BYTES > digests.byteSize()) {
        throw new IllegalArgumentException(
            "task %d: message %d of %d bytes in %d, digest %d in %d"
                .formatted(
                    at / TASK_BYTES,
                    message,
                    length,
                    memory.byteSize(),
                    digest,
                    digests.byteSize()));
      }
    }
    VectorLibrary.sha256(prefix, memory, tasks, digests, items);
  }
}
