package org.micropay.vts.appliance.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Base64;
import java.util.HexFormat;
import org.micropay.vts.appliance.log.Inclusion;
import org.micropay.vts.pipeline.ClaimSlot;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.Receipt;

/**
 * A claim's answer as JSON.
 *
 * @param code name of the answer code
 * @param number its number
 * @param claimId hex, 64 digits
 * @param position journal record that the receipt names
 * @param signature hex of the 64-byte counter-signature; absent unless granted
 * @param receipt base64url of the canonical receipt
 * @param inclusion proof that the decision is in the public log; absent until a checkpoint covers
 *     it
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record ClaimAnswer(
    String code,
    int number,
    String claimId,
    long position,
    String signature,
    String receipt,
    Inclusion inclusion) {

  /** Copies what the slot holds; the slot is reused after the call. */
  static ClaimAnswer of(ClaimSlot slot) {
    AnswerCode code = AnswerCode.ofNumber(slot.code());
    boolean granted = code == AnswerCode.GRANTED;
    Receipt receipt =
        new Receipt(
            Bytes32.of(slot.claimId()),
            code,
            slot.receiptPosition(),
            granted
                ? java.util.Optional.of(CompactSignature.of(slot.signature()))
                : java.util.Optional.empty());
    return new ClaimAnswer(
        code.name(),
        code.number(),
        HexFormat.of().formatHex(slot.claimId()),
        slot.receiptPosition(),
        granted ? HexFormat.of().formatHex(slot.signature()) : null,
        Base64.getUrlEncoder().withoutPadding().encodeToString(receipt.encode()),
        null);
  }

  /** The same with the proof. */
  ClaimAnswer with(Inclusion proof) {
    return new ClaimAnswer(code, number, claimId, position, signature, receipt, proof);
  }
}
