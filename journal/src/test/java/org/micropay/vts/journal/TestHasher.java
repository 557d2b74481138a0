package org.micropay.vts.journal;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.security.MessageDigest;

/** The JDK's SHA-256 in the place of a faster one. */
final class TestHasher implements BatchHasher {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  @Override
  public void hash(
      MemorySegment prefix,
      MemorySegment memory,
      MemorySegment tasks,
      MemorySegment digests,
      int count) {
    MessageDigest sha256 = FrameCodec.sha256();
    for (long task = 0; task < (long) count * TASK_BYTES; task += TASK_BYTES) {
      sha256.update(prefix.toArray(ValueLayout.JAVA_BYTE));
      sha256.update(memory.asSlice(tasks.get(INT, task), tasks.get(INT, task + 4)).asByteBuffer());
      byte[] digest = sha256.digest();
      MemorySegment.copy(
          digest, 0, digests, ValueLayout.JAVA_BYTE, tasks.get(INT, task + 8), digest.length);
    }
  }
}
