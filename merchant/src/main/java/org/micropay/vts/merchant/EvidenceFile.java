package org.micropay.vts.merchant;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.micropay.vts.secp256k1.Ecdsa;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.DoubleSpendEvidence;
import org.micropay.vts.ticket.DoubleSpendEvidence.Decided;
import org.micropay.vts.ticket.DoubleSpendEvidence.Finding;
import org.micropay.vts.ticket.Network;
import org.micropay.vts.ticket.ProtocolException;
import org.micropay.vts.ticket.Receipt;
import org.micropay.vts.ticket.Registration;

/**
 * The evidence of a double-spend as a file, {@code vts-evidence/1} of docs/PROTOCOL.md: one JSON
 * document with the protocol's messages in base64url. Anyone can check it without asking anyone.
 * Static, any thread.
 */
public final class EvidenceFile {
  /** The format's name and version. */
  public static final String FORMAT = "vts-evidence/1";

  /** Longest file in bytes that is read. */
  public static final int MAX_LENGTH = 64 * 1024;

  private static final Set<String> FIELDS =
      Set.of(
          "format", "network", "vtsKey", "registration", "grant", "doubleSpend", "burnSignature");
  private static final Set<String> REGISTRATION_FIELDS = Set.of("position", "message");
  private static final Set<String> DECISION_FIELDS =
      Set.of("position", "timeMillis", "claim", "receipt");
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private EvidenceFile() {}

  /** A file that cannot be read as evidence; what is read but proves nothing is a finding. */
  public static final class UnreadableException extends Exception {
    private static final long serialVersionUID = 1L;

    UnreadableException(String message) {
      super(message);
    }
  }

  /** The document, UTF-8. */
  public static byte[] write(DoubleSpendEvidence evidence) {
    try {
      return JSON.writeValueAsBytes(document(evidence));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("evidence is not serialisable", e);
    }
  }

  /** The document as a tree of maps, for a JSON interface. */
  public static Map<String, Object> document(DoubleSpendEvidence evidence) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("format", FORMAT);
    document.put(
        "network", Network.ofMagic(evidence.terms().network()).map(Network::id).orElse("unknown"));
    document.put("vtsKey", evidence.terms().vtsKey().toHex());
    Map<String, Object> registration = new LinkedHashMap<>();
    registration.put("position", evidence.registrationPosition());
    registration.put("message", evidence.registration().toBase64Url());
    document.put("registration", registration);
    document.put("grant", decision(evidence.grant(), evidence.grantReceipt()));
    document.put("doubleSpend", decision(evidence.second(), Optional.of(evidence.secondReceipt())));
    evidence.burnSignature().ifPresent(burn -> document.put("burnSignature", burn.toHex()));
    return document;
  }

  private static Map<String, Object> decision(Decided decided, Optional<Receipt> receipt) {
    Map<String, Object> decision = new LinkedHashMap<>();
    decision.put("position", decided.position());
    decision.put("timeMillis", decided.timeMillis());
    decision.put("claim", decided.claim().toBase64Url());
    receipt.ifPresent(value -> decision.put("receipt", value.toBase64Url()));
    return decision;
  }

  /**
   * Reads a document.
   *
   * @throws UnreadableException when it is not one, to its last byte, or its parts contradict each
   *     other
   */
  public static DoubleSpendEvidence read(byte[] file) throws UnreadableException {
    if (file.length > MAX_LENGTH) {
      throw new UnreadableException(
          file.length + " bytes are too long for evidence; at most " + MAX_LENGTH);
    }
    try {
      JsonNode document = JSON.readTree(file);
      fields(document, "the document", FIELDS);
      String format = text(document, "format");
      if (!format.equals(FORMAT)) {
        throw new UnreadableException("format is '" + format + "', not '" + FORMAT + "'");
      }
      return evidence(document);
    } catch (JsonProcessingException e) {
      throw new UnreadableException("not a JSON document: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new UnreadableException("not a JSON document: " + e.getMessage());
    } catch (ProtocolException e) {
      throw new UnreadableException(e.code() + ": " + e.getMessage());
    }
  }

  private static DoubleSpendEvidence evidence(JsonNode document) throws UnreadableException {
    JsonNode registered = document.path("registration");
    fields(registered, "registration", REGISTRATION_FIELDS);
    JsonNode grant = document.path("grant");
    fields(grant, "grant", DECISION_FIELDS);
    JsonNode second = document.path("doubleSpend");
    fields(second, "doubleSpend", DECISION_FIELDS);
    Optional<Receipt> grantReceipt =
        grant.has("receipt")
            ? Optional.of(Receipt.fromBase64Url(text(grant, "receipt")))
            : Optional.empty();
    Receipt secondReceipt = Receipt.fromBase64Url(text(second, "receipt"));
    DoubleSpendEvidence evidence =
        new DoubleSpendEvidence(
            Registration.fromBase64Url(text(registered, "message")),
            number(registered, "position"),
            decided(grant),
            grantReceipt.flatMap(Receipt::counterSignature),
            decided(second),
            document.has("burnSignature")
                ? Optional.of(CompactSignature.fromHex(text(document, "burnSignature")))
                : Optional.empty());
    same("network", text(document, "network"), document(evidence).get("network"));
    same("vtsKey", text(document, "vtsKey"), evidence.terms().vtsKey().toHex());
    same("grant.receipt", grantReceipt, evidence.grantReceipt());
    same("doubleSpend.receipt", secondReceipt, evidence.secondReceipt());
    return evidence;
  }

  private static Decided decided(JsonNode node) throws UnreadableException {
    return new Decided(
        Claim.fromBase64Url(text(node, "claim")),
        number(node, "position"),
        number(node, "timeMillis"));
  }

  private static void same(String name, Object given, Object derived) throws UnreadableException {
    if (!given.equals(derived)) {
      throw new UnreadableException(
          "%s is %s, but the messages say %s".formatted(name, given, derived));
    }
  }

  private static void fields(JsonNode node, String where, Set<String> known)
      throws UnreadableException {
    if (!node.isObject()) {
      throw new UnreadableException(where + " is missing or no object");
    }
    List<String> unknown =
        node.propertyStream().map(Map.Entry::getKey).filter(name -> !known.contains(name)).toList();
    if (!unknown.isEmpty()) {
      throw new UnreadableException(where + " has unknown fields " + unknown);
    }
  }

  private static String text(JsonNode node, String name) throws UnreadableException {
    JsonNode value = node.path(name);
    if (!value.isTextual()) {
      throw new UnreadableException("field '" + name + "' is missing or no text");
    }
    return value.textValue();
  }

  private static long number(JsonNode node, String name) throws UnreadableException {
    JsonNode value = node.path(name);
    if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
      throw new UnreadableException("field '" + name + "' is missing or no whole number");
    }
    return value.longValue();
  }

  /** {@link DoubleSpendEvidence#check} with libsecp256k1. */
  public static List<Finding> check(DoubleSpendEvidence evidence) {
    return evidence.check(
        (digest, signature, key) ->
            Ecdsa.verify(digest.toArray(), signature.toArray(), key.toArray()));
  }
}
