package org.micropay.vts.journal;

import org.agrona.DirectBuffer;

/** Receives one verified record. The payload is valid only during the call. */
@FunctionalInterface
public interface FrameHandler {

  /** Takes a record and ignores it. */
  FrameHandler NONE = (position, type, timeMillis, payload, offset, length) -> {};

  /**
   * Called once per record, in order of position.
   *
   * @param position number of the record, from 1
   * @param type record type, 1 to 65535
   * @param timeMillis milliseconds since the Unix epoch, as the writer gave it
   * @param payload buffer that holds the payload, owned by the reader
   * @param offset of the payload in the buffer
   * @param length of the payload in bytes
   */
  void onFrame(
      long position, int type, long timeMillis, DirectBuffer payload, int offset, int length);
}
