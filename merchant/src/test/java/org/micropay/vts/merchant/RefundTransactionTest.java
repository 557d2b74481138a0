package org.micropay.vts.merchant;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.Terms;

/** The refund of docs/PROTOCOL.md's worked vectors, to the byte. */
class RefundTransactionTest {
  private static String vector(String name) throws IOException {
    Path file =
        Path.of(System.getProperty("vts.root", ".."))
            .resolve("ticket/src/test/resources/worked-vectors.json");
    JsonNode vectors = new ObjectMapper().readTree(Files.readAllBytes(file));
    for (var entry : vectors.properties()) {
      if (entry.getKey().startsWith(name)) {
        return entry.getValue().asText();
      }
    }
    throw new AssertionError("no vector " + name);
  }

  @Test
  void shouldBeTheWorkedOne() throws IOException {
    HexFormat hex = HexFormat.of();
    Terms terms = Terms.decode(hex.parseHex(TERMS));
    try (SecretKey key = SecretKey.moveFrom(hex.parseHex(vector("buyer secret")))) {
      PayoutScript target = PayoutScript.fromHex(vector("payoutScript"));
      RefundTransaction worked = RefundTransaction.sign(key, terms, target, 200, 0);
      assertEquals(vector("refund transaction"), hex.formatHex(worked.transaction()));
      RefundTransaction priced = RefundTransaction.sign(key, terms, target, 3);
      assertEquals(3L * priced.virtualSize(), priced.fee());
      int bytes = worked.transaction().length;
      assertTrue(priced.virtualSize() < bytes && priced.virtualSize() > bytes / 2);
      assertThrows(
          IllegalArgumentException.class,
          () -> RefundTransaction.sign(key, terms, target, 1_000_000));
    }
  }

  private static final String TERMS =
      "fabfb5da0c2168acee4a215ba9d8d7c13a714d99692dbc8efea2a1a6d3a32365a3a382d00100000050690f0000"
          + "00000040420f000000000080000000a0bb0d00031c206e527293fb1725245707705cf783d47f8dc45c050bb38d"
          + "36eb853b40a6b702e666562ff47964aba5f7e8a98b0ce9c9e264740ff809a712f83600876eaa0b5e";
}
