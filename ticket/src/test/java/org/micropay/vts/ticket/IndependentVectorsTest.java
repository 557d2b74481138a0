package org.micropay.vts.ticket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The values and the flyweight against {@link IndependentVectors}. */
class IndependentVectorsTest {

  static List<IndependentVectors> vectors() throws Exception {
    return IndependentVectors.all();
  }

  @Test
  void shouldCoverWinnersAndLosers() throws Exception {
    assertTrue(vectors().stream().anyMatch(IndependentVectors::wins));
    assertTrue(vectors().stream().anyMatch(vector -> !vector.wins()));
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void shouldEncodeTermsAndEscrow(IndependentVectors vector) {
    Terms terms = vector.terms();
    assertArrayEquals(Bytes.fromHex(vector.hex("termsBytes")), terms.encode());
    assertEquals(vector.bytes32("termsDigest"), terms.digest());
    assertEquals(vector.hex("escrowScript"), terms.escrowScript().toHex());
    assertEquals(vector.hex("escrowScriptPubKey"), terms.escrowScript().scriptPubKey().toHex());
    assertEquals(Network.REGTEST.magic(), terms.network());
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void shouldDigestValues(IndependentVectors vector) {
    Claim claim = vector.claim();
    assertEquals(vector.bytes32("commitment"), claim.opening().commitment());
    assertTrue(claim.commitmentOpens());
    assertEquals(vector.bytes32("ticketDigest"), claim.ticket().digest());
    assertEquals(vector.bytes32("spendDigest"), claim.spendTemplate().digest());
    assertEquals(vector.bytes32("claimId"), claim.id());
    assertEquals(vector.wins(), claim.wins());
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void shouldDigestInPlace(IndependentVectors vector) {
    byte[] bytes = vector.claim().encode();
    byte[] buffer = new byte[bytes.length + 20];
    System.arraycopy(bytes, 0, buffer, 7, bytes.length);
    ClaimView view = new ClaimView().wrap(buffer, 7, bytes.length);
    assertEquals(0, view.checkWellFormed());
    ClaimDigester digester = new ClaimDigester();
    byte[] column = new byte[5 * 32];
    digester.termsDigest(view, column, 1);
    digester.ticketDigest(view, column, 1, column, 33);
    digester.claimId(view, column, 1, column, 65);
    digester.spendDigest(view, column, 97);
    assertEquals(vector.bytes32("termsDigest"), Bytes32.copyOf(column, 1));
    assertEquals(vector.bytes32("ticketDigest"), Bytes32.copyOf(column, 33));
    assertEquals(vector.bytes32("claimId"), Bytes32.copyOf(column, 65));
    assertEquals(vector.bytes32("spendDigest"), Bytes32.copyOf(column, 97));
    assertTrue(digester.commitmentOpens(view));
    assertEquals(vector.wins(), view.wins());
  }
}
