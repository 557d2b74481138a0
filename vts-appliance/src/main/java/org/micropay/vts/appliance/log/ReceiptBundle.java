package org.micropay.vts.appliance.log;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Base64;
import org.micropay.vts.secp256k1.Ecdsa;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.ProtocolException;
import org.micropay.vts.ticket.Receipt;
import org.micropay.vts.transparency.Checkpoint;
import org.micropay.vts.transparency.LeafView;
import org.micropay.vts.transparency.LogDataException;
import org.micropay.vts.transparency.TlogProof;
import org.micropay.vts.transparency.VerifierKey;

/**
 * What a merchant keeps: the receipt, and the proof that its decision is in the public log. One
 * JSON document, the answer to a claim that the log covers (docs/PROTOCOL.md, section 18).
 *
 * @param receipt of the claim
 * @param leaf bytes of the log's leaf
 * @param proof from the leaf to a checkpoint
 */
public record ReceiptBundle(Receipt receipt, byte[] leaf, TlogProof proof) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Longest document that is read, in bytes. */
  public static final int MAX_LENGTH = 256 * 1024;

  /**
   * Reads the JSON document.
   *
   * @throws LogDataException when it is none
   */
  public static ReceiptBundle parse(byte[] json) {
    try {
      JsonNode document = JSON.readTree(json);
      JsonNode inclusion = document.path("inclusion");
      if (!document.path("receipt").isTextual() || !inclusion.path("proof").isTextual()) {
        throw new LogDataException(
            "a bundle has the members receipt and inclusion; claim again once the log covers it");
      }
      return new ReceiptBundle(
          Receipt.fromBase64Url(document.path("receipt").asText()),
          Base64.getUrlDecoder().decode(inclusion.path("leaf").asText()),
          TlogProof.parse(inclusion.path("proof").asText()));
    } catch (IOException | ProtocolException | IllegalArgumentException e) {
      throw new LogDataException("the bundle cannot be read: " + e.getMessage());
    }
  }

  /**
   * Checks that receipt, leaf and proof belong together.
   *
   * @return the checkpoint that covers it
   * @throws LogDataException when they do not; the message says what
   */
  public Checkpoint verify(VerifierKey logKey) {
    LeafView view = new LeafView().wrap(leaf, 0, leaf.length);
    if (!view.hasForm() || view.claim().checkWellFormed() != 0) {
      throw new LogDataException("the bundle's leaf is no leaf of this log's kind");
    }
    Bytes32 claimId = view.claimId();
    if (!claimId.equals(receipt.claimId()) || view.position() != receipt.position()) {
      throw new LogDataException(
          "the receipt is for claim %s at position %d, the leaf for %s at %d"
              .formatted(receipt.claimId(), receipt.position(), claimId, view.position()));
    }
    Claim claim = view.claim().toClaim();
    receipt
        .counterSignature()
        .ifPresent(
            signature -> {
              if (!Ecdsa.verify(
                  claim.spendTemplate().digest().toArray(),
                  signature.toArray(),
                  claim.terms().vtsKey().toArray())) {
                throw new LogDataException("the receipt's counter-signature is not the VTS's");
              }
            });
    return proof.verify(leaf, logKey);
  }
}
