package org.micropay.vts.secp256k1;

import org.junit.jupiter.api.BeforeAll;

class VectorBatchSignerTest extends BatchSignerContract {
  @BeforeAll
  static void requireCpu() {
    VectorCpu.assume();
  }

  @Override
  BatchSigner newSigner(SecretKey key) {
    return Kernels.select(Kernels.VECTOR).newSigner(key);
  }
}
