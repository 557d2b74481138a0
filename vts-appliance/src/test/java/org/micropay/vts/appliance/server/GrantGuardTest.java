package org.micropay.vts.appliance.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.micropay.vts.appliance.testing.Seeds;
import org.micropay.vts.journal.MemoryJournal;
import org.micropay.vts.ledger.BlockRecord;
import org.micropay.vts.ledger.GrantRecord;
import org.micropay.vts.ledger.OutpointRecord;
import org.micropay.vts.ledger.RecordType;

/** A second grant is refused where it would be written, whatever the ledger decided. */
class GrantGuardTest {
  private static final int DEPTH = 100;
  private final UnsafeBuffer payload = new UnsafeBuffer(new byte[GrantRecord.MAX_LENGTH]);

  private void outpoint(int at, int number) {
    payload.setMemory(at, 36, (byte) 0);
    payload.putInt(at, number);
    payload.putInt(at + 17, number * 31);
  }

  private void grant(GrantGuard guard, long position, int number) {
    // The rest of the claim does not matter.
    payload.putLong(0, position);
    outpoint(GrantRecord.CLAIM + 4, number);
    guard.onRecord(position, RecordType.GRANT.number(), payload, 0, 400);
  }

  private void spend(GrantGuard guard, RecordType type, int number, int height) {
    outpoint(OutpointRecord.OUTPOINT, number);
    payload.putInt(OutpointRecord.HEIGHT, height, ByteOrder.LITTLE_ENDIAN);
    guard.onRecord(1, type.number(), payload, 0, OutpointRecord.LENGTH);
  }

  private void block(GrantGuard guard, RecordType type, int height) {
    payload.putInt(BlockRecord.HEIGHT, height, ByteOrder.LITTLE_ENDIAN);
    guard.onRecord(1, type.number(), payload, 0, BlockRecord.LENGTH);
  }

  /** Enough records for the sweep to have seen every cell twice. */
  private static void sweepAll(GrantGuard guard, int capacity) {
    UnsafeBuffer empty = new UnsafeBuffer(new byte[0]);
    for (int i = 0; i < 2 * capacity + 16; i++) {
      guard.onRecord(1, RecordType.TICK.number(), empty, 0, 0);
    }
  }

  /** Announcing only saves time: same refusals, same contents. */
  @Test
  void shouldDecideTheSameWhetherAnnouncedOrNot() {
    Random random = Seeds.random("announced grants");
    try (GrantGuard told = new GrantGuard(64, 1, 2);
        GrantGuard untold = new GrantGuard(64, 1, 2)) {
      long position = 1;
      for (int round = 0; round < 200; round++) {
        int[] numbers = random.ints(random.nextInt(90), 0, 3_000).toArray();
        int heard = random.nextInt(3) == 0 ? random.nextInt(numbers.length + 1) : numbers.length;
        for (int i = 0; i < heard; i++) {
          outpoint(GrantRecord.CLAIM + 4, numbers[i]);
          told.announce(position + i, RecordType.GRANT.number(), payload, 0, 400);
        }
        // What was announced need not come: the pipeline may have failed before.
        int come = random.nextInt(10) == 0 ? numbers.length / 2 : numbers.length;
        for (int i = 0; i < come; i++) {
          assertEquals(
              isRefused(untold, position + i, numbers[i]),
              isRefused(told, position + i, numbers[i]),
              "position " + (position + i));
        }
        position += numbers.length;
        assertEquals(untold.size(), told.size());
      }
      assertTrue(untold.size() > 2_000);
    }
  }

  private boolean isRefused(GrantGuard guard, long position, int number) {
    try {
      grant(guard, position, number);
      return false;
    } catch (DuplicateGrantException refused) {
      return true;
    }
  }

  @Test
  void shouldHashAsTheReferenceDoes() {
    byte[] input = new byte[36];
    for (int i = 0; i < input.length; i++) {
      input[i] = (byte) i;
    }
    SipHash128 hash = new SipHash128(0x0706050403020100L, 0x0f0e0d0c0b0a0908L);
    hash.hash(new UnsafeBuffer(input), 0);
    UnsafeBuffer out = new UnsafeBuffer(new byte[16]);
    out.putLong(0, hash.low(), ByteOrder.LITTLE_ENDIAN);
    out.putLong(8, hash.high(), ByteOrder.LITTLE_ENDIAN);
    assertEquals(reference(input, 1, 3), HexFormat.of().formatHex(out.byteArray()));
    assertEquals(
        "a3817f04ba25a8e66df67214c7550293",
        reference(new byte[0], 2, 4),
        "the published vector: key 00..0f, no input, two rounds and four");
  }

