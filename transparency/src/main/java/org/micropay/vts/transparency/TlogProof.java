package org.micropay.vts.transparency;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.micropay.vts.ticket.Bytes32;

/**
 * The proof that a leaf is in a log, checkpoint and cosignatures included (C2SP tlog-proof), for
 * whoever has the leaf and knows the log's key:
 *
 * <pre>
 *  c2sp.org/tlog-proof@v1
 *  index 73894
 *  base64 of each hash, from the leaf's sibling up
 *
 *  the checkpoint as a signed note
 * </pre>
 *
 * @param index of the leaf, from 0
 * @param hashes beside the way from the leaf to the root
 * @param note the checkpoint
 */
public record TlogProof(long index, List<Bytes32> hashes, SignedNote note) {
  private static final String HEADER = "c2sp.org/tlog-proof@v1";
  private static final String INDEX = "index ";
  private static final String EXTRA = "extra ";

  /** Copies the hashes. */
  public TlogProof {
    hashes = List.copyOf(hashes);
  }

  /**
   * The text form.
   *
   * @throws LogDataException when it is none
   */
  public static TlogProof parse(String text) {
    int blank = text.indexOf("\n\n");
    if (blank < 0 || text.length() > 2 * SignedNote.MAX_LENGTH) {
      throw new LogDataException("a proof is lines, an empty line, and a checkpoint");
    }
    List<String> lines = List.of(text.substring(0, blank).split("\n", -1));
    int at = 1;
    if (!lines.getFirst().equals(HEADER)) {
      throw new LogDataException("a proof begins with " + HEADER);
    }
    if (at < lines.size() && lines.get(at).startsWith(EXTRA)) {
      at++;
    }
    if (at >= lines.size() || !lines.get(at).matches(INDEX + "(0|[1-9][0-9]{0,17})")) {
      throw new LogDataException("a proof names the index of its leaf");
    }
    long index = Long.parseLong(lines.get(at).substring(INDEX.length()));
    List<Bytes32> hashes = new ArrayList<>();
    for (String line : lines.subList(at + 1, lines.size())) {
      byte[] hash = StrictBase64.decode("a hash of the proof", line);
      if (hash.length != Bytes32.LENGTH || hashes.size() == Proofs.MAX_HASHES) {
        throw new LogDataException("a proof has at most 64 hashes of 32 bytes");
      }
      hashes.add(Bytes32.of(hash));
    }
    return new TlogProof(
        index,
        hashes,
        SignedNote.parse(text.substring(blank + 2).getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * Checks that the leaf is in the log.
   *
   * @return the checkpoint that it is in
   * @throws LogDataException when the checkpoint is not signed by the key, or the leaf is not in it
   */
  public Checkpoint verify(byte[] leaf, VerifierKey logKey) {
    Checkpoint checkpoint = Checkpoint.of(note, logKey);
    Bytes32 hash = new TreeHasher().leaf(leaf);
    if (!Proofs.verifyInclusion(hash, index, checkpoint.size(), hashes, checkpoint.root())) {
      throw new LogDataException(
          "the proof does not lead from the leaf at %d to the root of %d leaves"
              .formatted(index, checkpoint.size()));
    }
    return checkpoint;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(HEADER).append('\n').append(INDEX).append(index);
    hashes.forEach(hash -> text.append('\n').append(StrictBase64.encode(hash.toArray())));
    return text.append("\n\n").append(note).toString();
  }
}
