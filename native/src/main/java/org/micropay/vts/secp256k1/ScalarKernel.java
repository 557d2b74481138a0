package org.micropay.vts.secp256k1;

import java.util.Optional;

/** libsecp256k1 behind both ports. */
record ScalarKernel(String reason) implements Kernel {
  @Override
  public String name() {
    return Kernels.SCALAR;
  }

  @Override
  public BatchVerifier newVerifier() {
    return ScalarBatchVerifier.create();
  }

  @Override
  public BatchSigner newSigner(SecretKey secretKey) {
    return ScalarBatchSigner.create(secretKey);
  }

  @Override
  public Optional<ClaimHasher> claimHasher() {
    return Optional.empty();
  }
}
