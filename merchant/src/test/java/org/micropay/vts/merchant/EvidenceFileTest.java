package org.micropay.vts.merchant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.micropay.vts.secp256k1.Ecdsa;
import org.micropay.vts.secp256k1.SecretKey;
import org.micropay.vts.ticket.Ask;
import org.micropay.vts.ticket.Bytes16;
import org.micropay.vts.ticket.Bytes32;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.Deposit;
import org.micropay.vts.ticket.DoubleSpendEvidence;
import org.micropay.vts.ticket.DoubleSpendEvidence.Decided;
import org.micropay.vts.ticket.DoubleSpendEvidence.Finding;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.Opening;
import org.micropay.vts.ticket.Outpoint;
import org.micropay.vts.ticket.PayoutScript;
import org.micropay.vts.ticket.PublicKey;
import org.micropay.vts.ticket.SpendTemplate;
import org.micropay.vts.ticket.Terms;

/** What proves a double-spend, and that nothing else does: every bit of every part is turned. */
class EvidenceFileTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final SecretKey BUYER = SecretKey.generate();
  private static final SecretKey VTS = SecretKey.generate();
  private static final SecretKey OTHER = SecretKey.generate();
  private static final long EXPIRY = 1_800_000_000L;
  private static final long TIME = (EXPIRY - 100) * 1000;

  private static final Terms TERMS = terms(1_000_000);

  private static Terms terms(long payout) {
    return new Terms(
        Network.REGTEST.magic(),
        new Outpoint(bytes32(1), 1),
        1_010_000,
        payout,
        128,
        900_000,
        PublicKey.of(BUYER.publicKey()),
        PublicKey.of(VTS.publicKey()));
  }

  private static Bytes32 bytes32(int fill) {
    byte[] bytes = new byte[32];
    Arrays.fill(bytes, (byte) fill);
    return Bytes32.of(bytes);
  }

  private static CompactSignature sign(SecretKey key, Bytes32 digest) {
    return CompactSignature.of(Ecdsa.sign(key, digest.toArray()));
  }

  private static Bytes16 bytes16(int fill) {
    byte[] bytes = new byte[16];
    Arrays.fill(bytes, (byte) fill);
    return Bytes16.of(bytes);
  }

  /** r1 and r2 begin alike exactly when it wins. */
  private static Claim claim(SecretKey key, Terms terms, int seed, boolean wins) {
    Opening opening = new Opening(bytes16(seed), bytes16(seed + 1));
    Ask ask = new Ask(opening.commitment(), PayoutScript.fromHex("0014" + "5a".repeat(20)));
    Bytes16 r2 = bytes16(wins ? seed : ~seed);
    return Claim.of(terms, TicketSigner.ticket(key, terms, ask, r2, EXPIRY), opening);
  }

  private static DoubleSpendEvidence evidence(Claim first, Claim second) {
    Deposit deposit =
        TicketSigner.deposit(BUYER, TERMS, new Outpoint(bytes32(2), 0), 5_000_000, 901_000, 2_000);
    return new DoubleSpendEvidence(
        TicketSigner.registration(BUYER, TERMS, Optional.of(deposit)),
        7,
        new Decided(first, 10, TIME),
        Optional.of(sign(VTS, first.spendTemplate().digest())),
        new Decided(second, 12, TIME + 5),
        Optional.of(sign(VTS, SpendTemplate.burn(TERMS, deposit).digest())));
  }

  private static DoubleSpendEvidence proof() {
    return evidence(claim(BUYER, TERMS, 20, true), claim(BUYER, TERMS, 40, true));
  }

  private static List<String> failed(DoubleSpendEvidence evidence) {
    return EvidenceFile.check(evidence).stream()
        .filter(finding -> !finding.passed())
        .map(Finding::check)
        .toList();
  }

  @Test
  void shouldProveAndComeBackFromItsFile() throws EvidenceFile.UnreadableException {
    DoubleSpendEvidence proof = proof();
    assertEquals(List.of(), failed(proof));
    byte[] file = EvidenceFile.write(proof);
    DoubleSpendEvidence read = EvidenceFile.read(file);
    assertArrayEquals(file, EvidenceFile.write(read));
    assertEquals(List.of(), failed(read));
    DoubleSpendEvidence least =
        new DoubleSpendEvidence(
            TicketSigner.registration(BUYER, TERMS, Optional.empty()),
            7,
            proof.grant(),
            Optional.empty(),
            proof.second(),
            Optional.empty());
    assertEquals(List.of(), failed(EvidenceFile.read(EvidenceFile.write(least))));
  }

  @Test
  void shouldNotProveWhatIsNoDoubleSpend() {
    Claim winner = claim(BUYER, TERMS, 20, true);
    assertEquals(List.of("two different tickets"), failed(evidence(winner, winner)));
    assertEquals(
        List.of("second claim: wins"), failed(evidence(winner, claim(BUYER, TERMS, 40, false))));
    assertEquals(
        List.of("second claim: ticket signature", "second claim: spend signature"),
        failed(evidence(winner, claim(OTHER, TERMS, 40, true))));
    assertEquals(
        List.of("second claim: terms"),
        failed(evidence(winner, claim(BUYER, terms(999_999), 40, true))));
    DoubleSpendEvidence late = proof();
    assertEquals(
        List.of("second claim: in time"),
        failed(
            new DoubleSpendEvidence(
                late.registration(),
                7,
                late.grant(),
                Optional.empty(),
                new Decided(late.second().claim(), 12, (EXPIRY + 1) * 1000),
                Optional.empty())));
    assertEquals(
        List.of("deposit"),
        failed(
            new DoubleSpendEvidence(
                TicketSigner.registration(BUYER, TERMS, Optional.empty()),
                7,
                late.grant(),
                Optional.empty(),
                late.second(),
                late.burnSignature())));
    assertEquals(
        List.of("order"),
        failed(
            new DoubleSpendEvidence(
                late.registration(),
                10,
                late.grant(),
                Optional.empty(),
                late.second(),
                Optional.empty())));
  }

  /** The stated value, or a fault. */
  private static boolean holds(ObjectNode document) throws IOException {
    try {
      return failed(EvidenceFile.read(JSON.writeValueAsBytes(document))).isEmpty();
    } catch (EvidenceFile.UnreadableException e) {
      assertFalse(e.getMessage().isBlank());
      return false;
    }
  }

  private static ObjectNode document() throws IOException {
    return (ObjectNode) JSON.readTree(EvidenceFile.write(proof()));
  }

  private static void tamperEveryByte(String part, String field) throws IOException {
    ObjectNode document = document();
    ObjectNode node = part.isEmpty() ? document : (ObjectNode) document.get(part);
    byte[] good = Base64.getUrlDecoder().decode(node.get(field).textValue());
    for (int i = 0; i < good.length; i++) {
      byte[] bad = good.clone();
      bad[i] ^= (byte) (1 << i % 8);
      node.put(field, Base64.getUrlEncoder().withoutPadding().encodeToString(bad));
      assertFalse(holds(document), part + "." + field + " byte " + i);
    }
    node.put(
        field,
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(Arrays.copyOf(good, good.length - 1)));
    assertFalse(holds(document), "one byte short");
  }

  @Test
  void shouldFallWithAnyByteOfAnyMessage() throws IOException {
    assertTrue(holds(document()));
    tamperEveryByte("registration", "message");
    tamperEveryByte("grant", "claim");
    tamperEveryByte("grant", "receipt");
    tamperEveryByte("doubleSpend", "claim");
    tamperEveryByte("doubleSpend", "receipt");
  }

  @Test
  void shouldFallWithEveryOtherField() throws IOException {
    ObjectNode document = document();
    byte[] burn = HexFormat.of().parseHex(document.get("burnSignature").textValue());
    for (int i = 0; i < burn.length; i++) {
      byte[] bad = burn.clone();
      bad[i] ^= (byte) (1 << i % 8);
      document.put("burnSignature", HexFormat.of().formatHex(bad));
      assertFalse(holds(document), "burn signature byte " + i);
    }
    for (String part : List.of("registration", "grant", "doubleSpend")) {
      ObjectNode other = document();
      other.withObject(part).put("position", 99);
      assertFalse(holds(other), part + ".position");
      other.withObject(part).put("position", "10");
      assertFalse(holds(other), part + ".position as text");
      other.withObject(part).put("position", 1.5);
      assertFalse(holds(other), part + ".position as fraction");
      other = document();
      other.withObject(part).put("more", 1);
      assertFalse(holds(other), part + " with a field more");
      other = document();
      other.remove(part);
      assertFalse(holds(other), "without " + part);
    }
    assertFalse(holds(document().put("format", "vts-evidence/2")));
    assertFalse(holds(document().put("network", "mainnet")));
    assertFalse(holds(document().put("vtsKey", PublicKey.of(OTHER.publicKey()).toHex())));
    ObjectNode late = document();
    late.withObject("grant").put("timeMillis", (EXPIRY + 1) * 1000);
    assertFalse(holds(late), "granted after its expiry");
  }

  @Test
  void shouldRefuseWhatIsNoDocument() {
    for (String text :
        List.of("", "{", "[]", "1", "{}", "{\"format\":\"vts-evidence/1\"}", "null")) {
      assertThrows(
          EvidenceFile.UnreadableException.class,
          () -> EvidenceFile.read(text.getBytes(StandardCharsets.UTF_8)),
          text);
    }
    String whole = new String(EvidenceFile.write(proof()), StandardCharsets.UTF_8);
    assertThrows(
        EvidenceFile.UnreadableException.class,
        () -> EvidenceFile.read((whole + "{}").getBytes(StandardCharsets.UTF_8)));
    assertThrows(
        EvidenceFile.UnreadableException.class,
        () ->
            EvidenceFile.read(
                whole
                    .replaceFirst("\\{", "{\"network\":\"regtest\",")
                    .getBytes(StandardCharsets.UTF_8)));
    assertThrows(
        EvidenceFile.UnreadableException.class,
        () -> EvidenceFile.read(new byte[EvidenceFile.MAX_LENGTH + 1]));
  }
}
