package org.micropay.vts.journal;

import java.nio.file.Path;
import org.micropay.vts.journal.QueueFile.Found;

/**
 * Checks every record of one queue file, plain or compressed: CRC32C, numbering, epoch, and the
 * hash chain from the point before it. Shares the frame's code with the reader, not its walk.
 */
final class QueueFileCheck {
  private QueueFileCheck() {}

  /**
   * What the file holds.
   *
   * @param first position of its first record; one more than before when it has none
   * @param end its last record and chain hash, or the point before it
   * @param lastMillis time of the last record; 0 when there is none
   */
  record Result(long first, JournalPoint end, long lastMillis) {
    long records() {
      return end.position() - first + 1;
    }
  }

  /**
   * Checks a file.
   *
   * @param before the record before its first
   * @throws JournalException CORRUPT naming the first record that is not right
   */
  static Result check(Path path, int epoch, JournalPoint before) {
    FrameCodec codec = new FrameCodec(before.chain());
    long position = before.position();
    long lastMillis = 0;
    try (QueueFile file = QueueFile.open(path)) {
      while (file.look() == Found.DATA) {
        int length = file.frameLength();
        String fault = "document length " + length + " is out of range";
        if (length >= FrameLayout.MIN_FRAME_LENGTH && length <= FrameLayout.MAX_FRAME_LENGTH) {
          codec.load(file.mapping(), file.frameOffset(), length);
          fault = codec.checkShape(length);
        }
        if (fault == null && (codec.position() != position + 1 || codec.epoch() != epoch)) {
          fault = "found position " + codec.position() + " of epoch " + codec.epoch();
        }
        if (fault == null && !codec.checkChain()) {
          fault = "it does not continue the hash chain";
        }
        if (fault != null) {
          throw JournalException.corrupt(fault, position + 1, path.toString(), file.offset());
        }
        position++;
        lastMillis = codec.timeMillis();
        file.advance();
      }
    }
    return new Result(before.position() + 1, new JournalPoint(position, codec.chain()), lastMillis);
  }
}
