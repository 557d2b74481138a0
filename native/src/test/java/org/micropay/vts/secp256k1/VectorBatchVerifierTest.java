package org.micropay.vts.secp256k1;

import org.junit.jupiter.api.BeforeAll;

class VectorBatchVerifierTest extends BatchVerifierContract {
  @BeforeAll
  static void requireCpu() {
    VectorCpu.assume();
  }

  @Override
  BatchVerifier newVerifier() {
    return Kernels.select(Kernels.VECTOR).newVerifier();
  }

  @Override
  int casesAgainstLibsecp256k1() {
    return Integer.getInteger("vts.cases", 100_000);
  }
}
