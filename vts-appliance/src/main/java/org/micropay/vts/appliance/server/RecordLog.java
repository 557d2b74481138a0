package org.micropay.vts.appliance.server;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.function.BiConsumer;
import org.micropay.vts.journal.FrameLayout;
import org.micropay.vts.ledger.RecordType;

/**
 * Records of one owner as they were journaled: what the first versions of some sections hold in the
 * place of a state.
 *
 * <pre>
 *  until the end: type u16 | length u32 | payload; big-endian
 * </pre>
 */
final class RecordLog {
  private RecordLog() {}

  /** Hands the records on, to the end of the stream. */
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
