package org.micropay.vts.appliance.server;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import org.micropay.vts.pipeline.ClaimDigests;
import org.micropay.vts.pipeline.JavaClaimDigests;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.ticket.ClaimLayout;
import org.micropay.vts.ticket.Opening;
import org.micropay.vts.ticket.ScriptType;
import org.micropay.vts.ticket.TermsLayout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The digests of claims for the verify stages: the kernel's where it has them and they agree with
 * the Java implementation on this machine, else Java's. Never silently wrong.
 */
public final class KernelDigests {
  private static final Logger LOG = LoggerFactory.getLogger(KernelDigests.class);
  private static final int DIGEST = 32;
  private static final int STRIDE = 256;
  private static final int CASES = 257;
  private static final int HEIGHT_BITS = 29; // a lock time below 500,000,000

  private KernelDigests() {}

  /** One for each verify stage. */
  public static IntFunction<ClaimDigests> of(Kernel kernel) {
    if (kernel.claimHasher().isEmpty()) {
      return stage -> new JavaClaimDigests();
    }
    ClaimDigests candidate = kernel.claimHasher().get()::hash;
    int fault = firstDifference(candidate, new SplittableRandom(1), CASES);
    if (fault >= 0) {
      LOG.warn("digests of the {} kernel differ at case {}; using Java's", kernel.name(), fault);
      return stage -> new JavaClaimDigests();
    }
    return stage -> candidate;
  }

  /**
   * Compares {@code candidate} with the Java implementation on random claims: every length of
   * script, refund heights of every length, openings that are right and wrong.
   *
   * @return number of the first claim that differs, -1 if none does
   */
  static int firstDifference(ClaimDigests candidate, SplittableRandom random, int cases) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment claims = arena.allocate((long) cases * STRIDE, 64);
      for (int i = 0; i < cases; i++) {
        claims.asSlice((long) i * STRIDE, STRIDE).copyFrom(MemorySegment.ofArray(claim(random)));
      }
      MemorySegment[] expected = run(arena, claims, new JavaClaimDigests(), cases);
      MemorySegment[] actual = run(arena, claims, candidate, cases);
      for (int i = 0; i < cases; i++) {
        for (int column = 0; column < expected.length; column++) {
          long width = expected[column].byteSize() / cases;
          if (expected[column]
                  .asSlice(i * width, width)
                  .mismatch(actual[column].asSlice(i * width, width))
              >= 0) {
            return i;
          }
        }
      }
      return -1;
    }
  }

  private static MemorySegment[] run(
      Arena arena, MemorySegment claims, ClaimDigests digests, int cases) {
    MemorySegment[] columns = new MemorySegment[5];
    for (int i = 0; i < columns.length; i++) {
      columns[i] = arena.allocate((long) cases * (i < columns.length - 1 ? DIGEST : 1), 64);
    }
    digests.compute(
        claims, STRIDE, columns[0], columns[1], columns[2], columns[3], columns[4], cases);
    return columns;
  }

  /** Random bytes but for what the digests branch on. */
  private static byte[] claim(SplittableRandom random) {
    byte[] claim = new byte[STRIDE];
    random.nextBytes(claim);
    claim[ClaimLayout.SCRIPT_LENGTH] =
        (byte) random.nextInt(ScriptType.MIN_LENGTH, ScriptType.MAX_LENGTH + 1);
    int height = Math.max(1, random.nextInt() >>> random.nextInt(32 - HEIGHT_BITS, 32));
    MemorySegment.ofArray(claim)
        .set(
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN),
            TermsLayout.REFUND_HEIGHT,
            height);
    if (random.nextBoolean()) {
      int opening = ClaimLayout.R1;
      Opening.decode(Arrays.copyOfRange(claim, opening, opening + Opening.LENGTH))
          .commitment()
          .copyTo(claim, ClaimLayout.COMMITMENT);
    }
    return claim;
  }
}