  /** SipHash-c-d-128 as the paper and the reference code give it, key 00..0f, any length. */
  private static String reference(byte[] input, int c, int d) {
    long key0 = 0x0706050403020100L;
    long key1 = 0x0f0e0d0c0b0a0908L;
    long[] v = {
      key0 ^ 0x736f6d6570736575L,
      key1 ^ 0x646f72616e646f6dL ^ 0xee,
      key0 ^ 0x6c7967656e657261L,
      key1 ^ 0x7465646279746573L
    };
    byte[] padded = new byte[(input.length / 8 + 1) * 8];
    System.arraycopy(input, 0, padded, 0, input.length);
    padded[padded.length - 1] = (byte) input.length;
    UnsafeBuffer words = new UnsafeBuffer(padded);
    for (int at = 0; at < padded.length; at += 8) {
      long word = words.getLong(at, ByteOrder.LITTLE_ENDIAN);
      v[3] ^= word;
      rounds(v, c);
      v[0] ^= word;
    }
    v[2] ^= 0xee;
    rounds(v, d);
    UnsafeBuffer out = new UnsafeBuffer(new byte[16]);
    out.putLong(0, v[0] ^ v[1] ^ v[2] ^ v[3], ByteOrder.LITTLE_ENDIAN);
    v[1] ^= 0xdd;
    rounds(v, d);
    out.putLong(8, v[0] ^ v[1] ^ v[2] ^ v[3], ByteOrder.LITTLE_ENDIAN);
    return HexFormat.of().formatHex(out.byteArray());
  }

  private static void rounds(long[] v, int count) {
    for (int i = 0; i < count; i++) {
      v[0] += v[1];
      v[1] = Long.rotateLeft(v[1], 13) ^ v[0];
      v[0] = Long.rotateLeft(v[0], 32);
      v[2] += v[3];
      v[3] = Long.rotateLeft(v[3], 16) ^ v[2];
      v[0] += v[3];
      v[3] = Long.rotateLeft(v[3], 21) ^ v[0];
      v[2] += v[1];
      v[1] = Long.rotateLeft(v[1], 17) ^ v[2];
      v[2] = Long.rotateLeft(v[2], 32);
    }
  }

  @Test
  void shouldRefuseASecondGrantBeforeItIsAppended() {
    MemoryJournal journal = MemoryJournal.create(new byte[32]);
    JournalAdapter adapter = JournalAdapter.guarded(journal, 16);
    outpoint(GrantRecord.CLAIM + 4, 7);
    payload.putLong(0, 1);
    adapter.append(1, RecordType.GRANT.number(), 0, payload, 0, 400);
    // Another claim on the same escrow: what a broken ledger would let through.
    payload.putLong(0, 2);
    DuplicateGrantException e =
        assertThrows(
            DuplicateGrantException.class,
            () -> adapter.append(2, RecordType.GRANT.number(), 0, payload, 0, 400));
    assertTrue(e.getMessage().contains(":0 has a grant already"), e.getMessage());
    assertEquals(2, journal.nextPosition(), "nothing was appended");
  }

  @Test
  void shouldAgreeWithAMapOverARandomHistory() throws IOException {
    Random random = Seeds.random("GrantGuardTest");
    int capacity = 200;
    // Made for fewer, so that buckets overflow.
    GrantGuard guard = new GrantGuard(capacity * 5 / 8, random.nextLong(), random.nextLong());
    Map<Integer, Integer> model = new HashMap<>(); // outpoint -> height of its spend, 0: none
    int tip = 1000;
    for (int step = 0; step < 20_000; step++) {
      int number = random.nextInt(2 * capacity);
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> {
          if (model.containsKey(number)) {
            assertThrows(DuplicateGrantException.class, () -> grant(guard, 1, number));
          } else if (model.size() < capacity) {
            grant(guard, 1, number);
            model.put(number, 0);
          }
        }
        case 3, 4, 5 -> {
          spend(guard, RecordType.ESCROW_SPENT, number, tip);
          if (model.containsKey(number)) {
            model.put(number, tip);
          }
        }
        case 6 -> {
          spend(guard, RecordType.ESCROW_UNSPENT, number, tip);
          if (model.containsKey(number)) {
            model.put(number, 0);
          }
        }
        default -> {
          if (random.nextInt(40) == 0) {
            block(guard, RecordType.BLOCK_DISCONNECTED, tip--);
          } else {
            block(guard, RecordType.BLOCK_CONNECTED, ++tip);
          }
          int now = tip;
          sweepAll(guard, capacity);
          model.values().removeIf(spent -> spent != 0 && spent + DEPTH <= now);
          assertEquals(model.size(), guard.size(), "step " + step);
        }
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    guard.write(out);
    // Into one made for less: it grows.
    GrantGuard loaded = new GrantGuard(10, 1, 2);
    loaded.read(new ByteArrayInputStream(out.toByteArray()));
    assertEquals(model.size(), loaded.size());
    for (int number = 0; number < 2 * capacity; number++) {
      int granted = number;
      if (model.containsKey(number)) {
        assertThrows(DuplicateGrantException.class, () -> grant(loaded, 1, granted));
      } else {
        grant(loaded, 1, granted);
      }
    }
    guard.close();
    loaded.close();
  }

  @Test
  void shouldHoldMoreThanItWasMadeFor() {
    try (GrantGuard guard = GrantGuard.create(16)) {
      for (int number = 0; number < 1000; number++) {
        grant(guard, number + 1, number);
      }
      for (int number = 0; number < 1000; number++) {
        int granted = number;
        assertThrows(DuplicateGrantException.class, () -> grant(guard, 1, granted));
      }
    }
  }
}
