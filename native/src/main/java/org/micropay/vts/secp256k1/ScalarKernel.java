package org.micropay.vts.secp256k1;

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
}
