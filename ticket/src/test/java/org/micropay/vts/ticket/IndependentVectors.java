package org.micropay.vts.ticket;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/** Test vectors that an independent program made from the protocol's description alone. */
record IndependentVectors(JsonNode json) {

  static List<IndependentVectors> all() throws IOException {
    try (InputStream in = IndependentVectors.class.getResourceAsStream("/protocol-vectors.json")) {
      List<IndependentVectors> vectors = new ArrayList<>();
      new ObjectMapper().readTree(in).forEach(node -> vectors.add(new IndependentVectors(node)));
      return vectors;
    }
  }

  String hex(String field) {
    return json.get(field).textValue();
  }

  Bytes32 bytes32(String field) {
    return Bytes32.fromHex(hex(field));
  }

  Terms terms() {
    JsonNode t = json.get("terms");
    return new Terms(
        Bytes.getIntLe(Bytes.fromHex(t.get("network").textValue()), 0),
        new Outpoint(Bytes32.fromHex(t.get("txid").textValue()), t.get("vout").intValue()),
        t.get("value").longValue(),
        t.get("payout").longValue(),
        t.get("odds").intValue(),
        t.get("refundHeight").intValue(),
        PublicKey.fromHex(t.get("buyerKey").textValue()),
        PublicKey.fromHex(t.get("vtsKey").textValue()));
  }

  Claim claim() {
    return new Claim(
        terms(),
        bytes32("commitment"),
        new Opening(Bytes16.fromHex(hex("r1")), Bytes16.fromHex(hex("s"))),
        Bytes16.fromHex(hex("r2")),
        json.get("expiry").longValue(),
        PayoutScript.fromHex(hex("payoutScript")),
        CompactSignature.fromHex(hex("sigTicket")),
        CompactSignature.fromHex(hex("sigSpend")));
  }

  boolean wins() {
    return json.get("wins").booleanValue();
  }
}
