package org.micropay.vts.appliance.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.micropay.vts.pipeline.ClaimDigests;
import org.micropay.vts.pipeline.JavaClaimDigests;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.secp256k1.Kernels;

class KernelClaimDigestsTest extends ClaimDigestsContract {
  private static final int CASES = 10_000;

  private final Kernel kernel = Kernels.select(Kernels.AUTO);

  @BeforeEach
  void requireKernel() {
    assumeTrue(kernel.claimHasher().isPresent(), "no kernel here that hashes claims");
  }

  @Override
  ClaimDigests newDigests() {
    return kernel.claimHasher().orElseThrow()::hash;
  }

  @Test
  void shouldAgreeWithJavaOnManyClaims() {
    long seed = Long.getLong("vts.seed", System.nanoTime());
    System.out.println("KernelClaimDigestsTest -Dvts.seed=" + seed);
    assertEquals(
        -1, KernelDigests.firstDifference(newDigests(), new SplittableRandom(seed), CASES));
  }

  @Test
  void shouldBeChosenByTheServer() {
    ClaimDigests first = KernelDigests.of(kernel).apply(0);
    assertNotEquals(JavaClaimDigests.class, first.getClass());
  }

  @Test
  void shouldLeaveTheScalarKernelToJava() {
    ClaimDigests digests = KernelDigests.of(Kernels.select(Kernels.SCALAR)).apply(0);
    assertEquals(JavaClaimDigests.class, digests.getClass());
  }

  @Test
  void shouldNoticeOneWrongBit() {
    ClaimDigests right = newDigests();
    for (int wrong = 0; wrong < 5; wrong++) {
      int column = wrong;
      ClaimDigests broken =
          (claims, stride, terms, tickets, ids, spends, opens, count) -> {
            right.compute(claims, stride, terms, tickets, ids, spends, opens, count);
            var segment =
                switch (column) {
                  case 0 -> terms;
                  case 1 -> tickets;
                  case 2 -> ids;
                  case 3 -> spends;
                  default -> opens;
                };
            long last = segment.byteSize() - 1;
            byte old = segment.get(ValueLayout.JAVA_BYTE, last);
            segment.set(ValueLayout.JAVA_BYTE, last, (byte) (old ^ 1));
          };
      assertTrue(
          KernelDigests.firstDifference(broken, new SplittableRandom(7), 64) == 63,
          "column " + column);
    }
  }
}
