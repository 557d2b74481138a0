package org.micropay.vts.transparency;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class LeafEncoderTest {
  @Test
  void shouldHoldWhatTheRecordHolds() {
    Random random = Seeds.random("LeafEncoderTest");
    byte[] id = new byte[32];
    random.nextBytes(id);
    for (int length = 365; length <= 377; length++) {
      byte[] claim = new byte[length];
      random.nextBytes(claim);
      byte[] grant = ByteBuffer.allocate(32 + length).put(id).put(claim).array();
      assertArrayEquals(leaf(3, 77, 1234, 77, id, claim), encode(3, 77, 1234, grant));
      byte[] proof =
          ByteBuffer.allocate(40 + length)
              .order(ByteOrder.LITTLE_ENDIAN)
              .put(id)
              .putLong(5)
              .put(claim)
              .array();
      assertArrayEquals(leaf(4, 77, 1234, 5, id, claim), encode(4, 77, 1234, proof));
    }
  }

  @Test
  void shouldMakeNoLeafOfOtherRecordsAndRefuseOtherLengths() {
    for (int type = 0; type < 64; type++) {
      if (type != 3 && type != 4) {
        assertEquals(0, encode(type, 1, 1, new byte[400]).length, "type " + type);
      }
    }
    for (int length : new int[] {0, 32, 396, 410}) {
      assertThrows(LogDataException.class, () -> encode(3, 1, 1, new byte[length]));
    }
    for (int length : new int[] {0, 40, 404, 418}) {
      assertThrows(LogDataException.class, () -> encode(4, 1, 1, new byte[length]));
    }
  }

  private static byte[] leaf(
      int kind, long position, long time, long grant, byte[] id, byte[] claim) {
    return ByteBuffer.allocate(58 + claim.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put((byte) 1)
        .put((byte) kind)
        .putLong(position)
        .putLong(time)
        .putLong(grant)
        .put(id)
        .put(claim)
        .array();
  }

  private static byte[] encode(int type, long position, long time, byte[] payload) {
    byte[] padded = new byte[payload.length + 3];
    System.arraycopy(payload, 0, padded, 3, payload.length);
    byte[] target = new byte[2 + LeafLayout.MAX_LENGTH];
    int length =
        LeafEncoder.encode(
            type, position, time, new UnsafeBuffer(padded), 3, payload.length, target, 2);
    return Arrays.copyOfRange(target, 2, 2 + length);
  }
}
