package org.micropay.vts.journal;

import java.lang.foreign.MemorySegment;

/**
 * SHA-256 of many messages in one call. The hash chain is serial for a writer, but not for a
 * reader: each frame names the hash that it continues, so that many can be checked at the same time
 * by whoever has something faster than one after the other.
 */
@FunctionalInterface
public interface BatchHasher {
  /** Bytes of a task. */
  int TASK_BYTES = 16;

  /**
   * Hashes {@code count} messages, each behind the 64 bytes of the prefix.
   *
   * <pre>
   *  task, 16 bytes: | message u32 | length u32 | digest u32 | 0 |        little-endian
   *  offset and length of the message in the memory, offset of its 32 bytes in the digests
   * </pre>
   *
   * @param prefix 64 bytes, native like all others
   * @param memory holds the messages
   * @param tasks {@value #TASK_BYTES} bytes each
   * @param digests out
   */
  void hash(
      MemorySegment prefix,
      MemorySegment memory,
      MemorySegment tasks,
      MemorySegment digests,
      int count);
}
