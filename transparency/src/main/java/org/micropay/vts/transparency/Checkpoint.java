package org.micropay.vts.transparency;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.micropay.vts.ticket.Bytes32;

/**
 * A tree head (C2SP tlog-checkpoint): which log, how many leaves, which root. Its text is three
 * lines; extension lines of other logs are read over, ours has none.
 *
 * @param origin identity of the log
 * @param size number of leaves
 * @param root of the tree
 */
public record Checkpoint(String origin, long size, Bytes32 root) {
  private static final int LINES = 3;

  /**
   * Checks that the origin may stand in a line and in a key's name.
   *
   * @throws LogDataException when not, or when the empty tree has another root than it must
   */
  public Checkpoint {
    Objects.requireNonNull(root);
    VerifierKey.requireName(origin);
    if (size < 0) {
      throw new LogDataException("a tree of " + size + " leaves");
    }
    if (size == 0 && !root.equals(TreeHasher.EMPTY_ROOT)) {
      throw new LogDataException("the empty tree has the root " + TreeHasher.EMPTY_ROOT);
    }
  }

  /**
   * The text of a note.
   *
   * @throws LogDataException when it is no checkpoint
   */
  public static Checkpoint parse(String text) {
    String[] lines = text.split("\n", -1);
    if (lines.length < LINES + 1 || !lines[lines.length - 1].isEmpty()) {
      throw new LogDataException("a checkpoint has at least three lines: origin, size, root");
    }
    for (int i = 0; i < lines.length - 1; i++) {
      if (lines[i].isEmpty()) {
        throw new LogDataException("line %d of a checkpoint is empty".formatted(i + 1));
      }
    }
    byte[] root = StrictBase64.decode("the root of a checkpoint", lines[2]);
    if (root.length != Bytes32.LENGTH) {
      throw new LogDataException("the root of a checkpoint has 32 bytes, not " + root.length);
    }
    return new Checkpoint(lines[0], size(lines[1]), Bytes32.of(root));
  }

  private static long size(String line) {
    if (!line.matches("0|[1-9][0-9]{0,18}")) {
      throw new LogDataException(
          "the size of a checkpoint is a decimal number, not '" + line + "'");
    }
    try {
      return Long.parseLong(line);
    } catch (NumberFormatException e) {
      throw new LogDataException("the size of a checkpoint is beyond 2^63 - 1: " + line, e);
    }
  }

  /**
   * The checkpoint of a note, signed by the log's key.
   *
   * @throws LogDataException when the signature is missing or wrong, or the origin is not the key's
   *     name
   */
  public static Checkpoint of(SignedNote note, VerifierKey logKey) {
    if (note.signedBy(logKey).isEmpty()) {
      throw new LogDataException("the checkpoint has no signature of log key " + logKey);
    }
    Checkpoint checkpoint = parse(note.text());
    if (!checkpoint.origin.equals(logKey.name())) {
      throw new LogDataException(
          "the checkpoint is of log '%s', the key of '%s'"
              .formatted(checkpoint.origin, logKey.name()));
    }
    return checkpoint;
  }

  /** The three lines, each with its newline: what the log signs. */
  public String text() {
    return origin + '\n' + size + '\n' + StrictBase64.encode(root.toArray()) + '\n';
  }

  /** {@link #text} in UTF-8. */
  public byte[] textBytes() {
    return text().getBytes(StandardCharsets.UTF_8);
  }

  /** The note with the log's signature alone. */
  public SignedNote sign(VerifierKey logKey, Ed25519Signature signature) {
    return new SignedNote(
        text(), java.util.List.of(new NoteLine(logKey.name(), logKey.id(), signature.toArray())));
  }
}
