package org.micropay.vts.secp256k1;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every implementation of {@link BatchVerifier} must do. */
abstract class BatchVerifierContract {
  private BatchVerifier verifier;

  abstract BatchVerifier newVerifier();

  /** Seeded random signatures compared with libsecp256k1. */
  abstract int casesAgainstLibsecp256k1();

  @BeforeEach
  void open() {
    verifier = newVerifier();
  }

  @AfterEach
  void close() {
    verifier.close();
  }

  @Test
  void shouldDecideSpecialCasesInEveryPosition() {
    List<SpecialCases.Case> cases = SpecialCases.all();
    for (int rotation = 0; rotation < 17; rotation++) {
      try (VerifyColumns columns = new VerifyColumns(cases.size(), 1)) {
        for (int i = 0; i < cases.size(); i++) {
          SpecialCases.Case one = cases.get((i + rotation) % cases.size());
          columns.put(i, one.digest(), one.signature());
          columns.putKey(i, one.publicKey());
        }
        byte[] verdicts = columns.run(verifier);
        for (int i = 0; i < cases.size(); i++) {
          SpecialCases.Case one = cases.get((i + rotation) % cases.size());
          assertEquals(one.valid(), verdicts[i] == 1, one.label() + " at position " + i);
        }
      }
    }
  }

  @Test
  void shouldDecideSpecialCasesUnderASharedKey() {
    List<SpecialCases.Case> cases = SpecialCases.all();
    try (VerifyColumns columns = new VerifyColumns(cases.size(), 2)) {
      for (int i = 0; i < cases.size(); i++) {
        SpecialCases.Case one = cases.get(i);
        SpecialCases.Case next = cases.get((i + 1) % cases.size());
        columns.putKey(i, one.publicKey());
        columns.put(2 * i + i % 2, one.digest(), one.signature());
        columns.put(2 * i + (i + 1) % 2, next.digest(), next.signature());
      }
      byte[] verdicts = columns.run(verifier);
      for (int i = 0; i < cases.size(); i++) {
        SpecialCases.Case one = cases.get(i);
        assertEquals(one.valid(), verdicts[2 * i + i % 2] == 1, one.label());
      }
    }
  }

  @Test
  void shouldAgreeWithBouncyCastleOnRandomCases() {
    Random random = Seed.random();
    try (RandomCases cases = new RandomCases(random, 64);
        VerifyColumns columns = new VerifyColumns(1_000, 2)) {
      cases.fill(columns);
      byte[] verdicts = columns.run(verifier);
      for (int i = 0; i < columns.items(); i++) {
        byte[] key = columns.key(i / 2);
        boolean expected = Reference.verify(columns.digest(i), columns.signature(i), key);
        assertEquals(expected, verdicts[i] == 1, "item " + i + ", vts.seed=" + Seed.VALUE);
      }
    }
  }

  @Test
  void shouldAgreeWithLibsecp256k1OnManyRandomCases() {
    Random random = Seed.random();
    int left = casesAgainstLibsecp256k1();
    try (RandomCases cases = new RandomCases(random, 1_000);
        SecpLoop oracle = SecpLoop.create()) {
      while (left > 0) {
        int perKey = 1 + random.nextInt(3);
        try (VerifyColumns columns = new VerifyColumns(1 + random.nextInt(1_000), perKey)) {
          cases.fill(columns);
          byte[] verdicts = columns.run(verifier);
          byte[] expected = columns.run(oracle);
          assertArrayEquals(
              expected,
              verdicts,
              "%d x %d, vts.seed=%d".formatted(columns.keys, perKey, Seed.VALUE));
          left -= columns.items();
        }
      }
    }
  }

  @Test
  void shouldDecideEveryBatchSizeAlike() {
    Random random = Seed.random();
    try (RandomCases cases = new RandomCases(random, 40);
        BatchVerifier scalar = ScalarBatchVerifier.create()) {
      for (int perKey = 1; perKey <= 3; perKey++) {
        for (int keys = 0; keys <= 33; keys++) {
          try (VerifyColumns columns = new VerifyColumns(keys, perKey)) {
            cases.fill(columns);
            assertArrayEquals(
                columns.run(scalar), columns.run(verifier), keys + " keys with " + perKey);
          }
        }
      }
    }
  }

