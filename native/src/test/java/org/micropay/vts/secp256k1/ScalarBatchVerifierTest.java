package org.micropay.vts.secp256k1;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ScalarBatchVerifierTest extends BatchVerifierContract {
  @Override
  BatchVerifier newVerifier() {
    return ScalarBatchVerifier.create();
  }

  /** The oracle calls the same library, so a small share will do. */
  @Override
  int casesAgainstLibsecp256k1() {
    return 5_000;
  }

  @Test
  void shouldConstructSpecialCasesThatTheReferenceConfirms() {
    for (SpecialCases.Case one : SpecialCases.all()) {
      boolean expected = Reference.verify(one.digest(), one.signature(), one.publicKey());
      assertEquals(expected, one.valid(), one.label());
    }
  }
}
