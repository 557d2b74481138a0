package org.micropay.vts.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.micropay.vts.journal.AnchorFile;
import org.micropay.vts.ticket.Bytes32;

/**
 * What a journal was at an earlier time: the chain hash of one record, which covers every record
 * before it. Kept away from the operator, it is what catches a journal that was written anew with
 * all its hashes. The result of an audit with {@code --json} is one, and a server's anchor.
 *
 * @param position of the record
 * @param chain its stored chain hash
 * @param identity of the journal, where the source tells it
 */
public record Checkpoint(long position, Bytes32 chain, Optional<Bytes32> identity)
    implements EarlierState {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Of a source that does not name the journal. */
  public Checkpoint(long position, Bytes32 chain) {
    this(position, chain, Optional.empty());
  }

  static Checkpoint of(AnchorFile.Note anchor) {
    return new Checkpoint(
        anchor.point().position(),
        Bytes32.of(anchor.point().chain()),
        Optional.of(Bytes32.of(anchor.identity())));
  }

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
