package org.micropay.vts.appliance.server;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.micropay.vts.ledger.RecordType;

/**
 * Records of a journal, payloads one behind the other in one piece of memory, so that a fold can
 * look at many before it takes the first. Used again and again: no allocation after construction.
 * One thread at a time; whoever hands it to another does so with a happens-before edge.
 */
final class RecordChunk {
  private static final int BYTES = 1 << 20;
  private static final int RECORDS = 1 << 12;

  private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[BYTES]);
  private final long[] positions = new long[RECORDS];
  private final long[] times = new long[RECORDS];
  private final RecordType[] types = new RecordType[RECORDS];
  private final int[] offsets = new int[RECORDS];
  private final int[] lengths = new int[RECORDS];
  private int count;
  private int end;

  void clear() {
    count = 0;
    end = 0;
  }

  /** Copies a record in; false when there is no room. An empty chunk has room for any record. */
  boolean add(
      long position, RecordType type, long timeMillis, DirectBuffer payload, int at, int length) {
    if (count == RECORDS || end + length > BYTES) {
      return false;
    }
    positions[count] = position;
    times[count] = timeMillis;
    types[count] = type;
    offsets[count] = end;
    lengths[count++] = length;
    buffer.putBytes(end, payload, at, length);
    end += length + 7 & ~7;
    return true;
  }

  int count() {
    return count;
  }

  long position(int index) {
    return positions[index];
  }

  long timeMillis(int index) {
    return times[index];
  }

  RecordType type(int index) {
    return types[index];
  }

  /** Holds all payloads. */
  UnsafeBuffer buffer() {
    return buffer;
  }

  /** Where in {@link #buffer()} a payload begins. */
  int offset(int index) {
    return offsets[index];
  }

  int length(int index) {
    return lengths[index];
  }
}
