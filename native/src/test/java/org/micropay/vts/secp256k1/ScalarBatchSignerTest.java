package org.micropay.vts.secp256k1;

class ScalarBatchSignerTest extends BatchSignerContract {
  @Override
  BatchSigner newSigner(SecretKey key) {
    return ScalarBatchSigner.create(key);
  }
}
