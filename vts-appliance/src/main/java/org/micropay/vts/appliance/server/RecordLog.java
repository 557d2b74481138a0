package org.micropay.vts.appliance.server;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.function.BiConsumer;
import org.micropay.vts.journal.FrameLayout;
import org.micropay.vts.ledger.RecordType;

/**
 * Records of one owner, kept as they were journaled, for a section that has no shorter form of its
 * state: whatever is folded from them, now or in a later version, comes back.
 *
 * <pre>
 *  until the end: type u16 | length u32 | payload; big-endian
 * </pre>
 */
final class RecordLog {
  private final ByteArrayOutputStream records = new ByteArrayOutputStream();
  private final DataOutputStream out = new DataOutputStream(records);

  void add(RecordType type, byte[] payload) {
    try {
      out.writeShort(type.number());
      out.writeInt(payload.length);
      out.write(payload);
    } catch (IOException e) {
      throw new IllegalStateException("memory does not fail like this", e);
    }
  }

  void writeTo(DataOutputStream target) throws IOException {
    records.writeTo(target);
  }

  /** Hands on what {@link #writeTo} wrote, to the end of the stream. */
  static void read(DataInputStream in, BiConsumer<RecordType, byte[]> fold) throws IOException {
    while (true) {
      int type;
      try {
        type = in.readUnsignedShort();
      } catch (EOFException end) {
        return;
      }
      RecordType known = RecordType.ofNumber(type);
      int length = in.readInt();
      if (known == null || length < 0 || length > FrameLayout.MAX_PAYLOAD_LENGTH) {
        throw new IllegalArgumentException("a record of type " + type + ", " + length + " bytes");
      }
      byte[] payload = new byte[length];
      in.readFully(payload);
      fold.accept(known, payload);
    }
  }
}
