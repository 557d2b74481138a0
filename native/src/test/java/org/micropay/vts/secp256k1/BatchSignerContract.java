package org.micropay.vts.secp256k1;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What every implementation of {@link BatchSigner} must do. */
abstract class BatchSignerContract {
  private static final byte UNTOUCHED = 0x5a;

  abstract BatchSigner newSigner(SecretKey key);

  @Test
  void shouldProduceTheKnownSignaturesOfRfc6979() throws Exception {
    // Widely published vectors for secp256k1 with SHA-256, s in the lower half.
    known(
        BigInteger.ONE,
        "Satoshi Nakamoto",
        "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8"
            + "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5");
    known(
        BigInteger.ONE,
        "All those moments will be lost in time, like tears in rain. Time to die...",
        "8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b"
            + "547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21");
    known(
        Reference.N.subtract(BigInteger.ONE),
        "Satoshi Nakamoto",
        "fd567d121db66e382991534ada77a6bd3106f0a1098c231e47993447cd6af2d0"
            + "6b39cd0eb1bc8603e159ef5c20a5c8ad685a45b06ce9bebed3f153d10d93bed5");
  }

  private void known(BigInteger secret, String message, String expected) throws Exception {
    byte[] digest =
        MessageDigest.getInstance("SHA-256").digest(message.getBytes(StandardCharsets.US_ASCII));
    try (SecretKey key = SecretKey.moveFrom(Reference.bytes(secret))) {
      assertEquals(expected, HexFormat.of().formatHex(sign(key, List.of(digest))[0]));
    }
  }

  @Test
  void shouldAgreeWithBouncyCastle() {
    Random random = Seed.random();
    for (int round = 0; round < 12; round++) {
      BigInteger secret = new BigInteger(1, Seed.bytes(random, 32)).mod(Reference.N);
      List<byte[]> digests = digests(random, 40);
      try (SecretKey key = SecretKey.moveFrom(Reference.bytes(secret))) {
        byte[][] signatures = sign(key, digests);
        for (int i = 0; i < signatures.length; i++) {
          byte[] expected = Reference.sign(secret, digests.get(i));
          assertArrayEquals(expected, signatures[i], "item " + i + ", vts.seed=" + Seed.VALUE);
        }
      }
    }
  }

  @Test
  void shouldSignWithExtremeKeys() {
    for (BigInteger secret :
        List.of(
            BigInteger.ONE,
            BigInteger.TWO,
            Reference.N.subtract(BigInteger.ONE),
            Reference.N.subtract(BigInteger.TWO),
            Reference.HALF_N,
            BigInteger.ONE.shiftLeft(255))) {
      List<byte[]> digests = digests(Seed.random(), 9);
      try (SecretKey key = SecretKey.moveFrom(Reference.bytes(secret))) {
        byte[][] signatures = sign(key, digests);
        for (int i = 0; i < signatures.length; i++) {
          byte[] expected = Reference.sign(secret, digests.get(i));
          assertArrayEquals(expected, signatures[i], "secret " + secret.toString(16));
        }
      }
    }
  }

  @Test
  void shouldSignEveryBatchSizeAlike() {
    Random random = Seed.random();
    try (SecretKey key = SecretKey.moveFrom(Seed.bytes(random, 32))) {
      List<byte[]> digests = digests(random, 33);
      byte[][] expected = new byte[33][];
      for (int i = 0; i < 33; i++) {
        expected[i] = Ecdsa.sign(key, digests.get(i));
      }
      for (int count = 0; count <= 33; count++) {
        byte[][] signatures = sign(key, digests.subList(0, count));
        for (int i = 0; i < count; i++) {
          assertArrayEquals(expected[i], signatures[i], "item " + i + " of " + count);
        }
      }
    }
  }

  @Test
  void shouldAllocateNothing() {
    try (SecretKey key = SecretKey.generate();
        BatchSigner signer = newSigner(key);
        Arena arena = Arena.ofShared()) {
      MemorySegment digests = arena.allocate(32 * 32);
      MemorySegment signatures = arena.allocate(32 * 64);
      MemorySegment verdicts = arena.allocate(32);
      Runnable batch = () -> signer.sign(digests, signatures, verdicts, 32);
      assertEquals(0, AllocationCounter.bytesPerRun(batch));
    }
  }

