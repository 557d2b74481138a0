package org.micropay.vts.simulation;

import org.micropay.vts.pipeline.CounterSigner;
import org.micropay.vts.pipeline.SignatureVerifier;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.CompactSignature;

/** Signatures behind the pipeline's ports, and the same for clients and checkers. One thread. */
sealed interface CryptoSuite extends AutoCloseable permits ToyCrypto, RealCrypto {
  /** Whether Bitcoin would accept the signatures, so that grants can be settled. */
  boolean isReal();

  /** For one verify stage. */
  SignatureVerifier verifier();

  /** For one sign stage, with the VTS's key. */
  CounterSigner signer();

  /** A client's signature. */
  CompactSignature sign(Keys keys, Bytes32 digest);

  @Override
  void close();
}
