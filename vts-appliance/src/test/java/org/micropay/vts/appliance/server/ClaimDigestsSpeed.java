package org.micropay.vts.appliance.server;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import org.micropay.vts.pipeline.ClaimDigests;
import org.micropay.vts.pipeline.JavaClaimDigests;
import org.micropay.vts.secp256k1.Kernels;

/**
 * Prints what a claim's digests cost in Java and in the kernel, in turns; a program, not a test.
 */
final class ClaimDigestsSpeed {
  private static final int CLAIMS = 128;
  private static final int STRIDE = 256;
  private static final int CALLS = 1_000;
  private static final int ROUNDS = 7;

  private ClaimDigestsSpeed() {}

  public static void main(String[] args) {
    ClaimDigests java = new JavaClaimDigests();
    ClaimDigests kernel = Kernels.select(Kernels.VECTOR).claimHasher().orElseThrow()::hash;
    for (int round = 0; round < ROUNDS; round++) {
      double inJava = cpuNanos(java);
      double inKernel = cpuNanos(kernel);
      System.out.printf(
          Locale.ROOT,
          "CPU ns a claim: Java %.0f, kernel %.0f, ratio %.2f%n",
          inJava,
          inKernel,
          inJava / inKernel);
    }
  }

  private static double cpuNanos(ClaimDigests digests) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment claims = arena.allocate(CLAIMS * STRIDE, 64);
      for (int i = 0; i < CLAIMS; i++) {
        claims.set(ValueLayout.JAVA_BYTE, i * STRIDE + 214L, (byte) 34);
        claims.set(ValueLayout.JAVA_BYTE, i * STRIDE + 62L, (byte) 12);
      }
      MemorySegment[] out = new MemorySegment[5];
      for (int i = 0; i < out.length; i++) {
        out[i] = arena.allocate(CLAIMS * 32L, 64);
      }
      var threads = ManagementFactory.getThreadMXBean();
      long start = threads.getCurrentThreadCpuTime();
      for (int i = 0; i < CALLS; i++) {
        digests.compute(claims, STRIDE, out[0], out[1], out[2], out[3], out[4], CLAIMS);
      }
      return (threads.getCurrentThreadCpuTime() - start) / (double) CALLS / CLAIMS;
    }
  }
}
