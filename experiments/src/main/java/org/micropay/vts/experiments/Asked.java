package org.micropay.vts.experiments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Optional;
import org.micropay.vts.merchant.PresentedTicket;
import org.micropay.vts.ticket.Ask;
import org.micropay.vts.ticket.ProtocolException;

/**
 * What a buyer needs of the sample server's /ask document.
 *
 * @param counter to come back beside the ticket
 * @param ask commitment and payout script
 * @param minExpirySeconds that the ticket must be good for
 */
record Asked(long counter, Ask ask, long minExpirySeconds) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Empty when the document is none. */
  static Optional<Asked> fromDocument(byte[] body) {
    try {
      JsonNode json = JSON.readTree(body);
      return Optional.of(
          new Asked(
              PresentedTicket.parseCounter(json.path("counter").asText()),
              Ask.fromBase64Url(json.path("ask").asText()),
              json.path("minExpirySeconds").asLong()));
    } catch (IOException | IllegalArgumentException | ProtocolException e) {
      return Optional.empty();
    }
  }
}
