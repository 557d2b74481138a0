package org.micropay.vts.ledger;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Payload of {@link RecordType#STATE_DIGEST}, 16 bytes: the digest of the state before the record.
 * A check of determinism, not a cryptographic commitment.
 *
 * <pre>
 *  0         8          16
 *  | low u64 | high u64 |
 * </pre>
 *
 * <p>Static, allocation-free, any thread.
 */
public final class StateDigestRecord {
  /** Length in bytes. */
  public static final int LENGTH = 16;

  private StateDigestRecord() {}

  static int encode(MutableDirectBuffer target, int offset, long low, long high) {
    target.putLong(offset, low, ByteOrder.LITTLE_ENDIAN);
    target.putLong(offset + 8, high, ByteOrder.LITTLE_ENDIAN);
    return LENGTH;
  }

  /** The digest's low half. */
  public static long low(DirectBuffer source, int offset) {
    return source.getLong(offset, ByteOrder.LITTLE_ENDIAN);
  }

  /** The digest's high half. */
  public static long high(DirectBuffer source, int offset) {
    return source.getLong(offset + 8, ByteOrder.LITTLE_ENDIAN);
  }
}
