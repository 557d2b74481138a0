package org.micropay.vts.simulation;

import java.util.ArrayList;
import java.util.List;
import org.micropay.vts.pipeline.CounterSigner;
import org.micropay.vts.pipeline.SignatureVerifier;
import org.micropay.vts.secp256k1.BatchSigner;
import org.micropay.vts.secp256k1.BatchVerifier;
import org.micropay.vts.secp256k1.Kernel;
import org.micropay.vts.secp256k1.Kernels;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.CompactSignature;

/** The production kernels; clients sign with libsecp256k1. */
final class RealCrypto implements CryptoSuite {
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final Kernel kernel = Kernels.select(Kernels.AUTO);
  private final SecretKey vtsKey;

  RealCrypto(Keys vts) {
    vtsKey = SecretKey.moveFrom(vts.secret().value.toByteArray());
  }

  @Override
  public boolean isReal() {
    return true;
  }

  @Override
  public SignatureVerifier verifier() {
    BatchVerifier verifier = kernel.newVerifier();
    opened.add(verifier);
    return verifier::verify;
  }

  @Override
  public CounterSigner signer() {
    BatchSigner signer = kernel.newSigner(vtsKey);
    opened.add(signer);
    return signer::sign;
  }

  @Override
  public CompactSignature sign(Keys keys, Bytes32 digest) {
    return keys.sign(digest);
  }

  @Override
  public void close() {
    for (AutoCloseable one : opened.reversed()) {
      try {
        one.close();
      } catch (Exception e) {
        throw new IllegalStateException("cannot close " + one, e);
      }
    }
    vtsKey.close();
  }
}
