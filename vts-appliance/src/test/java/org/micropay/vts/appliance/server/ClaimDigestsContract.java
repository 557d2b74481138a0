package org.micropay.vts.appliance.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.micropay.vts.pipeline.ClaimDigests;
import org.micropay.vts.ticket.Bytes16;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Opening;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.Terms;
import org.micropay.vts.ticket.Ticket;

/**
 * What every implementation of the digests must do, held against the protocol's value types, which
 * share no code with the batches but SHA-256. Prints its seed; -Dvts.seed repeats it.
 */
abstract class ClaimDigestsContract {
  private static final int STRIDE = 320;
  private static final int GUARD = 0x5A;

  private final long seed = Long.getLong("vts.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);

  abstract ClaimDigests newDigests();

  @Test
  void shouldComputeWhatTheProtocolSays() {
    System.out.println(getClass().getSimpleName() + " -Dvts.seed=" + seed);
    for (int count : new int[] {1, 2, 3, 8, 127, 128}) {
      compare(count);
    }
  }

  private void compare(int count) {
    List<Claim> claims = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment rows = arena.allocate((long) count * STRIDE, 64);
      for (int i = 0; i < count; i++) {
        claims.add(claim());
        byte[] bytes = claims.get(i).encode();
        // The last bytes of a row belong to nobody: a claim is longer than what is hashed of it.
        MemorySegment.copy(bytes, 0, rows, ValueLayout.JAVA_BYTE, (long) i * STRIDE, STRIDE);
      }
      MemorySegment[] out = new MemorySegment[5];
      for (int i = 0; i < out.length; i++) {
        out[i] = arena.allocate((i < 4 ? 32L : 1L) * (count + 1), 64).fill((byte) GUARD);
      }
      newDigests().compute(rows, STRIDE, out[0], out[1], out[2], out[3], out[4], count);
      for (int i = 0; i < count; i++) {
        check(claims.get(i), out, i);
      }
      assertEquals(GUARD, out[4].get(ValueLayout.JAVA_BYTE, count), "wrote beyond the count");
      assertEquals(GUARD, out[0].get(ValueLayout.JAVA_BYTE, 32L * count), "wrote beyond the count");
    }
  }

  private static void check(Claim claim, MemorySegment[] out, int i) {
    assertArrayEquals(claim.terms().digest().toArray(), digest(out[0], i), "terms of " + i);
    Bytes32 ticket =
        Ticket.digest(
            claim.terms().digest(),
            claim.commitment(),
            claim.r2(),
            claim.expiry(),
            claim.payoutScript());
    assertArrayEquals(ticket.toArray(), digest(out[1], i), "ticket of " + i);
    assertArrayEquals(claim.id().toArray(), digest(out[2], i), "id of " + i);
    assertArrayEquals(claim.spendTemplate().digest().toArray(), digest(out[3], i), "spend of " + i);
    boolean opens = claim.opening().commitment().equals(claim.commitment());
    assertEquals(opens ? 1 : 0, out[4].get(ValueLayout.JAVA_BYTE, i), "opening of " + i);
  }

  private static byte[] digest(MemorySegment column, int item) {
    return column.asSlice(32L * item, 32).toArray(ValueLayout.JAVA_BYTE);
  }

  private Claim claim() {
    int height = Math.max(1, random.nextInt(1, 500_000_000) >>> random.nextInt(29));
    Terms terms =
        new Terms(
            Network.REGTEST.magic(),
            new Outpoint(Bytes32.of(bytes(32)), random.nextInt()),
            2_000_000 + random.nextInt(1_000_000),
            1_000_000 + random.nextInt(1_000_000),
            random.nextInt(1, 1_000_000),
            height,
            key(),
            key());
    Opening opening = new Opening(Bytes16.of(bytes(16)), Bytes16.of(bytes(16)));
    Bytes32 commitment = random.nextInt(4) == 0 ? Bytes32.of(bytes(32)) : opening.commitment();
    return new Claim(
        terms,
        commitment,
        opening,
        Bytes16.of(bytes(16)),
        random.nextLong(1L << 32),
        script(),
        signature(),
        signature());
  }

  private PayoutScript script() {
    byte[] script =
        switch (random.nextInt(3)) {
          case 0 -> prefixed(22, 0x00, 20);
          case 1 -> prefixed(34, 0x00, 32);
          default -> prefixed(34, 0x51, 32);
        };
    return PayoutScript.of(script);
  }

  private byte[] prefixed(int length, int first, int second) {
    byte[] script = bytes(length);
    script[0] = (byte) first;
    script[1] = (byte) second;
    return script;
  }

  private PublicKey key() {
    byte[] key = bytes(PublicKey.LENGTH);
    key[0] = (byte) (2 + random.nextInt(2));
    key[1] = 0;
    return PublicKey.of(key);
  }

  private CompactSignature signature() {
    byte[] signature = bytes(CompactSignature.LENGTH);
    signature[0] = 1;
    signature[32] = 1;
    return CompactSignature.of(signature);
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }
}
