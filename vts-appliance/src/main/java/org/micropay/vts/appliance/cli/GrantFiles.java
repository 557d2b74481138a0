package org.micropay.vts.appliance.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.micropay.vts.secp256k1.Ecdsa;
import org.micropay.vts.ticket.AnswerCode;
import org.micropay.vts.ticket.Claim;
import org.micropay.vts.ticket.CompactSignature;
import org.micropay.vts.ticket.ProtocolException;
import org.micropay.vts.ticket.Receipt;

/**
 * A granted claim with its receipt, as a merchant keeps them: the document that {@code vts claim
 * --json} prints, or two files, each canonical bytes or base64url.
 *
 * @param claim what was claimed
 * @param receipt the VTS's answer, a grant whose counter-signature was verified
 */
record GrantFiles(Claim claim, Receipt receipt) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Reads and checks them.
   *
   * @param receiptFile the document, or the receipt alone
   * @param claimFile null when the document holds the claim
   */
  static GrantFiles read(Path receiptFile, Path claimFile) {
    byte[] bytes = ClaimFile.bytes(receiptFile, "receipt");
    Claim claim = claimFile == null ? null : ClaimFile.read(claimFile);
    try {
      Receipt receipt;
      if (isJson(bytes)) {
        JsonNode document = JSON.readTree(bytes);
        receipt = Receipt.fromBase64Url(field(receiptFile, document, "receipt"));
        if (claim == null) {
          claim = Claim.fromBase64Url(field(receiptFile, document, "claim"));
        }
      } else if (bytes.length == Receipt.LENGTH) {
        receipt = Receipt.decode(bytes);
      } else {
        receipt = Receipt.fromBase64Url(new String(bytes, StandardCharsets.US_ASCII).strip());
      }
      if (claim == null) {
        throw new CommandException(
            ExitCode.USAGE,
            "USAGE",
            receiptFile + " is a receipt alone; name the claim as well with --claim FILE");
      }
      return checked(receiptFile, claim, receipt);
    } catch (ProtocolException e) {
      throw new CommandException(
          ExitCode.DATA, e.code().name(), receiptFile + ": " + e.getMessage());
    } catch (JsonProcessingException e) {
      throw malformed(receiptFile, "is no JSON document: " + e.getOriginalMessage());
    } catch (java.io.IOException e) {
      throw malformed(receiptFile, "cannot be read as JSON: " + e.getMessage());
    }
  }

  private static boolean isJson(byte[] bytes) {
    for (byte b : bytes) {
      if (b != ' ' && b != '\t' && b != '\n' && b != '\r') {
        return b == '{';
      }
    }
    return false;
  }

  private static String field(Path file, JsonNode document, String name) {
    JsonNode value = document.path(name);
    if (!value.isTextual()) {
      throw malformed(
          file, "has no '" + name + "'; it must be what 'vts claim --json' prints for a grant");
    }
    return value.asText();
  }

  private static GrantFiles checked(Path file, Claim claim, Receipt receipt) {
    if (receipt.code() != AnswerCode.GRANTED) {
      throw new CommandException(
          ExitCode.NEGATIVE,
          receipt.code().name(),
          file + " is no grant but " + receipt.code() + ": there is nothing to release");
    }
    if (!receipt.claimId().equals(claim.id())) {
      throw malformed(file, "is for claim %s, not for %s".formatted(receipt.claimId(), claim.id()));
    }
    CompactSignature signature = receipt.counterSignature().orElseThrow();
    boolean valid =
        Ecdsa.verify(
            claim.spendTemplate().digest().toArray(),
            signature.toArray(),
            claim.terms().vtsKey().toArray());
    if (!valid) {
      throw malformed(
          file,
          "has a counter-signature that is not of the terms' VTS key " + claim.terms().vtsKey());
    }
    return new GrantFiles(claim, receipt);
  }

  private static CommandException malformed(Path file, String what) {
    return new CommandException(ExitCode.DATA, "MALFORMED", file + " " + what);
  }
}
