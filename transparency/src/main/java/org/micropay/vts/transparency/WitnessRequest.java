package org.micropay.vts.transparency;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.micropay.vts.ticket.Bytes32;

/**
 * Asks a witness for its cosignature: the body of {@code add-checkpoint} (C2SP tlog-witness).
 *
 * <pre>
 *  old 20852014
 *  base64 of each hash of the consistency proof
 *
 *  the checkpoint as a signed note
 * </pre>
 *
 * @param oldSize the size that the witness cosigned last; 0 when none
 * @param proof from there to the checkpoint
 * @param note the checkpoint
 */
public record WitnessRequest(long oldSize, List<Bytes32> proof, SignedNote note) {
  /** Most hashes that a witness takes. */
  public static final int MAX_HASHES = 63;

  private static final String OLD = "old ";

  /** Copies the proof. */
  public WitnessRequest {
    proof = List.copyOf(proof);
  }

  /**
   * The body of a request, for a witness.
   *
   * @throws LogDataException when it is none
   */
  public static WitnessRequest parse(byte[] body) {
    String text = new String(body, StandardCharsets.UTF_8);
    int blank = text.indexOf("\n\n");
    String[] lines = blank < 0 ? new String[] {""} : text.substring(0, blank).split("\n", -1);
    if (!lines[0].matches(OLD + "(0|[1-9][0-9]{0,17})") || lines.length > 1 + MAX_HASHES) {
      throw new LogDataException("a request names the old size, then at most 63 hashes");
    }
    List<Bytes32> proof = new ArrayList<>();
    for (int i = 1; i < lines.length; i++) {
      byte[] hash = StrictBase64.decode("a hash of the proof", lines[i]);
      if (hash.length != Bytes32.LENGTH) {
        throw new LogDataException("a hash of the proof has " + hash.length + " bytes");
      }
      proof.add(Bytes32.of(hash));
    }
    return new WitnessRequest(
        Long.parseLong(lines[0].substring(OLD.length())),
        proof,
        SignedNote.parse(text.substring(blank + 2).getBytes(StandardCharsets.UTF_8)));
  }

  /** UTF-8. */
  public byte[] encode() {
    StringBuilder body = new StringBuilder(OLD).append(oldSize).append('\n');
    proof.forEach(hash -> body.append(StrictBase64.encode(hash.toArray())).append('\n'));
    return body.append('\n').append(note).toString().getBytes(StandardCharsets.UTF_8);
  }
}