  @Test
  void shouldRefuseEverySingleBitFlip() {
    try (SecretKey key = SecretKey.moveFrom(Seed.bytes(Seed.random(), 32));
        VerifyColumns columns = new VerifyColumns(1 + (32 + 64 + 33) * 8, 1)) {
      byte[] digest = Seed.bytes(Seed.random(), 32);
      byte[] signature = Ecdsa.sign(key, digest);
      for (int i = 0; i < columns.items(); i++) {
        byte[][] parts = {digest.clone(), signature.clone(), key.publicKey()};
        int bit = i - 1;
        for (byte[] part : parts) {
          if (bit >= 0 && bit < part.length * 8) {
            part[bit / 8] ^= (byte) (1 << bit % 8);
          }
          bit -= part.length * 8;
        }
        columns.put(i, parts[0], parts[1]);
        columns.putKey(i, parts[2]);
      }
      byte[] verdicts = columns.run(verifier);
      assertEquals(1, verdicts[0], "the untouched signature");
      for (int i = 1; i < verdicts.length; i++) {
        assertEquals(0, verdicts[i], "bit " + (i - 1));
      }
    }
  }

  @Test
  void shouldAllocateNothing() {
    try (RandomCases cases = new RandomCases(Seed.random(), 16);
        VerifyColumns columns = new VerifyColumns(16, 2)) {
      cases.fill(columns);
      Runnable batch =
          () ->
              verifier.verify(
                  columns.digests,
                  columns.signatures,
                  columns.publicKeys,
                  columns.verdicts,
                  columns.keys,
                  columns.signaturesPerKey);
      assertEquals(0, AllocationCounter.bytesPerRun(batch));
    }
  }

  @Test
  void shouldFitTheStackThatIsAskedFor() throws Exception {
    try (RandomCases cases = new RandomCases(Seed.random(), 16);
        VerifyColumns columns = new VerifyColumns(33, 3);
        BatchVerifier scalar = ScalarBatchVerifier.create()) {
      cases.fill(columns);
      byte[][] verdicts = new byte[1][];
      Runnable batch = () -> verdicts[0] = columns.run(verifier);
      Thread thread = new Thread(null, batch, "small-stack", Kernel.STACK_BYTES);
      thread.start();
      thread.join();
      assertArrayEquals(columns.run(scalar), verdicts[0]);
    }
  }

  @Test
  void shouldRefuseColumnsThatDoNotFit() {
    try (VerifyColumns c = new VerifyColumns(4, 2)) {
      MemorySegment heap = MemorySegment.ofArray(new byte[1024]);
      MemorySegment readOnly = c.verdicts.asReadOnly();
      refuse(c.digests.asSlice(1), c.signatures, c.publicKeys, c.verdicts, 4, 2);
      refuse(c.digests, c.signatures.asSlice(1), c.publicKeys, c.verdicts, 4, 2);
      refuse(c.digests, c.signatures, c.publicKeys.asSlice(1), c.verdicts, 4, 2);
      refuse(c.digests, c.signatures, c.publicKeys, c.verdicts.asSlice(0, 7), 4, 2);
      refuse(heap, c.signatures, c.publicKeys, c.verdicts, 4, 2);
      refuse(c.digests, c.signatures, c.publicKeys, heap, 4, 2);
      refuse(c.digests, c.signatures, c.publicKeys, readOnly, 4, 2);
      refuse(c.digests, c.signatures, c.publicKeys, c.verdicts, -1, 2);
      refuse(c.digests, c.signatures, c.publicKeys, c.verdicts, 4, 0);
      refuse(c.digests, c.signatures, c.publicKeys, c.verdicts, 1 << 30, 1 << 30);
    }
  }

  private void refuse(
      MemorySegment digests,
      MemorySegment signatures,
      MemorySegment publicKeys,
      MemorySegment verdicts,
      int keys,
      int perKey) {
    assertThrows(
        IllegalArgumentException.class,
        () -> verifier.verify(digests, signatures, publicKeys, verdicts, keys, perKey));
  }

  @Test
  void shouldRefuseClosedColumnsAndUseAfterClose() {
    try (VerifyColumns columns = new VerifyColumns(1, 1)) {
      MemorySegment closed;
      try (Arena arena = Arena.ofConfined()) {
        closed = arena.allocate(64);
      }
      assertThrows(
          IllegalStateException.class,
          () ->
              verifier.verify(
                  closed, columns.signatures, columns.publicKeys, columns.verdicts, 1, 1));
      verifier.close();
      verifier.close();
      assertThrows(IllegalStateException.class, () -> columns.run(verifier));
    }
  }
}
