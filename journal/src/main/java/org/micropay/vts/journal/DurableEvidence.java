package org.micropay.vts.journal;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;

/**
 * Looks for a whole record that says that a position had been made durable before it was written:
 * what tells damage from an interrupted write. One thread.
 */
final class DurableEvidence {
  private final FrameCodec witness = new FrameCodec(new byte[FrameLayout.CHAIN_LENGTH]);

  /**
   * Whether any record in these files says so.
   *
   * @param files in order
   * @param from offset in the first of them to begin at
   * @param expected the position that is missing, or whose record is broken
   */
  boolean isIn(List<Path> files, long from, long expected) {
    long offset = from;
    for (Path path : files) {
      try (QueueFile file = QueueFile.open(path)) {
        file.seek(offset);
        if (isIn(file, expected)) {
          return true;
        }
      }
      offset = 0;
    }
    return false;
  }

  /** Looks at every multiple of 4 for a whole frame, because headers cannot be trusted here. */
  private boolean isIn(QueueFile file, long expected) {
    long from = file.offset();
    long end = file.lastNonZero();
    MemorySegment bytes = file.mapping();
    for (long at = from; at + 4 + FrameLayout.MIN_FRAME_LENGTH <= end; at += 4) {
      int length = bytes.get(ValueLayout.JAVA_INT_UNALIGNED, at + 4);
      if (length < FrameLayout.MIN_FRAME_LENGTH
          || length > FrameLayout.MAX_FRAME_LENGTH
          || at + 4 + length > bytes.byteSize()
          || FrameCodec.positionAt(bytes, at + 4) <= expected) {
        continue;
      }
      witness.load(bytes, at + 4, length);
      if (witness.checkShape(length) == null && witness.durablePosition() >= expected) {
        return true;
      }
    }
    return false;
  }
}
