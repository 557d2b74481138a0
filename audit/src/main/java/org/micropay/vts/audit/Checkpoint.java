package org.micropay.vts.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.micropay.vts.ticket.Bytes32;

/**
 * What a journal was at an earlier time: the chain hash of one record, which covers every record
 * before it. Kept away from the operator, it is what catches a journal that was written anew with
 * all its hashes. The result of an audit with {@code --json} is one.
 *
 * @param position of the record
 * @param chain its stored chain hash
 */
public record Checkpoint(long position, Bytes32 chain) implements EarlierState {
  private static final ObjectMapper JSON = new ObjectMapper();

  static Checkpoint parse(Path file, byte[] bytes) throws IOException {
    JsonNode json;
    try {
      json = JSON.readTree(bytes);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(file + " is not the JSON result of an audit", e);
    }
    JsonNode checkpoint = json.path("checkpoint");
    if (!checkpoint.path("position").canConvertToLong()
        || !checkpoint.path("chain").asText("").matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException(
          file + " has no checkpoint.position and checkpoint.chain; give an audit's --json result");
    }
    return new Checkpoint(
        checkpoint.path("position").asLong(), Bytes32.fromHex(checkpoint.path("chain").asText()));
  }
}
