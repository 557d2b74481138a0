package org.micropay.vts.settlement;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Function;
import org.micropay.vts.ledger.RecordType;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Outpoint;

/** What the payloads of settlement's and the penalty's records have in common. Pure functions. */
final class RecordBytes {
  private RecordBytes() {}

  /** An empty payload of this length, little-endian. */
  static ByteBuffer buffer(int length) {
    return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Reads a payload to its last byte.
   *
   * @param whose for the message
   * @throws IllegalArgumentException when it ends early, goes on, or holds what cannot be
   */
  static <T> T read(
      String whose, RecordType type, byte[] payload, Function<ByteBuffer, T> decoder) {
    ByteBuffer in = ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN);
    try {
      T entry = decoder.apply(in);
      if (in.hasRemaining()) {
        throw new IllegalArgumentException(in.remaining() + " bytes follow");
      }
      return entry;
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "%s record %s, %d bytes: %s".formatted(whose, type, payload.length, e.getMessage()), e);
    }
  }

  /** u16 and the two zero bytes behind it. */
  static int number(ByteBuffer in) {
    int number = Short.toUnsignedInt(in.getShort());
    in.getShort();
    return number;
  }

  static Bytes32 hash(ByteBuffer in) {
    byte[] bytes = new byte[Bytes32.LENGTH];
    in.get(bytes);
    return Bytes32.of(bytes);
  }

  static Outpoint outpoint(ByteBuffer in) {
    byte[] bytes = new byte[Outpoint.LENGTH];
    in.get(bytes);
    return Outpoint.decode(bytes);
  }

  /** The length of a transaction in what is left. */
  static int transactionLength(ByteBuffer in) {
    int length = in.getInt();
    if (length < 0 || length > SettlementRecord.MAX_LENGTH) {
      throw new IllegalArgumentException("transaction of " + length + " bytes");
    }
    return length;
  }
}
