package org.micropay.vts.secp256k1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The boundary to C: what may be passed and what is refused. The digests themselves are compared
 * with the protocol's own code where both are known, in vts-appliance, and with model code in C.
 */
class ClaimHasherTest {
  private static final int STRIDE = 256;
  private static final int COUNT = 9;
  private static final int SCRIPT_LENGTH = 214;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment claims = arena.allocate(COUNT * STRIDE, 64);
  private final MemorySegment[] digests = new MemorySegment[4];
  private final MemorySegment opens = arena.allocate(COUNT, 64);

  ClaimHasherTest() {
    Arrays.setAll(digests, i -> arena.allocate(COUNT * 32L, 64));
    for (int i = 0; i < COUNT; i++) {
      claims.asSlice((long) i * STRIDE, STRIDE).fill((byte) (i + 1));
      claims.set(ValueLayout.JAVA_BYTE, (long) i * STRIDE + SCRIPT_LENGTH, (byte) 22);
    }
  }

  @BeforeAll
  static void requireCpu() {
    VectorCpu.assume();
  }

  @AfterEach
  void free() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }

  private static ClaimHasher hasher() {
    return Kernels.select(Kernels.VECTOR).claimHasher().orElseThrow();
  }

  private void hash(MemorySegment rows, int stride, MemorySegment ids, int count) {
    hasher().hash(rows, stride, digests[0], digests[1], ids, digests[3], opens, count);
  }

  @Test
  void shouldHashAClaimAlikeWhereverItStands() {
    hash(claims, STRIDE, digests[2], COUNT);
    for (int i = 0; i < COUNT; i++) {
      byte[] expected = digests[2].asSlice(32L * i, 32).toArray(ValueLayout.JAVA_BYTE);
      try (Arena own = Arena.ofConfined()) {
        MemorySegment id = own.allocate(32);
        hash(claims.asSlice((long) i * STRIDE, STRIDE), STRIDE, id, 1);
        assertEquals(-1, id.mismatch(MemorySegment.ofArray(expected)), "claim " + i);
      }
    }
  }

  @Test
  void shouldGiveZerosForAScriptOfImpossibleLength() {
    claims.set(ValueLayout.JAVA_BYTE, 2L * STRIDE + SCRIPT_LENGTH, (byte) 255);
    claims.set(ValueLayout.JAVA_BYTE, 3L * STRIDE + SCRIPT_LENGTH, (byte) 21);
    digests[2].fill((byte) 1);
    hash(claims, STRIDE, digests[2], COUNT);
    assertEquals(-1, digests[2].asSlice(64, 64).mismatch(arena.allocate(64)));
  }

  @Test
  void shouldRefuseWhatWouldReachBeyondAColumn() {
    assertThrows(IllegalArgumentException.class, () -> hash(claims, 248, digests[2], 1), "stride");
    assertThrows(
        IllegalArgumentException.class, () -> hash(claims, STRIDE, digests[2], COUNT + 1), "rows");
    assertThrows(
        IllegalArgumentException.class,
        () -> hash(claims, STRIDE, digests[2].asSlice(1), COUNT),
        "digests");
    assertThrows(
        IllegalArgumentException.class, () -> hash(claims, STRIDE, digests[2], -1), "count");
    assertThrows(
        IllegalArgumentException.class,
        () -> hash(claims, STRIDE, digests[2].asReadOnly(), COUNT),
        "read-only");
    assertThrows(
        IllegalArgumentException.class,
        () -> hash(MemorySegment.ofArray(new byte[STRIDE]), STRIDE, digests[2], 1),
        "heap");
  }

  @Test
  void shouldRefuseClosedColumns() {
    arena.close();
    assertThrows(IllegalStateException.class, () -> hash(claims, STRIDE, digests[2], COUNT));
  }

  @Test
  void shouldTakeNoClaimsAtAll() {
    hash(claims, STRIDE, digests[2], 0);
  }
}