  @Test
  void shouldRefuseColumnsThatDoNotFit() {
    try (SecretKey key = SecretKey.generate();
        BatchSigner signer = newSigner(key);
        Arena arena = Arena.ofConfined()) {
      MemorySegment digests = arena.allocate(64);
      MemorySegment signatures = arena.allocate(128);
      MemorySegment verdicts = arena.allocate(2);
      MemorySegment heap = MemorySegment.ofArray(new byte[128]);
      refuse(signer, digests.asSlice(1), signatures, verdicts, 2);
      refuse(signer, digests, signatures.asSlice(1), verdicts, 2);
      refuse(signer, digests, signatures, verdicts.asSlice(1), 2);
      refuse(signer, digests, signatures.asReadOnly(), verdicts, 2);
      refuse(signer, digests, signatures, verdicts.asReadOnly(), 2);
      refuse(signer, heap, signatures, verdicts, 2);
      refuse(signer, digests, heap, verdicts, 2);
      refuse(signer, digests, signatures, verdicts, -1);
    }
  }

  private static void refuse(
      BatchSigner signer,
      MemorySegment digests,
      MemorySegment signatures,
      MemorySegment verdicts,
      int count) {
    assertThrows(
        IllegalArgumentException.class, () -> signer.sign(digests, signatures, verdicts, count));
  }

  @Test
  void shouldRefuseUseAfterClose() {
    SecretKey key = SecretKey.generate();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(256);
      BatchSigner signer = newSigner(key);
      signer.close();
      signer.close();
      refuseClosed(signer, memory);
      try (BatchSigner orphan = newSigner(key)) {
        key.close();
        refuseClosed(orphan, memory);
      }
    }
  }

  private static void refuseClosed(BatchSigner signer, MemorySegment memory) {
    assertThrows(
        IllegalStateException.class,
        () -> signer.sign(memory, memory.asSlice(64), memory.asSlice(192), 1));
  }

  /** Signs in one batch; fails unless every verdict is 1 and nothing behind the end is written. */
  private byte[][] sign(SecretKey key, List<byte[]> input) {
    int count = input.size();
    try (BatchSigner signer = newSigner(key);
        Arena arena = Arena.ofConfined()) {
      MemorySegment digests = arena.allocate(count * 32L);
      MemorySegment signatures = arena.allocate((count + 1) * 64L).fill(UNTOUCHED);
      MemorySegment verdicts = arena.allocate(count + 64L).fill(UNTOUCHED);
      for (int i = 0; i < count; i++) {
        MemorySegment.copy(input.get(i), 0, digests, ValueLayout.JAVA_BYTE, i * 32L, 32);
      }
      signer.sign(digests, signatures, verdicts, count);
      assertArrayEquals(key.publicKey(), signer.publicKey());
      byte[] untouched = new byte[64];
      Arrays.fill(untouched, UNTOUCHED);
      assertArrayEquals(untouched, bytes(signatures, count * 64L, 64));
      assertArrayEquals(untouched, bytes(verdicts, count, 64));
      byte[][] out = new byte[count][];
      for (int i = 0; i < count; i++) {
        assertEquals(1, verdicts.get(ValueLayout.JAVA_BYTE, i));
        out[i] = bytes(signatures, i * 64L, 64);
        assertTrue(Ecdsa.verify(input.get(i), out[i], key.publicKey()));
      }
      return out;
    }
  }

  private static byte[] bytes(MemorySegment from, long at, int length) {
    return from.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
  }

  private static List<byte[]> digests(Random random, int count) {
    List<byte[]> digests = new java.util.ArrayList<>();
    List<BigInteger> edges =
        List.of(
            BigInteger.ZERO,
            BigInteger.ONE,
            Reference.N.subtract(BigInteger.ONE),
            Reference.N,
            Reference.N.add(BigInteger.ONE),
            BigInteger.ONE.shiftLeft(256).subtract(BigInteger.ONE));
    for (int i = 0; i < count; i++) {
      digests.add(i < edges.size() ? Reference.bytes(edges.get(i)) : Seed.bytes(random, 32));
    }
    return digests;
  }
}
