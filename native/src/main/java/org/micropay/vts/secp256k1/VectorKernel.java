package org.micropay.vts.secp256k1;

import java.util.Optional;

/** The project's own kernel behind both ports. */
record VectorKernel(String reason) implements Kernel {
  @Override
  public String name() {
    return Kernels.VECTOR;
  }

  @Override
  public BatchVerifier newVerifier() {
    return new VectorBatchVerifier();
  }

  @Override
  public BatchSigner newSigner(SecretKey secretKey) {
    return VectorBatchSigner.create(secretKey);
  }

  @Override
  public Optional<ClaimHasher> claimHasher() {
    return Optional.of(new ClaimHasher());
  }

  @Override
  public Optional<MessageHasher> messageHasher() {
    return Optional.of(new MessageHasher());
  }

  @Override
  public Optional<KeyedHasher> keyedHasher() {
    return Optional.of(new KeyedHasher());
  }
}
