package org.micropay.vts.secp256k1;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Skips tests of the vector kernel where the CPU cannot run it, and only there: a kernel that is
 * missing from the build or fails its self-test fails the tests.
 */
final class VectorCpu {
  private VectorCpu() {}

  static void assume() {
    boolean otherPlatform = !NativeLibrary.platform().equals("linux-x86_64");
    assumeTrue(!otherPlatform && VectorLibrary.isSupported(), "CPU without AVX-512 IFMA");
  }
}
